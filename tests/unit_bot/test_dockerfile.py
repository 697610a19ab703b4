"""The image, as far as it can be judged without building it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
INSTRUCTIONS = re.findall(r"^([A-Z]+)\s+(.*)$", DOCKERFILE, re.MULTILINE)
LAST_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


def copied() -> list[str]:
    copies = [rest.split() for word, rest in INSTRUCTIONS if word == "COPY"]
    return [path for words in copies if words[0] != "--from=build" for path in words[:-1]]


@pytest.mark.parametrize("path", copied())
def test_every_copied_path_exists_and_is_sent_to_the_engine(path):
    assert (ROOT / path).exists()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert f"!{path}" in ignored


def test_every_base_is_pinned():
    bases = [rest for word, rest in INSTRUCTIONS if word == "FROM"]
    assert len(bases) == 2
    assert all(re.match(r"python:3\.11\.\d+-slim-\w+( AS \w+)?$", base) for base in bases)


def test_the_last_stage_runs_as_nobody_in_particular():
    (user,) = re.findall(r"^USER (\S+)$", LAST_STAGE, re.MULTILINE)
    assert user.split(":")[0].isdigit()
    assert int(user.split(":")[0]) > 0


def test_the_last_stage_has_no_build_tools():
    assert not re.search(r"apt-get|pip|gcc|setuptools", LAST_STAGE)


def test_the_command_is_the_console_script():
    assert 'ENTRYPOINT ["rca-bot"]' in LAST_STAGE
    assert 'CMD ["run"]' in LAST_STAGE
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'^rca-bot = "bot\.cli:main"$', project, re.MULTILINE)


def test_the_health_check_asks_the_bot():
    assert "/api/health/healthz" in LAST_STAGE
    assert "HEALTHCHECK" in LAST_STAGE

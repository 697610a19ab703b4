"""What the documents promise is what the code does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.metrics import Metrics
from bot.settings import Settings, example_env, load_settings, variables_table
from bot.workspace.state import MANIFEST_EVENTS, MANIFEST_SCOPES
from providers.base import LLMProviderFactory
from providers.compatible import CompatibleSettings
from providers.network import NetworkSettings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKE = ("make run", "make test")


def settings_classes():
    providers = map(LLMProviderFactory.provider_class, LLMProviderFactory.names())
    classes = (getattr(provider, "settings_class", None) for provider in providers)
    return [
        Settings,
        *(cls for cls in classes if cls is not None),
        CompatibleSettings,
        NetworkSettings,
    ]


def test_the_example_environment_is_that_of_the_settings():
    """Write it anew with `python tests/unit_bot/test_documents.py`."""
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example_env(settings_classes())


PROVIDERS_PAGE = ROOT / "docs" / "providers.md"
TABLE = re.compile(r"(?<=<!-- variables -->\n).*?(?=<!-- end of variables -->)", re.DOTALL)


def test_the_table_of_the_providers_variables_is_that_of_the_settings():
    """Write it anew with `python tests/unit_bot/test_documents.py`."""
    (written,) = TABLE.findall(PROVIDERS_PAGE.read_text(encoding="utf-8"))
    assert written == variables_table(settings_classes()[1:])


def test_every_provider_has_a_chapter_that_says_all():
    chapters = re.split(r"^## ", PROVIDERS_PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    told = {name: chapter for chapter in chapters for name in re.findall(r"^.*?`(\w+)`\n", chapter)}
    assert set(LLMProviderFactory.names()) <= set(told)
    for name in LLMProviderFactory.names():
        for part in ("**Set**", "```ini", "**Choose it**", "**Health**", "**Traps**"):
            assert part in told[name], (name, part)


def test_the_examples_set_variables_that_are_read():
    known = set()
    for cls in settings_classes():
        for name, field in cls.model_fields.items():
            known.add((str(cls.model_config.get("env_prefix") or "") + name).upper())
            known.update(map(str, getattr(field.validation_alias, "choices", ())))
    pages = (PROVIDERS_PAGE, ROOT / "docs" / "fallback.md")
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    for block in re.findall(r"```ini\n(.*?)```", text, re.DOTALL):
        for name in re.findall(r"^(\w+)=", block, re.MULTILINE):
            assert re.sub(r"(?<=RCA_COMPATIBLE_)[A-Z]+(?=_)", "<NAME>", name) in known, name


FALLBACK_PAGE = (ROOT / "docs" / "fallback.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```ini\n(.*?)```", FALLBACK_PAGE, re.DOTALL))
def test_every_block_of_the_fallback_page_can_be_copied(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(block, encoding="utf-8")
    settings = load_settings(slack=False)
    set_here = {line.partition("=")[0].lower() for line in block.splitlines()}
    assert set_here <= settings.model_fields_set


def test_every_metric_is_on_its_page():
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    metrics = Metrics()
    metrics.watch(dict, lambda: 0)
    body, _ = metrics.exposition()
    names = re.findall(r"^# TYPE (\w+) (?:counter|histogram|gauge)$", body.decode(), re.MULTILINE)
    told = [name for name in names if not name.endswith("_created")]
    assert len(told) >= 20
    assert [name for name in told if not is_told(name, page)] == []


def is_told(name, page):
    """Whether a page names a metric, be it by its ending after a shared beginning."""
    endings = re.findall(r"`…(\w+)`", page)
    return f"`{name}`" in page or any(name.endswith(ending) for ending in endings)


def shell_blocks() -> list[str]:
    return [block.strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]


@pytest.mark.parametrize("block", [block for block in shell_blocks() if block not in MAKE])
def test_every_shell_block_of_the_readme_runs(block):
    done = subprocess.run(
        ["bash", "-ec", block], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_readmes_first_command_starts_the_bot(monkeypatch):
    monkeypatch.setenv("RCA_PORT", "0")
    for name in ("OLLAMA", "VLLM", "LMSTUDIO"):
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9")
    assert "make run" in shell_blocks()
    said = ""
    with subprocess.Popen(
        ["make", "run"], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "3. paste a log" in line:
                os.killpg(process.pid, signal.SIGTERM)
    assert "type /rca in #inc-" in said
    assert "stopping" in said


def test_the_readmes_second_command_is_this_suite():
    assert "make test" in shell_blocks()
    plan = subprocess.run(
        ["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "-m pytest" in plan.stdout


@pytest.mark.parametrize(
    "document", [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")], ids=lambda path: path.name
)
def test_every_link_leads_somewhere(document):
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([\w./-]+)\)", text)
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.lock")), ids=lambda p: p.stem)
def test_every_pin_has_hashes_and_no_address(path):
    lock = path.read_text(encoding="utf-8")
    assert re.search(r"^[a-z0-9][\w.-]*==", lock, re.MULTILINE | re.IGNORECASE)
    assert "://" not in lock
    for entry in re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE | re.IGNORECASE):
        assert not entry.strip() or "--hash=sha256:" in entry


def test_the_workspace_grants_and_sends_what_the_manifest_asks_for():
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == set(MANIFEST_SCOPES)
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert {name.partition(".")[0] for name in events} == set(MANIFEST_EVENTS)


def test_the_product_reads_its_environment_through_settings_only():
    for package in ("bot", "providers", "handlers"):
        for path in (ROOT / package).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            assert not re.search(r"os\.(environ|getenv)", source), path


def test_the_application_package_is_a_docstring():
    source = (ROOT / "bot" / "__init__.py").read_text(encoding="utf-8")
    assert re.fullmatch(r'""".*?"""\n', source, re.DOTALL)


if __name__ == "__main__":
    (ROOT / ".env.example").write_text(example_env(settings_classes()), encoding="utf-8")
    table = variables_table(settings_classes()[1:])
    page = TABLE.sub(lambda _: table, PROVIDERS_PAGE.read_text(encoding="utf-8"))
    PROVIDERS_PAGE.write_text(page, encoding="utf-8")

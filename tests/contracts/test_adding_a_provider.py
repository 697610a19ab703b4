"""A new provider is one file, its wire another, and the contract suite does the rest."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SUITE = (
    "conftest.py",
    "model_server.py",
    "test_provider_contract.py",
    "test_every_fault_on_every_wire.py",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the package and its contract, with Acme's two files put beside."""
    ours = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "providers", tmp_path / "providers", ignore=ours)
    contracts = tmp_path / "tests" / "contracts"
    contracts.mkdir(parents=True)
    (tmp_path / "tests" / "end_to_end").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in SUITE:
        shutil.copy(HERE / name, contracts)
    shutil.copy(HERE / "added_provider" / "acme.py", tmp_path / "providers")
    shutil.copy(HERE / "added_provider" / "wire_acme.py", contracts)
    return tmp_path


def run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env={"PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_two_files_make_a_provider_that_keeps_every_promise(checkout: Path) -> None:
    done = run(checkout, "-m", "pytest", "-q", "tests/contracts", "-k", "not no_cell")
    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 80
    assert re.search(r"cancelled by the caller +met", done.stdout)


def test_the_factory_knows_it_by_its_file_alone(checkout: Path) -> None:
    script = """
from providers import LLMProviderFactory as factory, LLMProviderManager
assert "acme" in factory.names()
provider = factory.create("acme", base_url="http://127.0.0.1:1")
assert (provider.name, provider.model) == ("acme", "acme-1")
assert not factory.provider_class("acme").configured()
assert LLMProviderManager("acme", fallbacks=[]).providers == ["acme"]
"""
    done = run(checkout, "-c", script)
    assert done.returncode == 0, done.stderr

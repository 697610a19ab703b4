"""One suite, every wire: each `wire_*.py` here declares `WIRES`, one entry a provider."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from providers import BaseLLMProvider, LLMMessage, LLMProviderFactory

HERE = Path(__file__).parent
VENDORS = (
    *("OPENAI_", "ANTHROPIC_", "OLLAMA_", "VLLM_", "LMSTUDIO_", "AZURE_", "COHERE_", "CO_API_"),
    *("HUGGINGFACE_", "HF_", "BEDROCK_", "AWS_", "VERTEX_", "GOOGLE_", "RCA_"),
)


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"contracts_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ModelServer = _load(HERE / "model_server.py").ModelServer
WIRES = [wire for path in sorted(HERE.glob("wire_*.py")) for wire in _load(path).WIRES]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once a wire; a module's `selects(wire)` says which ones concern it."""
    if "wire" in metafunc.fixturenames:
        selects = getattr(metafunc.module, "selects", lambda wire: True)
        wires = [wire for wire in WIRES if selects(wire)]
        metafunc.parametrize("wire", wires, ids=[wire.provider for wire in wires])


FAULT_TABLE = pytest.StashKey[dict[tuple[str, str], str]]()


@pytest.fixture(scope="session")
def fault_table(pytestconfig: pytest.Config) -> dict[tuple[str, str], str]:
    """How each provider met each fault; told at the end of the run."""
    return pytestconfig.stash.setdefault(FAULT_TABLE, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table of providers by faults, and the reasons for cells that cannot be."""
    table = config.stash.get(FAULT_TABLE, {})
    if not table:
        return
    providers = list(dict.fromkeys(provider for provider, _ in table))
    faults = list(dict.fromkeys(fault for _, fault in table))
    width = max(map(len, faults))
    terminalreporter.section(f"{len(table)} faults met by {len(providers)} providers")
    terminalreporter.line(" " * width + "".join(f" {name:>11}" for name in providers))
    for fault in faults:
        cells = (table.get((provider, fault), "").partition(":")[0] for provider in providers)
        terminalreporter.line(f"{fault:<{width}}" + "".join(f" {cell:>11}" for cell in cells))
    for (provider, fault), cell in table.items():
        if cell.startswith("n/a"):
            terminalreporter.line(f"{provider}, {fault}: {cell}")


@pytest.fixture
async def server(wire: Any) -> AsyncIterator[Any]:
    server = ModelServer(wire.content_type)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def make(
    wire: Any, server: Any, clean_environment: None
) -> AsyncIterator[Callable[..., BaseLLMProvider]]:
    """Build providers that talk to the server; they are closed when the test ends."""
    made: list[BaseLLMProvider] = []

    def build(**arguments: Any) -> BaseLLMProvider:
        defaults = {"model": wire.model, "base_url": server.url, "api_key": "key-1"}
        made.append(LLMProviderFactory.create(wire.provider, **{**defaults, **arguments}))
        return made[-1]

    yield build
    for provider in made:
        await provider.close()


@pytest.fixture
def provider(make: Callable[..., BaseLLMProvider]) -> BaseLLMProvider:
    return make()


@pytest.fixture
def messages() -> list[LLMMessage]:
    return [LLMMessage("system", "Be brief."), LLMMessage("user", "What broke?")]


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let neither the machine's variables nor its `.env` into a test."""
    for name in list(os.environ):
        if name.startswith(VENDORS):
            monkeypatch.delenv(name)
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

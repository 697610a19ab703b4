"""Faults on real sockets, in a time that passes ten times as fast; two tables at the end."""

from __future__ import annotations

import asyncio
import os
import selectors
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from arena import Row

FACTOR = 10.0


class _ImpatientSelector(selectors.DefaultSelector):
    """Waits for a tenth of what it is told."""

    def select(self, timeout: float | None = None) -> list[Any]:
        return super().select(None if timeout is None else timeout / FACTOR)


class _FastLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__(_ImpatientSelector())

    def time(self) -> float:
        return time.monotonic() * FACTOR


@pytest.fixture
def in_fast_time() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine on a loop by whose clock a minute is six seconds; sockets are real."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=_FastLoop) as runner:
            return runner.run(coroutine)

    return run


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let neither the machine's variables nor its `.env` into a test."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "VLLM_", "RCA_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


TABLES = pytest.StashKey[dict[str, list[Row]]]()


@pytest.fixture(scope="session")
def tables(pytestconfig: pytest.Config) -> dict[str, list[Row]]:
    return pytestconfig.stash.setdefault(TABLES, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print how each fault was met: requests at the primary and the backup, and seconds."""
    for title, rows in config.stash.get(TABLES, {}).items():
        terminalreporter.section(f"{title}: {len(rows)} met")
        for row in rows:
            asked = f"{row.primary}p/{row.backup}b"
            terminalreporter.line(
                f"{row.id:<4} {row.fault:<36} {row.wire:<9} {asked:<6} {row.seconds:6.1f} s"
                f"  {row.outcome:<16} {row.condition}"
            )

"""A primary that misbehaves and a backup that works, both real servers, and a chain over them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from model_server import ModelServer, Received
from wire_openai import OpenAIWire

from providers import LLMMessage, LLMProviderFactory
from providers.base import Finished, Restarted, StreamEvent, TextDelta
from providers.errors import ProviderError
from providers.manager import LLMProviderManager

QUESTION = [LLMMessage("system", "Be brief."), LLMMessage("user", "What broke?")]
BACKUP_ANSWER = "the backup's answer"
WORDS = [f"word{number:02d} " for number in range(60)]
WHOLE = "".join(WORDS)
HTTP, SDK = "vllm", "openai"
"""The wire on an HTTP client of our own, and the one on a vendor's SDK."""


@dataclass
class Met:
    """How a chain met a fault; times are seconds of the loop's clock."""

    text: str = ""
    error: ProviderError | None = None
    finished: Finished | None = None
    seconds: float = 0.0
    primary: list[Received] = field(default_factory=list)
    backup: list[Received] = field(default_factory=list)
    restarts: int = 0

    @property
    def outcome(self) -> str:
        if self.error is not None:
            return self.error.kind
        return self.finished.provider if self.finished else "nothing"

    @property
    def by_backup(self) -> bool:
        return self.text == BACKUP_ANSWER and self.error is None

    @property
    def whole(self) -> bool:
        """Whether all of one answer was shown, and nothing of another."""
        return self.error is None and self.text in (BACKUP_ANSWER, WHOLE)

    def asked_within(self, seconds: float) -> int:
        first = self.primary[0].at
        return sum(request.at - first <= seconds for request in self.primary)


@dataclass(frozen=True)
class Row:
    """What a table says of one fault on one wire."""

    id: str
    fault: str
    condition: str
    wire: str
    outcome: str
    primary: int
    backup: int
    seconds: float


class Arena:
    """`wire` is the provider's name of both; the backup answers until it is told otherwise."""

    def __init__(self, wire: str, primary: ModelServer, backup: ModelServer, **chain: Any) -> None:
        self.wire = OpenAIWire(wire)
        self.primary = primary
        self.backup = backup
        self.providers = [
            LLMProviderFactory.create(
                wire, model=model, base_url=server.url, api_key="key-1", max_tokens=100
            )
            for model, server in (("model-a", primary), ("model-b", backup))
        ]
        loop = asyncio.get_running_loop()
        chain.setdefault("random", lambda: 0.5)
        self.chain = LLMProviderManager(providers=self.providers, clock=loop.time, **chain)

    def says(self, *pieces: str, pause: float = 0.0) -> list[Any]:
        """Return the steps of text, with a pause before each piece."""
        return [
            step for piece in pieces for step in (*([pause] if pause else []), self.text(piece))
        ]

    def text(self, piece: str) -> bytes:
        return self.wire.text(piece)

    def answers_well(self, server: ModelServer, answer: str = BACKUP_ANSWER) -> None:
        server.answers(*self.wire.opening(), self.text(answer), *self.wire.closing())

    async def ask(self) -> Met:
        """Ask the chain once, as a reader would who sees every restart."""
        met = Met()
        loop = asyncio.get_running_loop()
        began = loop.time()
        before = len(self.primary.chats), len(self.backup.chats)
        try:
            async with aclosing(cast("Any", self.chain.stream(QUESTION))) as events:
                async for event in events:
                    _take(met, event)
        except ProviderError as error:
            met.error = error
        met.seconds = loop.time() - began
        met.primary, met.backup = self.primary.chats[before[0] :], self.backup.chats[before[1] :]
        return met


def _take(met: Met, event: StreamEvent) -> None:
    if isinstance(event, TextDelta):
        met.text += event.text
    elif isinstance(event, Restarted):
        met.text = ""
        met.restarts += 1
    elif isinstance(event, Finished):
        met.finished = event


@asynccontextmanager
async def arena(wire: str, **chain: Any) -> AsyncIterator[Arena]:
    """Start both servers, and close everything afterwards."""
    primary, backup = ModelServer("text/event-stream"), ModelServer("text/event-stream")
    await primary.start()
    await backup.start()
    built = Arena(wire, primary, backup, **chain)
    built.answers_well(backup)
    try:
        async with built.chain:
            yield built
    finally:
        await primary.stop()
        await backup.stop()


async def warm(it: Arena) -> None:
    """Load what a first request loads, so that the clocks see the fault and nothing else."""
    for provider in it.providers:
        await provider.initialize()


def error(kind: str, code: str | None = None) -> dict[str, Any]:
    """Return the body of an error as OpenAI words it."""
    return {"error": {"message": "secret text", "type": kind, "code": code, "param": None}}

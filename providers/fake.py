"""A provider that plays a script instead of asking anyone: for tests and for trying things out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from providers.base import (
    BaseLLMProvider,
    Finished,
    LLMMessage,
    ProviderHealth,
    RequestScope,
    StopReason,
    StreamEvent,
    TextDelta,
    Usage,
    now,
)
from providers.errors import ProviderError


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing happens for so many seconds; without a number it never ends."""

    seconds: float | None = None


Step = str | StreamEvent | ProviderError | Silence
Turn = Sequence[Step]


class FakeProvider(BaseLLMProvider):
    """Answers the n-th call with the n-th turn of its script; the last turn repeats.

    A turn's text becomes `TextDelta`, its errors are raised, its events are yielded as they are.
    A turn that runs to its end without an error or a `Finished` of its own is finished for it.
    `calls` holds the messages of every call, `open_streams` counts those that are running.
    """

    # Annotated, so that nobody can configure it by this name.
    name: str = "fake"

    def __init__(
        self,
        *,
        name: str = "fake",
        model: str | None = None,
        script: Sequence[Turn] = (("fake answer",),),
        health: ProviderHealth | None = None,
        usage: Usage | None = None,
        cost_usd: float | None = None,
        local: bool = False,
        prompt_tokens: int | None = None,
    ) -> None:
        self.name = name
        self.model = model or "fake-model"
        self.local = local
        self.window = prompt_tokens
        self.script = [list(turn) for turn in script]
        self.health = health or ProviderHealth(ok=True, checked="script")
        self.usage = usage or Usage(prompt_tokens=10, completion_tokens=5)
        self.cost_usd = cost_usd
        self.calls: list[list[LLMMessage]] = []
        self.connect_timeouts: list[float | None] = []
        self.health_checks = 0
        self.initialized = 0
        self.closed = 0
        self.open_streams = 0

    @property
    def prompt_tokens(self) -> int | None:
        return self.window

    async def initialize(self) -> None:
        self.initialized += 1

    async def close(self) -> None:
        self.closed += 1

    async def health_check(self) -> ProviderHealth:
        self.health_checks += 1
        return self.health

    async def stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        scope: RequestScope | None = None,  # noqa: ARG002 - the interface's
        connect_timeout: float | None = None,
    ) -> AsyncIterator[StreamEvent]:
        turn = self._next_turn()
        self.calls.append(list(messages))
        self.connect_timeouts.append(connect_timeout)
        self.open_streams += 1
        try:
            async with aclosing(self._play(turn)) as events:
                async for event in events:
                    yield event
        finally:
            self.open_streams -= 1

    def _next_turn(self) -> Turn:
        if not self.script:
            return ()
        return self.script[min(len(self.calls), len(self.script) - 1)]

    async def _play(self, turn: Turn) -> AsyncGenerator[StreamEvent, None]:
        started = now()
        first_text: float | None = None
        for step in turn:
            if isinstance(step, ProviderError):
                raise self._signed(step)
            if isinstance(step, Silence):
                await _be_silent(step.seconds)
                continue
            event = TextDelta(step) if isinstance(step, str) else step
            if isinstance(event, TextDelta) and first_text is None:
                first_text = now() - started
            yield event
            if isinstance(event, Finished):
                return
        yield self._finished(started, first_text)

    def _signed(self, error: ProviderError) -> ProviderError:
        error.provider = error.provider or self.name
        error.model = error.model or self.model
        # A turn may repeat: without this each raise would lengthen the same traceback.
        return error.with_traceback(None)

    def _finished(self, started: float, first_text: float | None) -> Finished:
        return Finished(
            provider=self.name,
            model=self.model,
            model_version=self.model,
            stop_reason=StopReason.STOP,
            raw_stop_reason="stop",
            usage=self.usage,
            latency_seconds=now() - started,
            time_to_first_token=first_text,
            cost_usd=self.cost_usd,
        )


async def _be_silent(seconds: float | None) -> None:
    if seconds is None:
        await asyncio.Event().wait()
    else:
        await asyncio.sleep(seconds)

"""The same question, asked again or by two at once, is answered once; only within a scope."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

from providers.base import (
    AttemptStarted,
    Finished,
    LLMMessage,
    RequestScope,
    Restarted,
    StreamEvent,
    TextDelta,
)
from providers.policies.cache import AnswerCache, key_of, replay
from providers.policies.flight import Flights

Ask = Callable[[], AsyncIterator[StreamEvent]]


class Cached:
    """Keeps answers for `seconds`; `version` is that of the prompt.

    `answered` is told of each kept answer that is given again.
    """

    def __init__(
        self,
        seconds: float,
        version: str,
        clock: Callable[[], float],
        answered: Callable[[Finished], None],
    ) -> None:
        self._answers = AnswerCache(seconds, clock)
        self._flights = Flights()
        self._version = version
        self._clock = clock
        self._answered = answered

    async def stream(
        self,
        messages: Sequence[LLMMessage],
        scope: RequestScope,
        parameters: str,
        ask: Ask,
        rejected: str = "",
    ) -> AsyncIterator[StreamEvent]:
        """Yield a kept answer, or join whoever is asking the same now, or ask.

        `rejected` is whose answer would not do: the next one takes its place.
        """
        key = key_of(messages, scope, parameters, self._version)
        kept = None if rejected else self._answers.get(key)
        if kept is not None:
            for event in replay(kept, self._clock):
                if isinstance(event, Finished):
                    self._answered(event)
                yield event
            return
        joined = self._flights.join(f"{key} {rejected}", lambda: self._asked(key, ask))
        async with aclosing(cast("Any", joined)) as events:
            async for event in events:
                yield event

    async def _asked(self, key: str, ask: Ask) -> AsyncIterator[StreamEvent]:
        parts: list[str] = []
        windows: dict[str, int | None] = {}
        async with aclosing(cast("Any", ask())) as events:
            async for event in events:
                if isinstance(event, AttemptStarted):
                    windows[event.provider] = event.window
                elif isinstance(event, TextDelta):
                    parts.append(event.text)
                elif isinstance(event, Restarted):
                    parts.clear()
                elif isinstance(event, Finished):
                    self._answers.keep(key, "".join(parts), event, windows.get(event.provider))
                yield event

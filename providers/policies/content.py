"""The clocks on a stream's content: bytes and keep-alives prove a socket, not an answer.

A clock that fires because the deadline left it too little is nobody's failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from providers.base import StreamEvent, TextDelta, Thinking
from providers.errors import (
    ContentGapTimeoutError,
    FirstContentTimeoutError,
    ProviderError,
    StreamInterruptedError,
    TooSlowError,
)
from providers.policies.clocks import DeadlineExceededError, Limits

_CHARACTERS_PER_TOKEN = 4
"""Of a Latin script; where a character is a token, the floor is passed all the more easily."""


def is_content(event: StreamEvent) -> bool:
    """Say whether the model got on: a delta without a character is a keep-alive in disguise."""
    return _characters(event) > 0 or isinstance(event, Thinking)


def _characters(event: StreamEvent) -> int:
    if isinstance(event, TextDelta):
        return len(event.text)
    return event.characters if isinstance(event, Thinking) else 0


class ContentClock:
    """Waits for a stream's events, and only for as long as content may take to come.

    Only waiting counts: a slow consumer does not make a provider late. What is not content
    does not set the clock back. `share` is all that the attempt may take, in seconds, and
    `fair_chance` the silence that the provider is to blame for even if the share ended it.
    """

    def __init__(
        self, limits: Limits, share: float, fair_chance: float, clock: Callable[[], float]
    ) -> None:
        self._limits = limits
        self._had_a_chance = share >= fair_chance
        self._clock = clock
        self._ends = clock() + share
        self._waited = 0.0
        self._window_waited = 0.0
        self._window_characters = 0
        self.content_seen = False
        self.longest_gap: float | None = None

    async def next_event(self, events: AsyncIterator[StreamEvent]) -> StreamEvent:
        """Return the next event.

        Raises FirstContentTimeoutError, ContentGapTimeoutError, TooSlowError or
        DeadlineExceededError, and StreamInterruptedError where the stream ended without
        `Finished`.
        """
        began = self._clock()
        patience = self._patience - self._waited
        left = self._ends - began
        if min(patience, left) <= 0:
            raise self._late(patience, left)
        try:
            async with asyncio.timeout(min(patience, left)) as timer:
                event = await anext(events)
        except TimeoutError:
            if not timer.expired():
                raise
            raise self._late(patience, left) from None
        except StopAsyncIteration:
            raise StreamInterruptedError("no terminal event") from None
        self._note(event, self._clock() - began)
        return event

    @property
    def _patience(self) -> float:
        return self._limits.content_gap if self.content_seen else self._limits.first_content

    def _note(self, event: StreamEvent, waited: float) -> None:
        self._waited += waited
        if not is_content(event):
            return
        if self.content_seen:
            self.longest_gap = max(self.longest_gap or 0.0, self._waited)
            if self._limits.min_throughput:
                self._measure(_characters(event))
        self.content_seen = True
        self._waited = 0.0

    def _measure(self, characters: int) -> None:
        self._window_waited += self._waited
        self._window_characters += characters
        if self._window_waited < self._limits.throughput_window:
            return
        tokens = self._window_characters / _CHARACTERS_PER_TOKEN
        if tokens < self._limits.min_throughput * self._window_waited:
            raise TooSlowError
        self._window_waited, self._window_characters = 0.0, 0

    def _late(self, patience: float, left: float) -> ProviderError:
        if self.content_seen:
            return ContentGapTimeoutError() if patience <= left else DeadlineExceededError()
        # Silence throughout a fair share is the provider's, even if the deadline cut it short.
        had_a_chance = patience <= left or self._had_a_chance
        return FirstContentTimeoutError() if had_a_chance else DeadlineExceededError()

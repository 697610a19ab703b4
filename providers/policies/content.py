"""The clocks on a stream's content: bytes and keep-alives prove a socket, not an answer.

A clock that fires because the deadline left it too little is nobody's failure.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from providers.base import StreamEvent, TextDelta, Thinking
from providers.errors import (
    ContentGapTimeoutError,
    FirstContentTimeoutError,
    ProviderError,
    StreamInterruptedError,
    TooSlowError,
)
from providers.policies.alarm import Alarm, RangError
from providers.policies.clocks import DeadlineExceededError, Limits

_CHARACTERS_PER_TOKEN = 4
"""Of a Latin script; where a character is a token, the floor is passed all the more easily."""


def is_content(event: StreamEvent) -> bool:
    """Say whether the model got on: a delta without a character is a keep-alive in disguise."""
    return isinstance(event, Thinking) or (isinstance(event, TextDelta) and bool(event.text))


def _characters(event: StreamEvent) -> int:
    if isinstance(event, TextDelta):
        return len(event.text)
    return event.characters if isinstance(event, Thinking) else 0


class ContentClock:
    """Waits for a stream's events, and only for as long as content may take to come.

    Only waiting counts: a slow consumer does not make a provider late. What is not content
    does not set the clock back. `share` is all that the attempt may take, in seconds, and
    `fair_chance` the silence that the provider is to blame for even if the share ended it.
    Whoever made one closes it.
    """

    def __init__(
        self, limits: Limits, share: float, fair_chance: float, clock: Callable[[], float]
    ) -> None:
        self._limits = limits
        self._had_a_chance = share >= fair_chance
        self._clock = clock
        self._ends = clock() + share
        self._alarm = Alarm()
        self._patience = limits.first_content
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
        patience, left = self._patience - self._waited, self._ends - began
        seconds = patience if patience < left else left
        if seconds <= 0:
            raise self._late(patience, left)
        try:
            event = await self._alarm.wait(anext(events), seconds)
        except RangError:
            raise self._late(patience, left) from None
        except StopAsyncIteration:
            raise StreamInterruptedError("no terminal event") from None
        self._waited += self._clock() - began
        if is_content(event):
            self._note(event)
        return event

    def close(self) -> None:
        """Watch no more. Idempotent."""
        self._alarm.close()

    def _note(self, event: StreamEvent) -> None:
        if not self.content_seen:
            self.content_seen = True
            self._patience = self._limits.content_gap
        else:
            if self.longest_gap is None or self._waited > self.longest_gap:
                self.longest_gap = self._waited
            if self._limits.min_throughput:
                self._measure(_characters(event))
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

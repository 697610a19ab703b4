"""One deadline for the chain, and the clocks on content within an attempt.

A clock that fires because the deadline left it too little is nobody's failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from providers.base import StreamEvent, TextDelta, Thinking
from providers.errors import (
    ContentGapTimeoutError,
    FirstContentTimeoutError,
    ProviderError,
    StreamInterruptedError,
)

_RESERVE_SHARE = 0.15
_LEAST_SHARE_OF_RESERVE = 0.1


class DeadlineExceededError(ProviderError):
    """The attempt's share of the chain's deadline is spent."""

    kind = "deadline"
    phrase = "ran out of time"


@dataclass(frozen=True, slots=True)
class Limits:
    """All in seconds: `deadline` for a whole call, the others for one attempt."""

    deadline: float = 90.0
    connect: float = 3.0
    first_content: float = 12.0
    content_gap: float = 15.0

    @property
    def reserve(self) -> float:
        """What is kept for each provider that may still follow, and what is a fair chance."""
        return min(_RESERVE_SHARE * self.deadline, self.first_content)


class Deadline:
    """The end of one call, divided so that every provider still to come stays reachable."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._reserve = limits.reserve
        self._clock = clock
        self._ends = clock() + limits.deadline

    @property
    def remaining(self) -> float:
        """Seconds until the end, never negative."""
        return max(0.0, self._ends - self._clock())

    @property
    def spent(self) -> bool:
        """Whether too little is left to ask anyone."""
        return self.remaining <= self._reserve * _LEAST_SHARE_OF_RESERVE

    def share(self, following: int) -> float:
        """Return the seconds an attempt may take with so many providers to come after it.

        That is all but a reserve for each of those, or an equal part where that is more.
        """
        remaining = self.remaining
        return max(remaining - self._reserve * following, remaining / (following + 1))


def is_content(event: StreamEvent) -> bool:
    """Say whether the model got on: a delta without a character is a keep-alive in disguise."""
    return isinstance(event, Thinking) or (isinstance(event, TextDelta) and bool(event.text))


class ContentClock:
    """Waits for a stream's events, and only for as long as content may take to come.

    Only waiting counts: a slow consumer does not make a provider late. What is not content
    does not set the clock back.
    """

    def __init__(self, limits: Limits, share: float, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._share = share
        self._clock = clock
        self._ends = clock() + share
        self._waited = 0.0
        self.content_seen = False

    async def next_event(self, events: AsyncIterator[StreamEvent]) -> StreamEvent:
        """Return the next event.

        Raises FirstContentTimeoutError, ContentGapTimeoutError or DeadlineExceededError when it
        is late, and StreamInterruptedError where the stream ended without `Finished`.
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
        if is_content(event):
            self.content_seen = True
            self._waited = 0.0
        else:
            self._waited += waited

    def _late(self, patience: float, left: float) -> ProviderError:
        if self.content_seen:
            return ContentGapTimeoutError() if patience <= left else DeadlineExceededError()
        # Silence throughout a fair share is the provider's, even if the deadline cut it short.
        had_a_chance = patience <= left or self._share >= self._limits.reserve
        return FirstContentTimeoutError() if had_a_chance else DeadlineExceededError()

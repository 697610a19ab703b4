"""Keeps an attempt's first text back for a moment, so that an early failure is never seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from providers.base import Finished, StreamEvent, TextDelta

Events = AsyncGenerator[StreamEvent, None]


class HoldBack:
    """Holds text for `seconds` after an attempt's first; with 0 there is nothing to hold.

    Until `released` nothing of the text was shown, so a restart has nothing to take back.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._held: list[StreamEvent] = []
        self._until: float | None = None
        self.released = seconds <= 0

    async def first(self, events: Events) -> AsyncIterator[StreamEvent]:
        """Yield events until the hold is over; what comes after them passes by itself.

        The time alone ends it: whoever stalls after a few words is shown with these.
        """
        while not self.released:
            upcoming = asyncio.ensure_future(anext(events))
            try:
                await asyncio.wait([upcoming], timeout=self._left)
                if not upcoming.done():
                    for event in self._release():
                        yield event
                event = await upcoming
            finally:
                await _cancelled(upcoming)
            for shown in self._take(event):
                yield shown

    @property
    def _left(self) -> float | None:
        return None if self._until is None else max(0.0, self._until - self._clock())

    def _take(self, event: StreamEvent) -> list[StreamEvent]:
        if self.released:
            return [event]
        if isinstance(event, Finished):
            return [*self._release(), event]
        if not isinstance(event, TextDelta):
            return [event]
        if self._until is None:
            self._until = self._clock() + self._seconds
        self._held.append(event)
        return self._release() if self._clock() >= self._until else []

    def _release(self) -> list[StreamEvent]:
        self.released = True
        held, self._held = self._held, []
        return held


async def _cancelled(upcoming: asyncio.Future[StreamEvent]) -> None:
    # The reader left, or was cancelled, while the next event was being waited for.
    if not upcoming.done():
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)

"""Keeps an attempt's first text back for a moment, so that an early failure is never seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from providers.base import Finished, StreamEvent, TextDelta


class HoldBack:
    """Holds text for `seconds` after an attempt's first; 0 lets everything pass at once.

    `shown` counts the characters that were let through: all that a restart has to take back.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._held: list[StreamEvent] = []
        self._until: float | None = None
        self._released = seconds <= 0
        self.shown = 0

    def take(self, event: StreamEvent) -> Sequence[StreamEvent]:
        """Return what may be shown now that this event came: nothing, or all that was held."""
        if self._released:
            return self._show([event])
        if isinstance(event, Finished):
            return self._release(event)
        if not isinstance(event, TextDelta):
            return (event,)
        now = self._clock()
        if self._until is None:
            self._until = now + self._seconds
        if now < self._until:
            self._held.append(event)
            return ()
        return self._release(event)

    def _release(self, event: StreamEvent) -> Sequence[StreamEvent]:
        self._released = True
        held, self._held = self._held, []
        return self._show([*held, event])

    def _show(self, events: list[StreamEvent]) -> Sequence[StreamEvent]:
        for event in events:
            if isinstance(event, TextDelta):
                self.shown += len(event.text)
        return events

"""The first text of an attempt is kept back for a moment."""

from __future__ import annotations

import pytest

from providers.base import Finished, StopReason, StreamEvent, TextDelta, Thinking, Usage
from providers.policies.holdback import HoldBack

END = Finished("a", "m", "m", StopReason.STOP, "stop", Usage(), 1.0, None)


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


def text(*pieces: str) -> list[StreamEvent]:
    return [TextDelta(piece) for piece in pieces]


@pytest.mark.parametrize(
    ("seconds", "steps", "shown"),
    [
        (0.0, [(0, TextDelta("a"))], [text("a")]),
        (1.0, [(0, TextDelta("a")), (0.9, TextDelta("b"))], [[], []]),
        (
            1.0,
            [(0, TextDelta("a")), (1.0, TextDelta("b")), (0, TextDelta("c"))],
            [[], text("a", "b"), text("c")],
        ),
        (1.0, [(5, Thinking(3)), (5, TextDelta("a"))], [[Thinking(3)], []]),
        (1.0, [(0, TextDelta("a")), (0.1, END)], [[], [*text("a"), END]]),
    ],
)
def test_what_is_shown_and_when(
    seconds: float, steps: list[tuple[float, StreamEvent]], shown: list[list[StreamEvent]]
) -> None:
    clock = Clock()
    hold = HoldBack(seconds, clock)
    for (pause, event), expected in zip(steps, shown, strict=True):
        clock.now += pause
        assert list(hold.take(event)) == expected
    visible = [event for events in shown for event in events if isinstance(event, TextDelta)]
    assert hold.shown == sum(len(event.text) for event in visible)

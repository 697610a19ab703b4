"""What people's marks say of a message's weight."""

from __future__ import annotations

import pytest

from bot.analysis.marks import LEAST, MOST, weight
from bot.incident import Marks


@pytest.mark.parametrize(
    ("marks", "least", "most"),
    [
        (Marks(), 0.0, 0.0),
        (Marks(reactions=(("pray", 9), ("joy", 4))), 0.0, 0.0),
        (Marks(reactions=(("eyes", 1),)), 0.5, 1.0),
        (Marks(reactions=(("bulb", 1),)), 1.0, 1.0),
        (Marks(pinned=True), 2.0, 2.0),
        (Marks(reactions=(("x", 1),)), -1.0, -1.0),
        (Marks(reactions=(("bulb", 1), ("-1", 1))), 0.0, 0.0),
        (Marks(replies=40, repliers=12), 0.1, 1.0),
        (Marks(reactions=(("eyes", 0),)), 0.0, 0.0),
    ],
)
def test_each_mark_has_its_weight(marks: Marks, least: float, most: float) -> None:
    assert least <= weight(marks) <= most


def test_more_people_weigh_more_but_never_without_end() -> None:
    weights = [weight(Marks(reactions=(("fire", n),))) for n in (1, 2, 5, 500)]
    assert weights == sorted(weights)
    assert weights[1] < 2 * weights[0]
    assert weights[-1] == MOST
    assert weight(Marks(reactions=(("thumbsdown", 500),))) == LEAST

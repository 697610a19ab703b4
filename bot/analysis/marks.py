"""What people's marks on a message say of its weight: reactions, pins, and who answered it."""

from __future__ import annotations

import math

from bot.incident import Marks

MOST = 3.0
"""No number of marks lifts a message higher, and none lowers it by more than LEAST."""

LEAST = -1.5

_PINNED = 2.0
_ANSWERED = 0.25
_MOST_ANSWERED = 0.75

# How far one person's reaction says "look here" (above 0) or "this is wrong" (below 0).
# Thanks, laughter and the like say neither.
_WEIGHTS = {
    1.0: "bulb dart bullseye bangbang heavy_check_mark white_check_mark ballot_box_with_check 100"
    " star star2 pushpin round_pushpin key mag mag_right detective sleuth_or_spy",
    0.7: "eyes fire rotating_light exclamation heavy_exclamation_mark warning boom bug point_up"
    " point_up_2 arrow_up bookmark +1 thumbsup heavy_plus_sign raised_hands this",
    -1.0: "x negative_squared_cross_mark heavy_multiplication_x no_entry no_entry_sign"
    " -1 thumbsdown no_good man-gesturing-no woman-gesturing-no red_herring",
    -0.5: "question grey_question thinking_face shrug man-shrugging woman-shrugging confused",
}
_WEIGHT = {name: weight for weight, names in _WEIGHTS.items() for name in names.split()}


def weight(marks: Marks) -> float:
    """Return from LEAST to MOST how far people's marks speak for a message; 0 where none do.

    A second person who reacts in the same way adds less than the first.
    """
    if not (marks.reactions or marks.pinned or marks.repliers):
        return 0.0
    total = sum(_WEIGHT.get(name, 0.0) * _people(count) for name, count in marks.reactions)
    total += _PINNED if marks.pinned else 0.0
    total += min(_MOST_ANSWERED, _ANSWERED * marks.repliers)
    return round(max(LEAST, min(MOST, total)), 2)


def _people(count: int) -> float:
    return math.log2(1 + count)

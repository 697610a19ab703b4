"""How far series move together, on one grid of times whatever their own sampling is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean, median

from bot.analysis.series import Points, step_of

# Enough to see a shape; a longer series is looked at more coarsely.
_MOST_TIMES = 240
# Fewer values in common than these do not tell whether two series move together.
_LEAST_COMMON = 8
_LAGS = (0, 1, 2)

Sampled = Sequence[float | None]


class Likeness:
    """Compares series; each is sampled once, its last value standing until its next is due."""

    def __init__(self, series: Iterable[Points]) -> None:
        known = [points for points in series if len(points) > 1]
        starts, ends = [points[0][0] for points in known], [points[-1][0] for points in known]
        self._start = min(starts, default=0.0)
        span = max(ends, default=0.0) - self._start
        usual = median([step_of(points) for points in known]) if known else 1.0
        self._step = max(usual, span / _MOST_TIMES, 1e-3)
        self._count = int(span / self._step) + 1
        self._sampled: dict[int, tuple[Points, Sampled]] = {}

    def of(self, caller: Points, callee: Points) -> float | None:
        """Return how far two move together (-1 to 1), the caller some steps later or not.

        None where too little of them is of the same time.
        """
        ours, theirs = self._sample(caller), self._sample(callee)
        told = [_correlation(ours[lag:], theirs) for lag in _LAGS]
        return max((one for one in told if one is not None), default=None)

    def _sample(self, points: Points) -> Sampled:
        # The points are kept beside their sample, so that no other takes their identity.
        known = self._sampled.get(id(points))
        if known is None:
            known = self._sampled[id(points)] = (points, self._drawn(points))
        return known[1]

    def _drawn(self, points: Points) -> Sampled:
        longest = max(step_of(points), self._step) * 1.5
        drawn: list[float | None] = []
        place = -1
        for number in range(self._count):
            at = self._start + number * self._step
            while place + 1 < len(points) and points[place + 1][0] <= at + 1e-6:
                place += 1
            is_due = place >= 0 and at - points[place][0] < longest
            drawn.append(points[place][1] if is_due else None)
        return drawn


def _correlation(caller: Sampled, callee: Sampled) -> float | None:
    pairs = [
        (ours, theirs)
        for ours, theirs in zip(caller, callee, strict=False)
        if ours is not None and theirs is not None
    ]
    if len(pairs) < _LEAST_COMMON:
        return None
    middle, other_middle = (fmean(column) for column in zip(*pairs, strict=True))
    largest = max(max(abs(one), abs(other)) for one, other in pairs) or 1.0
    both = spread = other_spread = 0.0
    for one, other in pairs:
        ours, theirs = (one - middle) / largest, (other - other_middle) / largest
        both += ours * theirs
        spread += ours * ours
        other_spread += theirs * theirs
    product = math.sqrt(spread) * math.sqrt(other_spread)
    return max(-1.0, min(1.0, both / product)) if product > 0 else 0.0

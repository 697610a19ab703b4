"""The normal range of a series, and when and how far it was left."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from bot.analysis.series import Points, Series

Direction = Literal["high", "low", "both"]

UNUSUAL = 4.0
"""From here on a value is out of its range: robust standard deviations."""

MOST = 1_000.0
LEAST_NORMAL = 5
"""Fewer points than these make no norm."""

# A series that never moves would make every noise a wonder; this part of its middle is noise.
_NOISE = 0.03
# What a value above a norm of nothing counts for, where nothing tells how much is much.
_FROM_NOTHING = 20.0
_MAD = 1.4826
_MOST_POINTS = 5_000

_LOW_IS_BAD = re.compile(
    r"avail|free|success|ready|healthy|uptime|hit.?r|remaining|idle|credit|burst.?balance|apdex"
    r"|\bup\b|in.?sync|headroom",
    re.IGNORECASE,
)
_HIGH_ANYWAY = re.compile(r"unavail|not.?ready|unhealthy|unsuccess|time_remaining", re.IGNORECASE)
_EITHER_IS_BAD = re.compile(
    r"requests?(?:[ _/(]|$)|throughput|traffic|\brps\b|\bqps\b|\btps\b|replicas|connections",
    re.IGNORECASE,
)
_COUNTER = re.compile(r"_(?:total|count|sum)$|^node_cpu_seconds|counter$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Range:
    """The middle of what is normal, and one robust standard deviation of it."""

    middle: float
    scale: float

    def size(self, value: float) -> float:
        """Return how far off a value is, in standard deviations, at most MOST either way."""
        if not self.scale:
            sign = (value > self.middle) - (value < self.middle)
            return _FROM_NOTHING * sign
        return max(-MOST, min(MOST, (value - self.middle) / self.scale))


@dataclass(frozen=True, slots=True)
class Excursion:
    """How a series left its range: since when, how far at most, and for what part of the rest.

    `since` and `at` are UTC seconds; `size` is signed, `value` the one at `at`.
    """

    since: float
    at: float
    value: float
    size: float
    lasting: float


def direction_of(metric: str) -> Direction:
    """Return in which direction a metric is bad, by its name; most are where they are high."""
    if _LOW_IS_BAD.search(metric) and not _HIGH_ANYWAY.search(metric):
        return "low"
    return "both" if _EITHER_IS_BAD.search(metric) else "high"


def range_of(values: Sequence[float]) -> Range | None:
    """Return the range of values, None where there are too few."""
    if len(values) < LEAST_NORMAL:
        return None
    middle = median(values)
    spread = _MAD * median(abs(value - middle) for value in values)
    if not spread:
        # More than half are the same; what the others do is normal as well.
        spread = sum(abs(value - middle) for value in values) / len(values)
    return Range(middle, max(spread, _NOISE * abs(middle)))


def jitter_of(points: Points) -> float:
    """Return by how much neighbours differ: the noise of a series, whatever its level does."""
    steps = [abs(after - before) for (_, before), (_, after) in pairwise(points)]
    return _MAD * median(steps) / math.sqrt(2) if steps else 0.0


def as_rate(series: Series) -> Points:
    """Return the points, of a counter its growth a second; a reset starts from nothing."""
    points = series.points
    if len(points) < 3 or not _COUNTER.search(series.metric):
        return points
    drops = sum(after < before for (_, before), (_, after) in pairwise(points))
    if drops > len(points) // 4:
        return points
    return tuple(
        (at, (value - before if value >= before else value) / (at - before_at))
        for (before_at, before), (at, value) in pairwise(points)
        if at > before_at
    )


def quiet_part(points: Points, direction: Direction) -> tuple[Points, Points]:
    """Split a series where its level changes: (the normal part, the rest).

    The normal part is the one before, or the better one where the series begins in trouble.
    It is empty where no split leaves enough for a norm.
    """
    points = points[-_MOST_POINTS:]
    if len(points) <= LEAST_NORMAL:
        return (), points
    cut = _change(tuple(value for _, value in points))
    before, after = points[:cut], points[cut:]
    if len(after) >= LEAST_NORMAL and _is_better(after, before, direction):
        return after, before
    return before, after


def _change(values: Sequence[float]) -> int:
    """Return the place at which the means before and after differ most, for their noise."""
    total, count = sum(values), len(values)
    squares = sum(value * value for value in values)
    best, place = -1.0, count - 1
    before = before_squares = 0.0
    for cut in range(1, count):
        before += values[cut - 1]
        before_squares += values[cut - 1] ** 2
        if cut < LEAST_NORMAL:
            continue
        mean, later = before / cut, (total - before) / (count - cut)
        within = squares - cut * mean**2 - (count - cut) * later**2
        between = (mean - later) ** 2 * cut * (count - cut) / count
        score = between / max(within, 1e-12 * (squares + 1.0))
        if score > best:
            best, place = score, cut
    return place


def _is_better(one: Points, other: Points, direction: Direction) -> bool:
    if direction == "both":
        return False
    first, second = (median(value for _, value in part) for part in (one, other))
    return first > second if direction == "low" else first < second


def excursion(points: Points, normal: Range, direction: Direction) -> Excursion | None:
    """Return how far the points leave the range in the bad direction, None where none does."""
    sizes = [normal.size(value) for _, value in points]
    bad = [
        -size if direction == "low" else abs(size) if direction == "both" else size
        for size in sizes
    ]
    if not points:
        return None
    peak = max(range(len(points)), key=lambda n: (bad[n], abs(points[n][1] - normal.middle)))
    if bad[peak] <= UNUSUAL:
        return None
    start = peak
    while start and bad[start - 1] > UNUSUAL:
        start -= 1
    out = sum(size > UNUSUAL for size in bad[start:])
    return Excursion(
        since=points[start][0],
        at=points[peak][0],
        value=points[peak][1],
        size=sizes[peak],
        lasting=out / (len(points) - start),
    )

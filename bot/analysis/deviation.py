"""One series out of its range: since when, how far, and from what normal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from bot.analysis.ranges import (
    Range,
    as_rate,
    direction_of,
    excursion,
    jitter_of,
    quiet_part,
    range_of,
)
from bot.analysis.series import Points, Series

_NOISE = 0.03

Levels = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A series out of its range: `size` in robust standard deviations, signed; `at` UTC seconds.

    `value` is the one farthest out, at `at`; it has been out since `since`, for the part
    `lasting` of what was measured after that. `explained` is the part that the callees show as
    well, `blame` the size without that part. `points` are the values, of a counter its rates.
    """

    series: Series
    at: float
    normal: float
    value: float
    size: float
    since: float
    lasting: float
    points: Points
    blame: float = 0.0
    explained: float = 0.0

    @property
    def excess(self) -> float:
        return self.value - self.normal

    @property
    def growth(self) -> float:
        """How many times its normal it is out by; of a norm of nothing, many times."""
        return abs(self.excess) / abs(self.normal) if self.normal else 1_000.0


def typical_levels(series: Iterable[Series]) -> Levels:
    """Return the usual size of each metric over all components: what little means of it."""
    found: dict[tuple[str, str], list[float]] = {}
    for one in series:
        values = [abs(value) for _, value in as_rate(one)]
        if values and (level := median(values)):
            found.setdefault((one.metric, one.statistic), []).append(level)
    return {key: median(levels) for key, levels in found.items()}


def deviation(series: Series, normal: Series | None, levels: Levels) -> Deviation | None:
    """Return how a series left its range in the bad direction, None where it did not."""
    direction = direction_of(series.metric)
    points = as_rate(series)
    quiet, rest = (as_rate(normal), points) if normal else quiet_part(points, direction)
    usual = range_of([value for _, value in quiet])
    if usual is None or not rest:
        return None
    # A few quiet points may happen to lie close together.
    noise = 0.0 if normal else jitter_of(points)
    level = levels.get((series.metric, series.statistic), 0.0)
    usual = Range(usual.middle, max(usual.scale, noise) or _NOISE * level)
    found = excursion(rest, usual, direction)
    if found is None:
        return None
    return Deviation(
        series,
        found.at,
        usual.middle,
        found.value,
        found.size,
        found.since,
        found.lasting,
        points,
    )

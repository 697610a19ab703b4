"""Which series left its normal range, when, and which component explains the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median

from bot.analysis.series import Graph, Series

CLEAR = 10.0
"""From here on an unexplained deviation is worth blaming a component for."""

_UNUSUAL = 4.0
_MOST = 1_000.0
_MOSTLY = 0.5
_LEAST_NORMAL = 5
# A series that never moves would make every noise a wonder; this part of its middle is noise.
_NOISE = 0.03
_AS_A_CALLER_SEES_IT = 0.25
_ADDRESS = re.compile(r"(?:[\w-]+\.){2,}\w+|[_ -](?:remote|client)$", re.IGNORECASE)
_LOW_IS_BAD = re.compile(r"avail|free|success|ready|healthy|uptime|hit.?r", re.IGNORECASE)
_MEAN = re.compile(r"^(?:average|avg|mean|)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Deviation:
    """A series out of its range: `size` in robust standard deviations, signed; `at` UTC seconds.

    `explained` is the part of it that the callees show as well, `blame` the size without that part.
    """

    series: Series
    at: float
    normal: float
    value: float
    size: float
    blame: float = 0.0
    explained: float = 0.0

    @property
    def excess(self) -> float:
        return self.value - self.normal


def deviations(
    series: Iterable[Series], normal: Iterable[Series], calls: Graph, text: str = ""
) -> list[Deviation]:
    """Return what left its range in the bad direction, most to blame first.

    `text` is what is said of the incident: a component and a metric that it names narrow the
    search to what that component reaches. Without `normal` a series' own first half is the norm.
    """
    known = {_key(one): one for one in normal}
    found = [one for one in (_deviation(s, known.get(_key(s))) for s in series) if one]
    found = _asked_for(found, calls, text)
    by_key = {_key(one.series): one for one in found}
    blamed = [_blamed(one, calls, by_key) for one in found]
    return sorted(blamed, key=lambda one: -one.blame)


def told(one: Deviation) -> str:
    """Return a deviation as a line for a reader."""
    name = " ".join(part for part in (one.series.component, one.series.metric) if part)
    moment = datetime.fromtimestamp(one.at, UTC).strftime("%H:%M")
    verb = "rose" if one.excess > 0 else "fell"
    return (
        f"{name} {verb} from a normal {one.normal:.4g} to {one.value:.4g} at {moment} UTC "
        f"({abs(one.size):.0f} x its usual variation)"
    )


def _key(series: Series) -> tuple[str, str, str]:
    return (series.component, series.metric, series.statistic)


def _deviation(series: Series, normal: Series | None) -> Deviation | None:
    values, points = [value for _, value in series.points], series.points
    if normal is not None:
        values = [value for _, value in normal.points]
    else:
        values, points = values[: len(values) // 2], points[len(values) // 2 :]
    if len(values) < _LEAST_NORMAL or not points:
        return None
    middle = median(values)
    spread = 1.4826 * median(abs(value - middle) for value in values)
    scale = max(spread, _NOISE * abs(middle))
    is_low_bad = _LOW_IS_BAD.search(series.metric) is not None
    at, value = (min if is_low_bad else max)(points, key=lambda point: point[1])
    if not scale:
        return None
    size = max(-_MOST, min(_MOST, (value - middle) / scale))
    is_bad = size < -_UNUSUAL if is_low_bad else size > _UNUSUAL
    return Deviation(series, at, middle, value, size) if is_bad else None


def _asked_for(found: list[Deviation], calls: Graph, text: str) -> list[Deviation]:
    """Keep what concerns the metric and the component that the text names, the means if any."""
    lowered = text.lower()
    named = [one for one in found if _is_said(one.series.metric, lowered)]
    means = [one for one in named or found if _MEAN.match(one.series.statistic)]
    kept = means or named or found
    reached = _reached({name for name in calls if _is_said(name, lowered)}, calls)
    return [one for one in kept if one.series.component in reached] if reached else kept


def _is_said(name: str, lowered: str) -> bool:
    found = lowered.find(name.lower()) if name else -1
    return found >= 0 and not lowered[found + len(name) :][:1].isalnum()


def _reached(start: set[str], calls: Graph) -> set[str]:
    reached, waiting = set(start), list(start)
    while waiting:
        for callee in calls.get(waiting.pop(), ()):
            if callee not in reached:
                reached.add(callee)
                waiting.append(callee)
    return reached


def _blamed(
    one: Deviation, calls: Graph, known: Mapping[tuple[str, str, str], Deviation]
) -> Deviation:
    """Take off what the callees explain; an address is how a caller sees some other component."""
    series = one.series
    below = [
        known[key].excess
        for callee in calls.get(series.component, ())
        if (key := (callee, series.metric, series.statistic)) in known
    ]
    explained = min(1.0, max(map(abs, below), default=0.0) / abs(one.excess))
    weight = _AS_A_CALLER_SEES_IT if _ADDRESS.search(series.component) else 1.0
    blame = abs(one.size) * (1.0 - explained) * weight
    return replace(one, blame=blame, explained=explained)


def is_clear(found: Sequence[Deviation]) -> bool:
    """Say whether the first deviation names a cause: large, and most of it its component's own."""
    return bool(found) and found[0].blame >= CLEAR and found[0].explained < _MOSTLY

"""How far each deviation is its component's own: less what callees explain, by what it explains."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.analysis.alike import Likeness
from bot.analysis.callgraphs import Graph
from bot.analysis.deviation import Deviation
from bot.analysis.series import Series, step_of

_AS_A_CALLER_SEES_IT = 0.25
_ADDRESS = re.compile(r"(?:[\w-]+\.){2,}\w+|[_ -](?:remote|client)$", re.IGNORECASE)
# A callee called several times adds up; its own excess must at least be this part of the caller's.
_LEAST_PART = 0.1
_MOST_GROWTH = 1_000.0
# Without a call graph whoever was first is believed; each step of waiting costs this much,
# more where the metrics differ, so that their sizes cannot be compared.
_PER_STEP = 0.9
_PER_STEP_OF_ANOTHER = 0.6
_MOST_STEPS = 20
_CLEARLY_OUT = 10.0

Key = tuple[str, str, str]


def by_blame(
    found: Sequence[Deviation], calls: Graph, alerted: Sequence[Series]
) -> list[Deviation]:
    """Return the deviations with their blame, most to blame first.

    Growth orders them and not size in deviations: a caller dilutes what its callee adds by its
    own, whatever either's noise. `alerted` are the series that the question is about: what moves
    with them counts, a bystander's trouble does not.
    """
    known = {_key(one.series): one for one in found}
    points = [one.points for one in found] + [one.points for one in alerted]
    alike = Likeness(points)
    blamed = [_blamed(one, calls, known, alerted, alike) for one in found]
    order = _order(blamed) if not any(calls.values()) else [1.0] * len(blamed)
    ranks = [_rank(one) * factor for one, factor in zip(blamed, order, strict=True)]
    places = sorted(range(len(blamed)), key=lambda place: (-ranks[place], -blamed[place].blame))
    return [blamed[place] for place in places]


def _key(series: Series) -> Key:
    return (series.component, series.metric, series.statistic)


def _rank(one: Deviation) -> float:
    return min(one.growth, _MOST_GROWTH) * one.blame / abs(one.size)


def _blamed(
    one: Deviation,
    calls: Graph,
    known: Mapping[Key, Deviation],
    alerted: Sequence[Series],
    alike: Likeness,
) -> Deviation:
    """Take off what the callees explain; an address is how a caller sees some other component."""
    series = one.series
    callees = [
        known[key]
        for callee in calls.get(series.component, ())
        if (key := (callee, series.metric, series.statistic)) in known
    ]
    explained = max((_explained(one, callee, alike) for callee in callees), default=0.0)
    weight = _AS_A_CALLER_SEES_IT if _ADDRESS.search(series.component) else 1.0
    weight *= _relevance(one, alerted, alike) * one.lasting
    return replace(one, blame=abs(one.size) * (1.0 - explained) * weight, explained=explained)


def _explained(one: Deviation, callee: Deviation, alike: Likeness) -> float:
    """Return the part of a deviation that a callee's explains: as much of it, and in its shape.

    Where a request makes several calls, the callee's excess is smaller but its growth is not.
    """
    part = abs(callee.excess) / abs(one.excess)
    if part >= _LEAST_PART:
        part = max(part, callee.growth / one.growth)
    together = alike.of(one.points, callee.points)
    return min(1.0, part) * (1.0 if together is None else max(0.0, together))


def _relevance(one: Deviation, alerted: Sequence[Series], alike: Likeness) -> float:
    """Return how far the alerted series moves with this one; 1 where that cannot be told."""
    same = [other for other in alerted if _key(other)[1:] == _key(one.series)[1:]]
    if not same or any(other.component == one.series.component for other in same):
        return 1.0
    told = [alike.of(other.points, one.points) for other in same]
    known = [together for together in told if together is not None]
    return max(0.0, *known) if known else 1.0


def _order(found: Sequence[Deviation]) -> list[float]:
    """Return a factor for each: the later it left its range, the more it is a consequence."""
    clear = [one for one in found if one.blame >= _CLEARLY_OUT]
    if not clear:
        return [1.0] * len(found)
    first = min(clear, key=lambda one: one.since)
    step = max(step_of(first.series.points), 1.0)
    factors = []
    for one in found:
        waited = max(0.0, (one.since - first.since) / max(step, step_of(one.series.points)))
        is_same = one.series.metric == first.series.metric
        factor = _PER_STEP if is_same else _PER_STEP_OF_ANOTHER
        factors.append(factor ** min(_MOST_STEPS, waited))
    return factors

"""Which series left its normal range, when, and which component explains the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.analysis.blame import by_blame
from bot.analysis.callgraphs import Graph
from bot.analysis.deviation import Deviation, deviation, typical_levels
from bot.analysis.ranges import as_rate
from bot.analysis.series import Series, step_of

CLEAR = 10.0
"""From here on an unexplained deviation is worth blaming a component for."""

_MOSTLY = 0.5
_FOLLOWERS = 2
_MEAN = re.compile(r"^(?:average|avg|mean|)$", re.IGNORECASE)

__all__ = ["CLEAR", "Deviation", "deviations", "is_clear", "order_of", "told"]


def deviations(
    series: Iterable[Series], normal: Iterable[Series], calls: Graph, text: str = ""
) -> list[Deviation]:
    """Return what left its range in the bad direction, most to blame first.

    `text` is what is said of the incident: a component and a metric that it names narrow the
    search to what that component reaches. Without `normal` a series' own quiet part is the norm.
    """
    known = {_key(one): one for one in normal}
    measured = list(series)
    levels = typical_levels(known.values() if known else measured)
    found = [deviation(one, known.get(_key(one)), levels) for one in measured]
    names = {one.component for one in measured}
    asked = _asked_for([one for one in found if one], calls, text, names)
    lowered = text.lower()
    alerted = [
        replace(one, points=as_rate(one)) for one in measured if _is_said(one.component, lowered)
    ]
    return by_blame(asked, calls, alerted)


def is_clear(found: Sequence[Deviation]) -> bool:
    """Say whether the first deviation names a cause: large, and most of it its component's own.

    It must be first by its growth, which orders them, and by its size for its noise as well:
    where the two disagree the figures alone do not settle it.
    """
    if not found or found[0].explained >= _MOSTLY:
        return False
    return found[0].blame >= max(CLEAR, *(one.blame for one in found))


def told(one: Deviation) -> str:
    """Return a deviation as a line for a reader."""
    verb = "rose" if one.excess > 0 else "fell"
    since = f", out of its range since {_clock(one.since)}" if one.at - one.since >= 60 else ""
    return (
        f"{_name(one)} {verb} from a normal {one.normal:.4g} to {one.value:.4g} at {_clock(one.at)}"
        f" UTC{since} ({abs(one.size):.0f} x its usual variation)"
    )


def order_of(found: Sequence[Deviation]) -> str:
    """Return who left its range first and who followed; "" where the times do not tell.

    Each component counts once; a lead shorter than the time between two figures is none.
    """
    firsts: dict[str, Deviation] = {}
    for one in sorted(found, key=lambda one: one.since):
        firsts.setdefault(_name(one) if not one.series.component else one.series.component, one)
    if len(firsts) < 2:
        return ""
    (leader, first), *others = firsts.items()
    step = max(step_of(one.series.points) for one in firsts.values())
    later = [(name, one.since - first.since) for name, one in others]
    if min(lead for _, lead in later) < step:
        return ""
    verb = "rose" if first.excess > 0 else "fell"
    followers = ", ".join(
        f"{name} followed {_span(lead)} later" for name, lead in later[:_FOLLOWERS]
    )
    return f"{leader} {verb} first at {_clock(first.since)} UTC; {followers}"


def _name(one: Deviation) -> str:
    return " ".join(part for part in (one.series.component, one.series.metric) if part)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"


def _key(series: Series) -> tuple[str, str, str]:
    return (series.component, series.metric, series.statistic)


def _asked_for(
    found: list[Deviation], calls: Graph, text: str, measured: set[str]
) -> list[Deviation]:
    """Keep what concerns the metric and the component that the text names, the means if any."""
    lowered = text.lower()
    named = [one for one in found if _is_said(one.series.metric, lowered)]
    means = [one for one in named or found if _MEAN.match(one.series.statistic)]
    kept = means or named or found
    reached = _reached({name for name in calls if _is_said(name, lowered)}, calls)
    if reached.isdisjoint(measured):
        return kept  # the graph and the figures use other names
    return [one for one in kept if one.series.component in reached]


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

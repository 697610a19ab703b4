"""What the figures of an incident's files show, as lines for a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.analysis import metrics
from bot.analysis.callgraphs import Graph
from bot.analysis.figures import read
from bot.analysis.series import Series

_SHOWN = 4
_NORMAL_FILE = re.compile(r"normal|baseline|before|reference|healthy", re.IGNORECASE)
_CLEAR_WEIGHT = 8.0
# Its own quiet part is a weaker norm than another day's figures: enough where nobody knows more.
_LIKELY_WEIGHT = 4.0
_HINT_WEIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line on one series; `weight` is how far it speaks for a cause, `at` UTC seconds."""

    text: str
    source: str
    at: float
    weight: float


@dataclass(slots=True)
class Figures:
    """Gathers tables and call graphs file by file; a file of neither is left alone."""

    series: list[tuple[str, Series]] = field(default_factory=list)
    normal: list[Series] = field(default_factory=list)
    calls: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, name: str, text: str) -> None:
        """Read one file; its name says whether it shows normal operation."""
        found = read(text)
        if _NORMAL_FILE.search(name):
            self.normal.extend(found.series)
        else:
            self.series.extend((name, one) for one in found.series)
            self._join(found.calls)

    def _join(self, graph: Graph) -> None:
        for caller, callees in graph.items():
            self.calls[caller] = (*self.calls.get(caller, ()), *callees)

    def findings(self, said: str) -> Iterator[Finding]:
        """Yield the deviations, most to blame first; only a clear first one is a cause."""
        found = metrics.deviations((one for _, one in self.series), self.normal, self.calls, said)
        is_clear = metrics.is_clear(found)
        cause_weight = _CLEAR_WEIGHT if self.normal else _LIKELY_WEIGHT
        names = {id(one): name for name, one in self.series}
        order = metrics.order_of(found[:_SHOWN])
        for place, one in enumerate(found[:_SHOWN]):
            is_first = is_clear and place == 0
            text = metrics.told(one) + (self._reason(one) if is_first else "")
            text += f"; {order}" if order and place == 0 else ""
            weight = cause_weight if is_first else _HINT_WEIGHT
            yield Finding(text, names[id(one.series)], one.since, weight)

    def _reason(self, one: metrics.Deviation) -> str:
        if not self.calls:
            return ""
        if not self.calls.get(one.series.component):
            return ", and it calls nothing that would explain it"
        return ", more than what it calls explains"

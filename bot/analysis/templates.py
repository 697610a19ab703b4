"""Records of one kind folded into a template, with how often, when, and how densely they came."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from drain3.drain import Drain

from bot.analysis.levels import SEVERITY
from bot.analysis.records import Record

MAX_TEMPLATES = 1_000
# Beyond this many different wordings, and comparisons of them with templates (some microseconds
# each), only what is known is counted; of what failed, twice as many are allowed.
_NEW_WORDINGS = 6_000
_COMPARISONS = 2_000_000
_SEEN_LINES = 200_000
_MINUTE = 60.0
_OPEN_MINUTES = 128


@dataclass(slots=True)
class Template:
    """All records of one kind; the first to be read is the example. Times are UTC seconds.

    `densest` is how many of them came in the minute `densest_minute` (minutes since 1970).
    """

    example: Record
    source: str
    first: int
    count: int = 0
    timed: int = 0
    first_at: float = math.inf
    last_at: float = -math.inf
    densest: int = 0
    densest_minute: float = 0.0
    _minutes: dict[float, int] = field(default_factory=dict)

    @property
    def level(self) -> str:
        return self.example.level

    @property
    def burst(self) -> float:
        """The share of its records that came in its densest minute; 0 where no time is known."""
        return self.densest / self.timed if self.timed else 0.0

    def rarity(self, lines: int) -> float:
        """Return 1 for a kind seen once among many lines, 0 for one that all `lines` are of."""
        return 1 - math.log(self.count) / math.log(lines) if lines > 1 else 0.0

    def add(self, at: float | None) -> None:
        """Count one more record."""
        self.count += 1
        if at is None:
            return
        self.timed += 1
        self.first_at = min(self.first_at, at)
        self.last_at = max(self.last_at, at)
        # Of a log in some order of time only the last few minutes can still grow.
        minute = at // _MINUTE
        number = self._minutes.get(minute, 0) + 1
        self._minutes[minute] = number
        if number > self.densest:
            self.densest, self.densest_minute = number, minute
        if len(self._minutes) > _OPEN_MINUTES:
            del self._minutes[next(iter(self._minutes))]


class TemplateIndex:
    """Folds records into templates by drain3, in bounded memory.

    A record with a time that another source has already brought (a file that repeats the messages)
    is not counted again. `unfolded` counts the records of kinds beyond the limit of templates.
    """

    def __init__(self) -> None:
        self.templates: dict[tuple[int, str], Template] = {}
        self.lines = 0
        self.unfolded = 0
        self._drain = Drain(sim_th=0.5, depth=4, max_clusters=MAX_TEMPLATES)
        self._clusters: dict[str, int] = {}
        self._compared = 0
        self._seen: dict[int, str] = {}

    def add(self, record: Record, source: str) -> Template | None:
        """Count a record; return its template where it is the first of its kind."""
        if record.at is not None and self._is_repeat(record, source):
            return None
        self.lines += 1
        cluster = self._cluster(record)
        template = self.templates.get((cluster, record.level))
        if template is not None:
            template.add(record.at)
            return None
        if not cluster or len(self.templates) >= MAX_TEMPLATES:
            self.unfolded += 1
            return None
        template = Template(record, source, len(self.templates))
        self.templates[cluster, record.level] = template
        template.add(record.at)
        return template

    def _is_repeat(self, record: Record, source: str) -> bool:
        key = hash(record.text)
        known = self._seen.get(key)
        if known is None and len(self._seen) < _SEEN_LINES:
            self._seen[key] = source
        return known is not None and known != source

    def _cluster(self, record: Record) -> int:
        """Return the number of a record's kind, 0 for a new one where there are too many."""
        shape = record.shape
        if shape is not None and shape.template is not None:
            return shape.template
        known = self._clusters.get(record.words)
        if known is None:
            known = self._learn(record)
        if shape is not None:
            shape.template = known
        return known

    def _learn(self, record: Record) -> int:
        allowed = 2 if SEVERITY[record.level] >= SEVERITY["error"] else 1
        is_much = len(self._clusters) >= allowed * _NEW_WORDINGS
        if is_much or self._compared >= allowed * _COMPARISONS:
            return 0
        self._compared += len(self._drain.clusters)
        cluster, _ = self._drain.add_log_message(record.words)
        known = self._clusters[record.words] = int(cluster.cluster_id)
        return known

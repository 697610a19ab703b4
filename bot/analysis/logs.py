"""Log lines: their time, their level, and the template that lines like them share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from drain3.drain import Drain

MAX_TEMPLATES = 1_000
MAX_RECORD_LINES = 12
# Each new shape is compared with all templates; beyond these numbers only what is known is counted.
_NEW_SHAPES = 6_000
_NEW_SEVERE_SHAPES = 12_000
_SEEN_LINES = 200_000

_ISO = re.compile(
    r"(\d{4})[-/.](\d\d)[-/.](\d\d)[T _-](\d\d)[:.](\d\d)[:.](\d\d)(?:[.,](\d{1,9}))?"
    r"\s?(Z|UTC|[+-]\d\d:?\d\d)?"
)
_NGINX = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ?([+-]\d{4})?")
_SYSLOG = re.compile(r"(?<!\w)([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?!\w)")
_KLOG = re.compile(r"^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{1,6})")
_SHORT = re.compile(r"^(\d\d)/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)")
_EPOCH = re.compile(r"(?:^|[^\w.])(1[0-9]{9})(?:\.\d+|\d{3})?(?=[^\w]|$)")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_KLOG_LEVELS = {"I": "info", "W": "warn", "E": "error", "F": "fatal"}
_LEVEL = re.compile(
    r"(?<![A-Za-z])(FATAL|CRITICAL|EMERG|ALERT|PANIC|SEVERE|FAILURE|ERROR|ERR|WARNING|WARN|NOTICE|INFO"
    r"|DEBUG|TRACE|LOG|[Ff]atal|[Cc]ritical|[Ee]rror|[Ww]arning|[Ww]arn|[Ii]nfo|[Dd]ebug)(?![A-Za-z])"
)
_RANKS = {
    "fatal": "fatal critical emerg alert panic",
    "error": "severe failure error err",
    "warn": "warning warn",
    "info": "notice info log",
    "debug": "debug trace",
}
_LEVELS = {word: level for level, words in _RANKS.items() for word in words.split()}
SEVERITY = {"fatal": 4, "error": 3, "warn": 2, "info": 1, "debug": 0, "": 0}
_CONTINUES = re.compile(r"\s+at |\s|Caused by:|\.\.\. \d+ more|Traceback|goroutine ")
_VARIABLE = re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8,}\b|\d+")


@dataclass(frozen=True, slots=True)
class Record:
    """One log record: a line with the lines that continue it. `at` is UTC seconds or None."""

    text: str
    at: float | None
    level: str


@dataclass(slots=True)
class Template:
    """All records of one shape: the first is the example, `first` its place in the reading."""

    example: str
    level: str
    first: int
    count: int = 0
    first_at: float | None = None
    last_at: float | None = None


def parse_time(line: str, year: int = 1970) -> float | None:
    """Return the time at the head of a line in UTC seconds; a time without a zone counts as UTC.

    `year` completes the forms that leave it out (syslog, klog).
    """
    head = line[:160]
    try:
        return _parse_time(head, year)
    except ValueError:
        return None


def _parse_time(head: str, year: int) -> float | None:
    if found := _ISO.search(head):
        *parts, fraction, zone = found.groups()
        return _stamp([int(part) for part in parts], fraction or "0", zone)
    if found := _NGINX.search(head):
        day, month, at_year, *clock, zone = found.groups()
        return _stamp([int(at_year), _MONTHS.get(month, 0), int(day), *map(int, clock)], "0", zone)
    if found := _KLOG.match(head):
        *parts, fraction = found.groups()
        return _stamp([year, *map(int, parts)], fraction, None)
    return _parse_rare_time(head, year)


def _parse_rare_time(head: str, year: int) -> float | None:
    if found := _SYSLOG.search(head):
        month, day, *clock = found.groups()
        return _stamp([year, _MONTHS.get(month, 0), int(day), *map(int, clock)], "0", None)
    if found := _SHORT.match(head):
        first, *parts = map(int, found.groups())
        return _stamp([2000 + first, *parts], "0", None)
    if found := _EPOCH.search(head):
        return float(found.group(1))
    return None


def _stamp(parts: list[int], fraction: str, zone: str | None) -> float:
    year, month, day, hour, minute, second = parts
    moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_zone(zone))
    return moment.timestamp() + float(f"0.{fraction}")


def _zone(name: str | None) -> timezone:
    if not name or name in {"Z", "UTC"}:
        return UTC
    sign = -1 if name[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(name[1:3]), minutes=int(name[-2:])))


def parse_level(line: str) -> str:
    """Return "fatal", "error", "warn", "info", "debug", or "" where the line does not say."""
    if _KLOG.match(line):
        return _KLOG_LEVELS[line[0]]
    found = _LEVEL.search(line[:200])
    return _LEVELS[found.group(1).lower()] if found else ""


def looks_like_log(lines: list[str]) -> bool:
    """Say whether most lines start with a time, so that each is a record of its own."""
    sample = [line for line in lines[:200] if line.strip()]
    timed = sum(parse_time(line[:60]) is not None for line in sample)
    return len(sample) >= 3 and timed >= 0.3 * len(sample)


def records(lines: Iterable[str], year: int = 1970) -> Iterator[Record]:
    """Join each stack trace with the line that it belongs to; one record at a time."""
    block: list[str] = []
    for line in lines:
        if block and _CONTINUES.match(line) and parse_time(line[:60]) is None:
            block.append(line)
            continue
        if block:
            yield _record(block, year)
        block = [line] if line.strip() else []
    if block:
        yield _record(block, year)


def _record(block: list[str], year: int) -> Record:
    if len(block) > MAX_RECORD_LINES:
        block = [*block[: MAX_RECORD_LINES - 4], "…", *block[-3:]]
    return Record("\n".join(block).rstrip(), parse_time(block[0], year), parse_level(block[0]))


class TemplateIndex:
    """Folds records into templates by drain3, in bounded memory.

    A line with a time that another source has already brought (a file that repeats the messages)
    is not counted again. `unfolded` counts the lines of kinds beyond the limit of templates.
    """

    def __init__(self) -> None:
        self.templates: dict[tuple[int, str], Template] = {}
        self.lines = 0
        self.unfolded = 0
        self._drain = Drain(sim_th=0.5, depth=4, max_clusters=MAX_TEMPLATES)
        self._clusters: dict[str, int] = {}
        self._seen: dict[int, str] = {}

    def add(self, record: Record, source: str) -> Template | None:
        """Count a record; return its template where it is the first of its kind."""
        if self._is_repeat(record, source):
            return None
        self.lines += 1
        cluster = self._cluster(record)
        key = (cluster or 0, record.level)
        template = self.templates.get(key)
        if template is not None:
            _count(template, record.at)
            return None
        if cluster is None or len(self.templates) >= MAX_TEMPLATES:
            self.unfolded += 1
            return None
        template = self.templates[key] = Template(record.text, record.level, len(self.templates))
        _count(template, record.at)
        return template

    def _is_repeat(self, record: Record, source: str) -> bool:
        if record.at is None:
            return False
        key = hash(record.text)
        known = self._seen.get(key)
        if known is None and len(self._seen) < _SEEN_LINES:
            self._seen[key] = source
        return known not in {None, source}

    def _cluster(self, record: Record) -> int | None:
        """Return the number of a record's shape, None for a new one where there are too many."""
        masked = _VARIABLE.sub("#", record.text.split("\n", 1)[0][:400])
        known = self._clusters.get(masked)
        if known is None:
            severe = SEVERITY[record.level] >= SEVERITY["error"]
            if len(self._clusters) >= (_NEW_SEVERE_SHAPES if severe else _NEW_SHAPES):
                return None
            cluster, _ = self._drain.add_log_message(masked)
            known = self._clusters[masked] = int(cluster.cluster_id)
        return known


def _count(template: Template, at: float | None) -> None:
    template.count += 1
    if at is not None:
        template.first_at = at if template.first_at is None else min(at, template.first_at)
        template.last_at = at if template.last_at is None else max(at, template.last_at)

"""Kubernetes' events, as `kubectl get events` and `kubectl describe` print them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COLUMNS = re.compile(r"\s{2,}|\t")
_RULE = re.compile(r"\s{0,8}----+\s")
_LEVELS = {"warning": "warn", "normal": "info"}
_AGE = re.compile(r"(?:(\d{1,5})y)?(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
_UNITS = (31_536_000, 86_400, 3_600, 60, 1)
_TIMES = re.compile(r"\(x(\d{1,7}) over ")


@dataclass(frozen=True, slots=True)
class Event:
    """One row: how long ago (seconds, None where not told), how bad, and how often."""

    age: float | None
    level: str
    count: int


@dataclass(frozen=True, slots=True)
class Table:
    """Where a table of events has its columns."""

    kind: int
    age: int
    width: int

    def holds(self, line: str) -> bool:
        """Say whether a line is one of its events."""
        cells = _cells(line)
        return len(cells) >= self.width and cells[self.kind].lower() in _LEVELS

    def read(self, line: str) -> Event:
        """Return what a row tells of its event."""
        cells = _cells(line)
        times = _TIMES.search(cells[self.age])
        count = int(times.group(1)) if times else 1
        return Event(_seconds(cells[self.age]), _LEVELS[cells[self.kind].lower()], count)


def header_of(line: str) -> Table | None:
    """Return the table that a line heads, None where it heads none of events."""
    names = [name.lower() for name in _cells(line)]
    age = next((name for name in ("age", "last seen") if name in names), None)
    if age is None or "type" not in names or "reason" not in names:
        return None
    return Table(names.index("type"), names.index(age), len(names) - 1)


def is_rule(line: str) -> bool:
    """Say whether it is the line of dashes under a header."""
    return _RULE.match(line) is not None


def _cells(line: str) -> list[str]:
    return _COLUMNS.split(line.strip())


def _seconds(text: str) -> float | None:
    found = _AGE.match(text)
    if not found or not found.group():
        return None
    return float(sum(int(n or 0) * unit for n, unit in zip(found.groups(), _UNITS, strict=True)))

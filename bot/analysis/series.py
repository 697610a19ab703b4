"""Metrics as series: wide CSV tables, Prometheus-like samples with a time, and call graphs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.analysis.logs import parse_time

MAX_CELLS = 400_000
_HEADER_ROWS = 6
_SAMPLE = re.compile(
    r"^([a-zA-Z_:][\w:]{0,120})(?:\{([^{}\n]{0,400})\})? (-?[\d.eE+-]{1,30}) (\d{10}(?:\d{3})?)$"
)
_LABEL = re.compile(r'(?:job|service|app|instance|pod|component|host)="([^"]{1,120})"')
_TIME_NAMES = frozenset({"time", "timestamp", "date", "datetime", "unix_timestamp", "ts", "_time"})

Points = tuple[tuple[float, float], ...]
Graph = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Series:
    """One measured series: whose it is, what it measures, (UTC seconds, value) in order of time."""

    component: str
    metric: str
    statistic: str
    points: Points


def read_series(text: str) -> tuple[Series, ...]:
    """Return the series of a table or of samples; nothing where the text is neither."""
    if _SAMPLE.match(text.split("\n", 1)[0]) or text.startswith(("# HELP", "# TYPE")):
        return _samples(text.splitlines())
    rows = _rows(text)
    start = next((i for i, row in enumerate(rows[: _HEADER_ROWS + 1]) if _is_data(row)), 0)
    if not start or len(rows) - start < 2 or not _is_timed(rows[:start]):
        return ()
    return tuple(_columns(rows[:start], rows[start:]))


def read_graph(text: str) -> Graph:
    """Return who calls whom, from a square matrix of 0 and 1, or from rows of caller and callee."""
    rows = _rows(text)
    if len(rows) < 2:
        return {}
    names = rows[0][1:]
    if rows[0][0] == "" and names and all(row[0] in names for row in rows[1:] if row):
        return {row[0]: _called(names, row[1:]) for row in rows[1:] if row}
    if [cell.strip().lower() for cell in rows[0][:2]] in _EDGE_HEADERS:
        return _edges(row for row in rows[1:] if len(row) > 1)
    return {}


_EDGE_HEADERS = (
    ["source", "target"],
    ["caller", "callee"],
    ["from", "to"],
    ["src", "dst"],
    ["client", "server"],
    ["parent", "child"],
)


def _rows(text: str) -> list[list[str]]:
    """Return the cells of a table, none where the lines are not of one width."""
    lines = text.splitlines()
    width = lines[0].count(",") if lines else 0
    if not width or len(lines) * width > MAX_CELLS:
        return []
    try:
        rows = [row for row in csv.reader(lines, strict=True) if row]
    except csv.Error:
        return []
    return rows if {len(row) for row in rows[1:]} <= {len(rows[0])} else []


def _is_data(row: list[str]) -> bool:
    return _moment(row[0]) is not None and any(_number(cell) is not None for cell in row[1:])


def _is_timed(header: list[list[str]]) -> bool:
    return any(row[0].strip().lower() in _TIME_NAMES for row in header)


def _moment(cell: str) -> float | None:
    number = _number(cell)
    if number is not None:
        return number if number > 1e8 else None
    return parse_time(cell)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _columns(header: list[list[str]], rows: list[list[str]]) -> Iterator[Series]:
    for column in range(1, len(header[0])):
        points = tuple(
            (at, value)
            for row in rows
            if (at := _moment(row[0])) is not None and (value := _number(row[column])) is not None
        )
        names = [row[column].strip() for row in header if row[column].strip()]
        if points and names:
            yield _named(names, points)


def _named(names: list[str], points: Points) -> Series:
    """Return a series by its header: a row for each part, or "component metric (unit)" in one."""
    if len(names) > 1:
        return Series(names[0], names[1], " ".join(names[2:]), points)
    component, _, metric = names[0].partition(" ")
    return Series(component, metric, "", points) if metric else Series("", component, "", points)


def _called(names: list[str], cells: list[str]) -> tuple[str, ...]:
    return tuple(name for name, cell in zip(names, cells, strict=False) if _number(cell))


def _edges(rows: Iterable[list[str]]) -> Graph:
    calls: dict[str, tuple[str, ...]] = {}
    for caller, callee, *_ in rows:
        calls[caller] = (*calls.get(caller, ()), callee)
    return calls


def _samples(lines: Iterable[str]) -> tuple[Series, ...]:
    found: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for line in lines:
        sample = _SAMPLE.match(line.strip())
        if sample and (value := _number(sample.group(3))) is not None:
            labels = sample.group(2) or ""
            owner = _LABEL.search(labels)
            key = (owner.group(1) if owner else "", sample.group(1), labels)
            found.setdefault(key, []).append((float(sample.group(4)[:10]), value))
    return tuple(
        Series(component, metric, labels, tuple(sorted(points)))
        for (component, metric, labels), points in found.items()
    )

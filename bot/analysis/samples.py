"""Samples a line each: Prometheus' text with times, Influx lines, columns beside a clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from bot.analysis.series import (
    MAX_CELLS,
    Series,
    in_order,
    labels_of,
    moment,
    number,
    series_of,
)

_PROMETHEUS = re.compile(
    r"([a-zA-Z_:][\w:]{0,120})(?:\{([^{}\n]{0,600})\})? ([-+\d.eEINFNna]{1,30})"
    r" (\d{10}(?:\.\d{1,9}|\d{3})?)"
)
_INFLUX = re.compile(
    r"([\w.-]{1,80})((?:,[\w.-]{1,60}=[^,\s=]{1,120}){0,20}) "
    r"([\w.-]{1,60}=[^,\s=]{1,60}(?:,[\w.-]{1,60}=[^,\s=]{1,60}){0,40}) (\d{10,19})"
)
_CLOCK = re.compile(r"\d\d:\d\d:\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S{0,25}")
_NO_COLUMN = frozenset(("AM", "PM", "UTC", "GMT", "CET", "CEST", "EST", "EDT", "PST", "PDT", "JST"))
# What kind of samples a text holds is told by its head; most texts hold none.
_HEAD = 8_000
_HEAD_LINES = 8
_LEAST_COLUMNS = 4

Key = tuple[str, tuple[tuple[str, str], ...]]


def read_samples(text: str) -> tuple[Series, ...]:
    """Return the series of samples that tell their time, nothing where the text has none."""
    head = [line.strip() for line in text[:_HEAD].splitlines()]
    first = next((line for line in head if line and not line.startswith("#")), "")
    if _PROMETHEUS.fullmatch(first):
        return _gathered(_prometheus(_lines(text)))
    if _INFLUX.fullmatch(first):
        return _gathered(_influx(_lines(text)))
    if any(_is_header(line.split()) for line in head[:_HEAD_LINES]):
        return _columns([line.split() for line in _lines(text) if line])
    return ()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in islice(text.splitlines(), MAX_CELLS)]


def _prometheus(lines: Sequence[str]) -> Iterator[tuple[Key, float, float]]:
    for line in lines:
        if found := _PROMETHEUS.fullmatch(line):
            value, at = number(found[3]), moment(found[4])
            if value is not None and at is not None:
                yield (found[1], tuple(sorted(labels_of(found[2] or "").items()))), at, value


def _influx(lines: Sequence[str]) -> Iterator[tuple[Key, float, float]]:
    for line in lines:
        if found := _INFLUX.fullmatch(line):
            labels = tuple(sorted(labels_of(found[2]).items()))
            at = float(found[4][:10])
            for pair in found[3].split(","):
                name, _, told = pair.partition("=")
                value = number(told.rstrip("iu"))
                if value is not None:
                    yield (f"{found[1]} {name}", labels), at, value


def _gathered(samples: Iterator[tuple[Key, float, float]]) -> tuple[Series, ...]:
    found: dict[Key, list[tuple[float, float]]] = {}
    for key, at, value in samples:
        found.setdefault(key, []).append((at, value))
    return tuple(series_of(name, dict(labels), points) for (name, labels), points in found.items())


def _columns(lines: Sequence[list[str]]) -> tuple[Series, ...]:
    """Read columns as sar and `vmstat -t` write them: the day may stand in a line above."""
    header = next((n for n, line in enumerate(lines[:_HEAD_LINES]) if _is_header(line)), None)
    if header is None:
        return ()
    above = [cell for line in lines[:header] for cell in line]
    day = next((cell for cell in above if _DAY.fullmatch(cell)), "")
    names = _cells(lines[header])
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for line in lines[header + 1 :]:
        at, cells = _at(line, day), _cells(line)
        if at is not None and len(cells) == len(names):
            for name, cell in zip(names, cells, strict=True):
                if (value := number(cell)) is not None:
                    found[name].append((at, value))
    return tuple(Series("", name, "", in_order(points)) for name, points in found.items() if points)


def _is_header(line: Sequence[str]) -> bool:
    names = _cells(line)
    return len(names) >= _LEAST_COLUMNS and all(re.match(r"[%a-zA-Z]", name) for name in names)


def _cells(line: Sequence[str]) -> list[str]:
    """Return the cells that are no part of a time."""
    return [cell for cell in line if cell not in _NO_COLUMN and not _is_time(cell)]


def _is_time(cell: str) -> bool:
    return any(pattern.fullmatch(cell) for pattern in (_CLOCK, _DAY, _STAMP))


def _at(line: Sequence[str], day: str) -> float | None:
    stamp = next((cell for cell in line if _STAMP.fullmatch(cell)), None)
    if stamp:
        return moment(stamp)
    clock = next((cell for cell in line if _CLOCK.fullmatch(cell)), None)
    own = next((cell for cell in line if _DAY.fullmatch(cell)), day)
    return moment(f"{own} {clock}") if clock and own else None

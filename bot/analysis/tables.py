"""Tables of figures: a column for each series, or a row for each figure."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from bot.analysis.series import (
    MAX_CELLS,
    OWNERS,
    Series,
    in_order,
    labels_of,
    moment,
    named,
    number,
    series_of,
)

_HEADER_ROWS = 6
_LONGEST = 200_000
_TIMES = {"time", "timestamp", "date", "datetime", "unix_timestamp", "ts", "_time", "when", "at"}
_METRICS = {"metric", "metric_name", "__name__", "name", "measurement", "_measurement", "series"}
_FIELDS = {"_field", "field", "counter", "variable"}
_VALUES = {"value", "val", "_value", "y", "measure", "reading"}
_LABELS = {"labels", "tags", "dimensions", "attributes"}
_NOTHING = {"", "nan", "null", "none", "undefined", "n/a", "na", "-", "inf", "+inf", "-inf"}

Rows = list[list[str]]


def rows_of(text: str) -> Rows:
    """Return the cells of a table, none where the lines are not of one width or are too many."""
    if text.startswith("sep="):
        _, _, text = text.partition("\n")
    first = text[:_LONGEST].partition("\n")[0]
    comma = max((",", ";", "\t"), key=first.count)
    width = first.count(comma)
    if not width or (text.count("\n") + 1) * width > MAX_CELLS:
        return []
    lines = text.splitlines()
    try:
        rows = [row for row in csv.reader(lines, delimiter=comma, strict=True) if row]
    except csv.Error:
        return []
    return rows if {len(row) for row in rows[1:]} <= {len(rows[0])} else []


def read_table(rows: Rows) -> tuple[Series, ...]:
    """Return the series of a table, none where it has no column of times."""
    if len(rows) < 3:
        return ()
    header = [cell.strip().lower() for cell in rows[0]]
    time = next((n for n, name in enumerate(header) if name in _TIMES), None)
    if time is not None and _is_data(rows[1], time) and _texts(header, rows[1:], time):
        return tuple(_long(header, rows[1:], time))
    start = next((n for n, row in enumerate(rows[: _HEADER_ROWS + 1]) if _is_data(row, 0)), 0)
    if not start or len(rows) - start < 2 or not _is_timed(rows[:start]):
        return ()
    return tuple(_wide(rows[:start], rows[start:]))


def _is_data(row: Sequence[str], time: int) -> bool:
    others = (cell for n, cell in enumerate(row) if n != time)
    return moment(row[time]) is not None and any(number(cell) is not None for cell in others)


def _is_timed(header: Rows) -> bool:
    return any(row[0].strip().lower() in _TIMES for row in header)


def _texts(header: Sequence[str], rows: Rows, time: int) -> list[int]:
    """Return the columns of words; where there are some, each row tells whose its figures are."""
    sample = rows[:50]
    return [
        column
        for column in range(len(header))
        if column != time
        and any(row[column].strip().lower() not in _NOTHING for row in sample)
        and not any(number(row[column]) is not None for row in sample)
    ]


def _wide(header: Rows, rows: Rows) -> Iterator[Series]:
    moments = [moment(row[0]) for row in rows]
    for column in range(1, len(header[0])):
        points = in_order(
            (at, value)
            for at, row in zip(moments, rows, strict=True)
            if at is not None and (value := number(row[column])) is not None
        )
        names = [row[column].strip() for row in header if row[column].strip()]
        if points and names:
            yield _of_names(names, points)


def _of_names(names: list[str], points: tuple[tuple[float, float], ...]) -> Series:
    """Return a series by its header: a row for each part, or "component metric (unit)" in one."""
    if len(names) > 1:
        return Series(names[0], names[1], " ".join(names[2:]), points)
    metric, labels = named(names[0])
    if labels:
        return series_of(metric, labels, points)
    component, _, rest = names[0].partition(" ")
    return Series(component, rest, "", points) if rest else Series("", component, "", points)


def _long(header: Sequence[str], rows: Rows, time: int) -> Iterator[Series]:
    """Yield the series of rows that each tell a time, whose figures, of what, and the figures."""
    words = set(_texts(header, rows, time))
    metrics = [n for n in words if header[n] in _METRICS | _FIELDS]
    values = [n for n in range(len(header)) if n != time and n not in words]
    told = [n for n in values if header[n] in _VALUES]
    found: dict[tuple[tuple[tuple[str, str], ...], str], dict[float, float]] = {}
    for row in rows:
        at = moment(row[time])
        for column in told or values:
            value = number(row[column])
            if at is not None and value is not None:
                labels = _labels(header, row, words - set(metrics))
                metric = " ".join(row[n].strip() for n in metrics) or header[column]
                found.setdefault((labels, metric), {})[at] = value
    for (labels, metric), points in found.items():
        name, more = named(metric)
        yield series_of(name, {**dict(labels), **more}, points.items())


def _labels(
    header: Sequence[str], row: Sequence[str], words: set[int]
) -> tuple[tuple[str, str], ...]:
    labels: dict[str, str] = {}
    for column in sorted(words):
        if header[column] in _LABELS:
            labels.update(labels_of(row[column]))
        elif row[column].strip():
            labels[header[column]] = row[column].strip()
    if not any(key in OWNERS for key in labels) and len(words) == 1 and labels:
        labels = {"entity": next(iter(labels.values()))}
    return tuple(sorted(labels.items()))

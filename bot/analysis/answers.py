"""Series from the JSON in which monitoring systems answer a query."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.analysis.series import MAX_CELLS, Series, moment, named, number, series_of

_MAX_CHARS = 12_000_000

Found = Iterator[Series]


def parsed(text: str) -> Any:
    """Return what a JSON text holds, None where it is none or too large or too deep."""
    if text[:1] not in "[{" or len(text) > _MAX_CHARS:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_answer(document: Any) -> tuple[Series, ...]:
    """Return the series of an answer of a system that we know, nothing of any other."""
    found: list[Series] = []
    left = MAX_CELLS
    for read in _READERS:
        for one in read(document):
            left -= len(one.points)
            if left < 0:
                break
            if one.points:
                found.append(one)
        if found:
            break
    return tuple(found)


def _prometheus(document: Any) -> Found:
    """Read a matrix; of a vector each series has one point."""
    for one in _dicts(_at(document, "data", "result") or _at(document, "result") or document):
        labels = _words(one.get("metric"))
        pairs = one.get("values") or [one.get("value")]
        if labels is not None:
            name = labels.pop("__name__", "")
            yield series_of(name or "value", labels, _pairs(pairs))


def _cloudwatch(document: Any) -> Found:
    for one in _dicts(_at(document, "MetricDataResults")):
        pairs = list(zip(_list(one.get("Timestamps")), _list(one.get("Values")), strict=False))
        component, _, metric = str(one.get("Label") or one.get("Id")).rpartition(" ")
        yield series_of(metric, {"resource": component}, _pairs(pairs))
    points = _dicts(_at(document, "Datapoints"))
    for statistic in ("Average", "Sum", "Maximum", "Minimum", "SampleCount"):
        pairs = [(one.get("Timestamp"), one[statistic]) for one in points if statistic in one]
        if pairs:
            name = str(_at(document, "Label") or "value")
            yield series_of(name, {"statistic": statistic}, _pairs(pairs))


def _datadog(document: Any) -> Found:
    for one in _dicts(_at(document, "series")):
        tags = one.get("tag_set") or str(one.get("scope") or "").split(",")
        yield series_of(str(one.get("metric")), _tags(tags), _pairs(one.get("pointlist")))
    answer = _at(document, "data", "attributes")
    times = _list(_at(answer, "times"))
    columns = zip(_dicts(_at(answer, "series")), _list(_at(answer, "values")), strict=False)
    for number_of_it, (one, values) in enumerate(columns):
        metric = str(one.get("metric") or f"query {number_of_it}")
        pairs = list(zip(times, _list(values), strict=False))
        yield series_of(metric, _tags(one.get("group_tags")), _pairs(pairs))


def _grafana(document: Any) -> Found:
    results = _at(document, "results")
    for result in results.values() if isinstance(results, dict) else ():
        for frame in _dicts(_at(result, "frames")):
            fields = _dicts(_at(frame, "schema", "fields"))
            columns = [_list(column) for column in _list(_at(frame, "data", "values"))]
            for field, column in list(zip(fields, columns, strict=False))[1:]:
                labels = _words(field.get("labels")) or {}
                name = str(_at(frame, "schema", "name") or field.get("name") or "value")
                yield series_of(
                    labels.pop("__name__", name),
                    labels,
                    _pairs(list(zip(columns[0], column, strict=False))),
                )


def _influx(document: Any) -> Found:
    for result in _dicts(_at(document, "results")):
        for one in _dicts(_at(result, "series")):
            names = [str(name) for name in _list(one.get("columns"))]
            rows = [row for row in _list(one.get("values")) if isinstance(row, list)]
            time = names.index("time") if "time" in names else 0
            for place, name in enumerate(names):
                if place != time:
                    pairs = [(row[time], row[place]) for row in rows if len(row) == len(names)]
                    metric = f"{one.get('name') or ''} {name}".strip()
                    yield series_of(metric, _words(one.get("tags")) or {}, _pairs(pairs))


_READERS: tuple[Callable[[Any], Found], ...] = (
    _prometheus,
    _cloudwatch,
    _datadog,
    _grafana,
    _influx,
)


def _pairs(pairs: Any) -> list[tuple[float, float]]:
    """Return the points of (time, value) pairs; what is no figure is a gap."""
    found = []
    for pair in _list(pairs):
        if isinstance(pair, list | tuple) and len(pair) == 2:
            at, value = moment(pair[0]), number(pair[1])
            if at is not None and value is not None:
                found.append((at, value))
    return found


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _words(value: Any) -> dict[str, str] | None:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else None


def _tags(tags: Any) -> dict[str, str]:
    pairs = (str(tag).partition(":") for tag in _list(tags))
    found = {key: value for key, _, value in pairs if value}
    return (
        found or {"entity": named(str(tags[0]))[0]} if tags and tags[0] not in ("*", "") else found
    )

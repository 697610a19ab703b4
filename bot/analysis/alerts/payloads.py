"""Alerts from the JSON that monitoring products send, by one table of their shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.analysis.alerts.model import Alert, Labels, State
from bot.analysis.alerts.shapes import Shape, shapes
from bot.analysis.alerts.titles import titled
from bot.analysis.alerts.words import labels_of, severity_of, state_of, time_of

MAX_CHARS = 500_000
MAX_ALERTS = 500
_NAME_CHARS = 250

Document = Mapping[str, Any]


def alerts_of(document: Any) -> Iterator[Alert]:
    """Yield the alerts of a payload, a list of payloads, or a payload wrapped in another one."""
    for one in _documents(document, depth=3):
        yield from _read(one)


def _read(document: Document) -> list[Alert]:
    """Read by the first shape that fits and finds something."""
    for shape in shapes():
        if all(_at(document, path) is not None for path in shape.needs):
            read = (_alert(entry, shape) for entry in _entries(document, shape))
            if found := [alert for alert in read if alert]:
                return found
    return []


def _documents(document: Any, depth: int) -> Iterator[Document]:
    """Yield each payload; what a queue or another product wraps is taken out of its envelope."""
    if isinstance(document, str) and document[:1] == "{":
        document = parsed(document)
    if isinstance(document, list):
        for item in document[:MAX_ALERTS]:
            yield from _documents(item, depth)
    elif isinstance(document, dict):
        inner = [_at(document, path) for path in _ENVELOPES]
        inner = [one for one in inner if isinstance(one, dict | list) or _is_object(one)]
        if not inner or not depth:
            yield document
        for one in inner if depth else ():
            yield from _documents(one, depth - 1)


_ENVELOPES = ("Message", "Records", "Sns.Message", "raw", "MetricAlarms", "body.Message")


def _is_object(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip()[:1] == "{"


def parsed(text: str) -> Any:
    """Return what a JSON text holds, None where it is none or too large or too deep."""
    if len(text) > MAX_CHARS:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _entries(document: Document, shape: Shape) -> Iterable[Document]:
    listed = _at(document, shape.each) if shape.each else [document]
    entries = listed if isinstance(listed, list) else []
    return [entry for entry in entries[:MAX_ALERTS] if isinstance(entry, dict)]


def _alert(entry: Document, shape: Shape) -> Alert | None:
    """Return an alert in plain terms; a title that tells the state gives it where no field does."""
    name = str(_first(entry, shape.name) or "").strip().split("\n", 1)[0][:_NAME_CHARS]
    title = titled(name)
    state = _state(entry, shape)
    if title and state == "unknown":
        state = title.state
    if not name or (shape.is_for_any and state == "unknown"):
        return None
    labels = _labels(entry, shape)
    severity = _first(entry, shape.severity) or dict(labels).get("severity")
    return Alert(
        name=title.name if title else name,
        state=state,
        severity=severity_of(severity) if severity is not None else "",
        started_at=_time(entry, shape.started),
        ended_at=_time(entry, shape.ended) if state == "resolved" else None,
        labels=tuple(sorted({*labels, *(title.labels if title else ())})),
        vendor=str(_first(entry, shape.told_by) or shape.vendor).casefold()[:40],
    )


def _state(entry: Document, shape: Shape) -> State:
    for path in shape.state:
        told = str(_at(entry, path))
        state = shape.codes.get(told) or state_of(told)
        if state == "unknown" and (title := titled(told)):
            state = title.state
        if state != "unknown":
            return state
    return "unknown"


def _labels(entry: Document, shape: Shape) -> Labels:
    found: dict[str, str] = {}
    for path in shape.labels:
        name, _, inner = path.rpartition("=")
        value = _at(entry, inner)
        if name and isinstance(value, str | int | float) and value != "":
            found[name] = str(value)
        elif not name:
            found.update(labels_of(value))
    return tuple(sorted(found.items()))


def _time(entry: Document, paths: Iterable[str]) -> float | None:
    times = (time_of(_at(entry, path)) for path in paths)
    return next((at for at in times if at is not None), None)


def _first(entry: Document, paths: Iterable[str]) -> Any:
    values = (_at(entry, path) for path in paths)
    return next((value for value in values if value not in (None, "", [], {})), None)


def _at(value: Any, path: str) -> Any:
    """Return what stands at a path such as "alerts.0.labels", None where nothing does."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list):
            value = _of_list(value, step)
        else:
            return None
    return value


def _of_list(values: list[Any], step: str) -> Any:
    if step.isdigit():
        return values[int(step)] if int(step) < len(values) else None
    keyed = (one for one in values if isinstance(one, dict) and one.get("key") == step)
    return next(keyed, {}).get("value")

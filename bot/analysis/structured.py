"""What a line says once its wrapping is off: JSON, logfmt, and what containers put around it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_CRI = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] ")
# `kubectl logs --timestamps`, `docker compose logs`
_STAMPED = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[+-]\d\d:\d\d)[ ]")
_COMPOSED = re.compile(r"[\w./-]{1,60} {1,20}\| ")
_LOGFMT = re.compile(r"(?<!\w)(?:msg|message|err|error)=(\"(?:[^\"\\]|\\.){0,2000}\"|\S{1,200})")
_MESSAGES = (
    *("msg", "message", "@m", "@mt", "textPayload", "log", "MESSAGE", "event", "body"),
    "short_message",
)
_FAILURES = ("err", "error", "exception", "@x", "exc_info", "stack", "stacktrace", "stack_trace")
_NESTED = ("jsonPayload", "message", "err", "error", "exception", "attr", "fields", "data")
_SHOWN = 400


def unwrapped(line: str) -> str:
    """Return a line without what a container's runtime put before it."""
    for wrapping in (_CRI, _STAMPED, _COMPOSED):
        if found := wrapping.match(line):
            return line[found.end() :]
    return line


def wording(line: str) -> str:
    """Return the part of a line that says what happened, to tell its kind by."""
    inner = unwrapped(line)
    if inner.startswith("{"):
        return _of_object(inner) or inner
    parts = _LOGFMT.findall(inner) if "=" in inner else []
    return " ".join(parts) or line


def logged_line(line: str) -> str:
    """Return the line that a program wrote, where Docker keeps it inside of an object."""
    if not line.startswith('{"log":'):
        return unwrapped(line)
    text = _object(line).get("log")
    return text.rstrip("\n") if isinstance(text, str) else line


def is_object(line: str) -> bool:
    """Say whether a line is a whole JSON object."""
    return line.startswith("{") and line.rstrip().endswith("}") and bool(_object(line))


def _of_object(line: str) -> str:
    found = _object(line)
    inner: Mapping[str, Any] = next(
        (found[key] for key in _NESTED if isinstance(found.get(key), dict)), {}
    )
    parts = [_first(found, _MESSAGES) or _first(inner, _MESSAGES), _first(found, _FAILURES)]
    return " ".join(part[:_SHOWN] for part in (*parts, _first(inner, _FAILURES)) if part)


def _first(found: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    values = (found.get(key) for key in keys)
    return next((value for value in values if isinstance(value, str) and value), "")


def _object(line: str) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

"""What an incident is about: the names that its opening or its question gives to what fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.analysis.evidence import Evidence

_LABEL = re.compile(
    r"`?\b(?:service|app|application|deployment|workload_name|pod|job|container|db_instance"
    r"|db_instance_identifier|instance|component|cluster|cluster_name|topic|queue|host)[=:] ?"
    r"[\"']?([\w][\w./-]{2,60})",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<![\w./@-])(?:[a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){1,6}|[a-z]{2,20}[A-Z]\w{2,40}|[A-Z]{3,12})(?![\w/])"
)
_GENERIC = frozenset(
    {"kubectl", "aws", "rds", "postgres", "eks", "cloudwatch", "get-a", "read-only", "show-labels"}
    | {"follow-up", "real-time", "out-of-memory", "error", "http", "https", "json", "utc", "cpu"}
    | {"warning", "critical", "firing", "alert", "resolved", "the", "why", "pod", "pods", "oom"}
    | {"api", "url", "sql", "dns", "tls", "ssl", "not", "and", "for", "can"}
)
_MOST = 2
_CHARS = 48


def subject_of(items: Sequence[Evidence], question: str) -> str:
    """Return at most two names, joined by a comma; "" where nothing is named that recurs."""
    if not items:
        return ""
    root = items[0].message_ts
    opening = "\n".join(item.text[:1_500] for item in items if item.message_ts == root)
    rest = [item.text.lower() for item in items if item.message_ts != root]
    is_asked = bool(question) or opening.rstrip().endswith(("?", "？"))
    names: list[str] = []
    for name in dict.fromkeys(_named(question, opening)):
        is_known = is_asked or any(name.lower() in text for text in rest)
        if is_known and len(", ".join([*names, name])) <= _CHARS and len(names) < _MOST:
            names.append(name)
    return ", ".join(names)


def _named(question: str, opening: str) -> Iterator[str]:
    labels = (found.group(1).rstrip("./-") for found in _LABEL.finditer(opening))
    names = (found.group() for found in _NAME.finditer(f"{question}\n{opening}"))
    yield from (name for name in (*labels, *names) if name.lower() not in _GENERIC)

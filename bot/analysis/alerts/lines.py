"""Alerts from what a product's bot writes: a title, and below it states, labels and values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.analysis.alerts.model import Alert, Labels, State
from bot.analysis.alerts.titles import Title, numbered, of_plain, plain_line
from bot.analysis.alerts.words import severity_of, state_of, time_of, vendor_of
from bot.analysis.logs import parse_time
from bot.incident import Tone

_MOST_LINES = 300
_MOST_ALERTS = 100
# A sentence that could be a title is one in these first lines only.
_HEAD = 5
# Only these count as labels in prose, where a colon may stand for anything.
_KEY_NAMES = """
    alertname, alert name, severity, priority, urgency, state, status, new state, value, source,
    namespace, pod, instance, instanceid, job, service, cluster, cluster_name, environment, env,
    region, host, hostname, node, deployment, container, monitor, device_id, workload,
    workload_name, project, short id, queue, topic, database, db_instance, application, component,
    team, start, startsat, started, started at, start time, fired
"""
_KEYS = frozenset(name.strip() for name in _KEY_NAMES.split(","))
_COLUMNS = re.compile(r"`\s{1,4}`| {2,}")
_PAIR = re.compile(r"([A-Za-z][\w. ]{1,24}?) ?[:=] ?(\S.{0,200})")
_SECTION = re.compile(r"(firing|resolved)(?: alerts?)?:?", re.IGNORECASE)
_LABELS = re.compile(r"labels:", re.IGNORECASE)
_STATED = re.compile(r"\b(triggered|acknowledged|resolved|closed|recovered)\b", re.IGNORECASE)
_OF_ISSUES = frozenset({"sentry"})
_NUMBERING = frozenset({"pagerduty", "opsgenie"})
_TONES: dict[Tone, State] = {"bad": "firing", "good": "resolved", "": "unknown"}
# These say what is a field of its own, so that they are no labels as well.
_OWN = {"alertname", "alert name", "severity", "priority", "urgency", "state", "status"}
_OWN_TOO = {"new state", "source", "start", "startsat", "started", "started at", "fired"}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without markup, and the known keys in it."""

    plain: str
    pairs: dict[str, str]


@dataclass(slots=True)
class _Draft:
    """An alert while its lines are read."""

    title: Title
    pairs: dict[str, str] = field(default_factory=dict)


def from_lines(text: str, author: str, tone: Tone) -> tuple[Alert, ...]:
    """Return the alerts that a bot's message tells; none where it tells of none."""
    raw = [line for line in text.splitlines()[:_MOST_LINES] if line.strip()]
    if not raw or parse_time(raw[0][:60]) is not None:
        return ()  # a line of a log
    lines = [_Line(plain_line(line), dict(_pairs(line))) for line in raw]
    vendor = vendor_of(author) or _named_below(text)
    drafts = _listed(lines) or _drafts(lines, vendor)
    return tuple(_alert(draft, vendor, tone, text) for draft in drafts[:_MOST_ALERTS])


def _named_below(text: str) -> str:
    """Return the product whose address or footer stands in the text of a bot of another name."""
    lowered = text.casefold()
    return next((vendor for mark, vendor in _FOOTERS.items() if mark in lowered), "")


_FOOTERS = {"/alerting/grafana/": "grafana", "\ngrafana v": "grafana", "sentry.io/": "sentry"}


def _drafts(lines: Sequence[_Line], vendor: str) -> list[_Draft]:
    """Return one draft for each title, with the labels of the lines below it."""
    drafts: list[_Draft] = []
    for place, line in enumerate(lines):
        title = None if line.pairs else of_plain(line.plain)
        if title and _is_next(title, place, drafts):
            drafts.append(_Draft(title))
        elif drafts:
            drafts[-1].pairs.update(line.pairs)
    return drafts or _untitled(lines, vendor)


def _is_next(title: Title, place: int, drafts: Sequence[_Draft]) -> bool:
    """Say whether a title begins an alert: below the first one only another of its form does."""
    if not drafts:
        return bool(title.vendor) or place < _HEAD
    first = drafts[0].title
    is_same_form = bool(title.vendor) and title.vendor == first.vendor
    return is_same_form and all(title.name != draft.title.name for draft in drafts)


def _untitled(lines: Sequence[_Line], vendor: str) -> list[_Draft]:
    """Return what names an alert without saying so in its first line."""
    pairs = {key: value for line in lines for key, value in line.pairs.items()}
    name = pairs.get("alertname") or pairs.get("alert name")
    if name:
        return [_Draft(Title(name, "unknown"), pairs)]
    title = next((found for line in lines[:3] if (found := numbered(line.plain))), None)
    if title and vendor in _NUMBERING:
        return [_Draft(title, pairs)]
    if vendor in _OF_ISSUES:
        return [_Draft(Title(lines[0].plain[:200], "unknown"), pairs)]
    return []


def _listed(lines: Sequence[_Line]) -> list[_Draft]:
    """Return the alerts that are listed one by one with their labels, as Grafana does."""
    drafts: list[_Draft] = []
    state: State = "unknown"
    for line in lines:
        if section := _SECTION.fullmatch(line.plain):
            state = state_of(section[1])
        elif _LABELS.fullmatch(line.plain):
            drafts.append(_Draft(Title("", state)))
        elif drafts:
            drafts[-1].pairs.update(line.pairs)
    named = [draft for draft in drafts if "alertname" in draft.pairs]
    for draft in named:
        draft.title = replace(draft.title, name=draft.pairs["alertname"])
    return named if any(draft.title.state != "unknown" for draft in named) else []


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Yield the known keys of a line; several stand in backticks or with spaces between them."""
    if ":" not in line and "=" not in line:
        return
    for part in _COLUMNS.split(line[:2_000]):
        found = _PAIR.fullmatch(plain_line(part))
        if found and found[1].strip().lower() in _KEYS:
            yield found[1].strip().lower(), found[2].strip()


def _alert(draft: _Draft, vendor: str, tone: Tone, text: str) -> Alert:
    pairs, title = draft.pairs, draft.title
    told = pairs.get("severity") or pairs.get("priority") or pairs.get("urgency")
    state = _state(draft, tone, text)
    return Alert(
        name=title.name,
        state=state,
        severity=severity_of(told) if told else title.severity,
        started_at=_started(pairs) if state != "resolved" else None,
        labels=_labels(draft),
        vendor=vendor_of(pairs.get("source", "")) or vendor or title.vendor,
    )


def _started(pairs: dict[str, str]) -> float | None:
    keys = ("startsat", "started at", "start time", "started", "start", "fired")
    return next((at for key in keys if (at := time_of(pairs.get(key))) is not None), None)


def _state(draft: _Draft, tone: Tone, text: str) -> State:
    """Ask the title, then the lines below it, then the colour; a number's state stands anywhere."""
    told = [draft.title.state]
    told += [state_of(draft.pairs.get(key)) for key in ("new state", "state", "status")]
    told.append(_TONES[tone])
    stated = _STATED.search(text[:2_000])
    told.append(state_of(stated[1]) if stated else "unknown")
    return next((state for state in told if state != "unknown"), "unknown")


def _labels(draft: _Draft) -> Labels:
    kept = {k: v for k, v in draft.pairs.items() if k not in _OWN and k not in _OWN_TOO}
    return tuple(sorted({**dict(draft.title.labels), **kept}.items()))

"""The line in which a product's bot says which alert fired or ended."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.analysis.alerts.model import Labels, State
from bot.analysis.alerts.words import is_severity, labels_of, severity_of, state_of

_LINE_CHARS = 400
_LINK = re.compile(
    r"\[((?:[^\[\]\n]|\[[^\[\]\n]{0,80}\]){1,300})\]\((?:https?|mailto)[^\s()]{1,380}\)"
)
_LEAD = re.compile(r"^(?::[\w+-]{1,40}:|[^\w\[#(\"'@\s]|\s){1,40}")
_CAMEL = re.compile(r"([A-Z][A-Za-z0-9]{0,60}[a-z0-9][A-Z][A-Za-z0-9_]{1,60}) (\S.{0,200})")
_ON = re.compile(
    r"(.{1,250}?) on ([\w.-]{1,40}:[\w./-]{1,80}(?:, ?[\w.-]{1,40}:[\w./-]{1,80}){0,5})"
)
_TAIL = re.compile(r"(.{1,250}?) ?\(([^()]{1,200})\)$")

_SAID = "re-?triggered|triggered|recovered|warn(?:ing)?|no data|renotify"
_PAGED = "triggered|acknowledged|resolved|reassigned|escalated|reopened"
_STARTED = (
    "alert firing|alert triggered|alert resolved|alert|alarm|problem|firing|triggered|alerting"
    "|manually resolved|auto-?resolved|resolved|recovered|recovery|closed|cleared|incident resolved"
)
_ENDED = (
    "recovers and starts|starts|recovers|recovered|has recovered|is firing|has fired|fired"
    "|has been resolved|was resolved|is resolved|resolved|has cleared|cleared|is back to normal"
    "|returned to normal|triggered"
)
_SPEAKING = r"(?i:i|we|it|they|this|that|you|all|issue|incident)\b"
_LOUD = "DOWN|UP|CRITICAL|CRIT|WARNING|WARN|OK|UNREACHABLE|PROBLEM|RECOVERY"

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (vendor, re.compile(pattern))
    for vendor, pattern in (
        (
            "alertmanager",
            r"\[(?P<state>(?i:firing|resolved|alerting|ok|pending|no ?data|error))(?::\s?\d{1,6})?"
            r"(?:,\s?(?i:resolved|firing)(?::\s?\d{1,6})?)?\]\s{0,3}(?P<name>\S.{0,300})",
        ),
        (
            "cloudwatch",
            r'(?P<state>ALARM|OK|INSUFFICIENT_DATA):? "(?P<name>[^"]{1,255})"'
            r"(?: in (?P<region>.{1,60}))?.{0,300}",
        ),
        (
            "cloudwatch",
            r"(?:AWS )?CloudWatch Alarm \| (?P<name>[^|]{1,255}) \| (?P<region>[\w-]{1,30})"
            r".{0,200}",
        ),
        (
            "datadog",
            rf"(?:\[(?P<severity>P[1-5])\]\s?)?\[(?P<state>(?i:{_SAID}|alert|resolved))"
            r"(?: on \{(?P<scope>[^{}]{1,300})\})?\]\s?(?P<name>\S.{0,300})",
        ),
        ("datadog", rf"(?P<state>(?i:{_SAID})): (?P<name>\S.{{0,300}})"),
        (
            "pagerduty",
            rf"(?i:incident )?(?P<state>(?i:{_PAGED}))\b[^#\n]{{0,60}}"
            r"\[?#(?P<number>\d{1,9})\]?:?\s{1,3}(?P<name>\S.{0,300})",
        ),
        (
            "pagerduty",
            rf"(?i:incident )?\[?#(?P<number>\d{{1,9}})\]?:?\s(?:has been |was )?"
            rf"(?P<state>(?i:{_PAGED}))\b(?: by [^:]{{1,60}})?"
            r"(?::\s{0,3}|\s{1,3})(?P<name>\S.{0,300})",
        ),
        (
            "",
            r"(?:\*\* )?(?P<state>PROBLEM|RECOVERY|ACKNOWLEDGEMENT)(?: (?:Service|Host))?"
            r"(?: Alert)?(?: -|:)? (?P<name>\S.{0,300}?)(?: is [A-Z]{2,12})?(?: \*\*)?",
        ),
        (
            "",
            rf"(?P<state>(?i:{_STARTED}))(?: in [\w .]{{1,30}})?\s{{0,2}}(?::|\||–|—| -)\s{{1,3}}"
            r"(?P<name>\S.{0,300})",
        ),
        (
            "",
            rf"(?P<name>\S.{{0,250}}?)(?: is| went| -)? (?:(?:{_LOUD}) -> )?(?P<state>{_LOUD})"
            r"(?:[.! (].{0,100})?",
        ),
        (
            "",
            rf"(?!{_SPEAKING})(?P<name>\S.{{0,250}}?) (?P<state>{_ENDED})"
            r"(?: (?:at|from) .{1,120}|[.! ]{0,3})",
        ),
    )
)
_NUMBERED = re.compile(
    r"(?i:new )?(?i:incident:? |alert:? )?\[?#(?P<number>\d{1,9})\]?:?\s{1,3}(?P<name>\S.{0,300})"
)


@dataclass(frozen=True, slots=True)
class Title:
    """What one line says of an alert; `state` is "unknown" where only its other lines tell."""

    name: str
    state: State
    vendor: str = ""
    severity: str = ""
    labels: Labels = ()


def titled(line: str) -> Title | None:
    """Return what a line says of an alert, None where it does not look like its title."""
    return of_plain(plain_line(line))


def of_plain(plain: str) -> Title | None:
    """The same of a line without markup."""
    for vendor, pattern in _FORMS:
        if found := pattern.fullmatch(plain):
            return _split(_title(vendor, found))
    return None


def numbered(plain: str) -> Title | None:
    """Return a title that has a number and no state: "#12: queue depth"."""
    found = _NUMBERED.fullmatch(plain)
    return _title("", found) if found else None


def plain_line(line: str) -> str:
    """Return a line without markup, without emoji before it, and of a link only its label."""
    plain = line[:_LINE_CHARS]
    if "](" in plain:
        plain = _LINK.sub(r"\1", plain)
    plain = plain.replace("*", "").replace("`", "")
    return _LEAD.sub("", plain).strip()


def _title(vendor: str, found: re.Match[str]) -> Title:
    groups = {key: value for key, value in found.groupdict().items() if value}
    labels = dict(labels_of(groups.get("scope", "")))
    labels.update({key: groups[key] for key in ("region", "number") if key in groups})
    return Title(
        name=groups["name"].strip().rstrip("."),
        state=state_of(groups.get("state", "")),
        vendor=vendor,
        severity=severity_of(groups["severity"]) if "severity" in groups else "",
        labels=tuple(sorted(labels.items())),
    )


def _split(title: Title) -> Title:
    """Take from a name what a product appends: "on host:web-1", or values of labels."""
    if found := _ON.fullmatch(title.name):
        labels = {**dict(title.labels), **dict(labels_of(found[2]))}
        return replace(title, name=found[1], labels=tuple(sorted(labels.items())))
    return _without_values(title) if title.vendor == "alertmanager" else title


def _without_values(title: Title) -> Title:
    """Take off the values that Alertmanager puts behind a name, among them the severity."""
    labels = dict(title.labels)
    name, severity = title.name, title.severity
    if tail := _TAIL.fullmatch(name):
        name = tail[1]
        words = tail[2].split()
        severity = next((severity_of(word) for word in words if is_severity(word)), severity)
        labels["values"] = " ".join(words)
    if camel := _CAMEL.fullmatch(name):
        name, labels["group"] = camel.groups()
    return replace(title, name=name, severity=severity, labels=tuple(sorted(labels.items())))

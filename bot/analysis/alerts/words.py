"""The products' words for states, severities and labels, and their ways to write a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.analysis.alerts.model import Labels, State
from bot.analysis.logs import parse_time

_MOST_LABELS = 60
_LABEL_CHARS = 300
# Older times are placeholders: 0, or the year 1 in which an alert that is firing "ends".
_EARLIEST = 1e8

_STATES: dict[State, str] = {
    "firing": "firing fired fires alerting alarm alert open opened triggered trigger retriggered"
    " renotify active activated created create new problem down critical crit fatal warn warning"
    " error nodata acknowledged acknowledge ack reopened unresolved escalated failed failing"
    " anomalous started starts violated breached unhealthy regressed regression unreachable",
    "resolved": "resolved resolve ok okay recovered recovers recovery recover closed close cleared"
    " clear up normal inactive healthy fixed deactivated ended stopped manuallyresolved"
    " autoresolved autoresolve backtonormal success end",
    "unknown": "insufficientdata pending paused suppressed unknown",
}
_STATE_OF: dict[str, State] = {
    word: state for state, words in _STATES.items() for word in words.split()
}
_SEVERITIES = {
    "critical": "critical crit fatal emergency disaster page 1 p1 p0 sev1 sev0 sev-1 1-critical",
    "error": "error err high major severe 2 p2 sev2 sev-2 urgent",
    "warning": "warning warn medium moderate average minor 3 p3 sev3 sev-3",
    "info": "info information informational low notice 4 5 p4 p5 sev4 debug none ok normal",
}
_SEVERITY_OF = {word: severity for severity, words in _SEVERITIES.items() for word in words.split()}
_PAIR = re.compile(r"\s{0,9}([A-Za-z_][\w.@/-]{0,80})\s{0,3}[:=]\s{0,3}(.{1,300})")

_NAMED_AS_THEY_ARE = """
    datadog pagerduty sentry opsgenie checkmk nagios icinga zabbix newrelic signalfx coralogix
    dynatrace librenms pingdom statuscake uptime robusta dash0 azure
"""
# By a word of the bot's name; the first that stands in it counts.
_VENDORS = {
    "grafana": "grafana",
    "alertmanager": "alertmanager",
    "prometheus": "alertmanager",
    "cloudwatch": "cloudwatch",
    "aws": "cloudwatch",
    "amazon q": "cloudwatch",
    "jira service management": "opsgenie",
    "google cloud": "gcp",
    "new relic": "newrelic",
    "splunk": "signalfx",
    **{name: name for name in _NAMED_AS_THEY_ARE.split()},
}


def state_of(value: Any) -> State:
    """Return what a product's word for a state means; of several words the last counts.

    "incident.resolved" is "resolved", and "recovers and starts" is firing again.
    """
    words = re.findall(r"[a-z]{1,40}", str(value)[:80].casefold())
    told = _STATE_OF.get("".join(words)) or _STATE_OF.get(words[-1] if words else "")
    return told or "unknown"


def severity_of(value: Any) -> str:
    """Return one of our four severities, or the product's word where it is none of them."""
    word = str(value).strip().casefold()
    return _SEVERITY_OF.get(word, word[:30])


def is_severity(word: str) -> bool:
    return word.casefold() in _SEVERITY_OF


def vendor_of(name: str) -> str:
    """Return the product that a bot's name tells, "" where it tells none."""
    lowered = name.casefold()
    return next((vendor for word, vendor in _VENDORS.items() if word in lowered), "")


def time_of(value: Any) -> float | None:
    """Return UTC seconds from a number of seconds or milliseconds, or from a written time."""
    number = value if isinstance(value, int | float) else _number(str(value or ""))
    if number is None:
        number = parse_time(str(value or "")) or 0.0
    elif number > 1e11:
        number /= 1_000
    return float(number) if number > _EARLIEST else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def labels_of(value: Any) -> Labels:
    """Return sorted pairs from whatever a product calls labels, tags, dimensions or fields.

    That is an object, pairs, objects of a key and a value, "key:value" texts, or one such text
    with commas between them.
    """
    pairs = {key: text[:_LABEL_CHARS] for key, text in _pairs(value) if key and text}
    return tuple(sorted(pairs.items())[:_MOST_LABELS])


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str | int | float):
                yield str(key), str(inner).strip()
    elif isinstance(value, list):
        for item in value[:_MOST_LABELS]:
            yield from _pair(item)
    elif isinstance(value, str):
        for item in value.split(",")[:_MOST_LABELS]:
            yield from _pair(item)


def _pair(item: Any) -> Iterator[tuple[str, str]]:
    if isinstance(item, list) and len(item) == 2:
        yield str(item[0]), str(item[1])
    elif isinstance(item, dict):
        key = item.get("key") or item.get("name") or item.get("Name")
        told = item.get("value", item.get("Value"))
        told = told.get("stringValue") if isinstance(told, dict) else told
        if key and isinstance(told, str | int | float):
            yield str(key), str(told)
    elif isinstance(item, str) and (found := _PAIR.fullmatch(item)):
        yield found[1], found[2].strip()

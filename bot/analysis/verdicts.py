"""Whether the evidence shows a cause, no incident at all, or not enough to say."""

from __future__ import annotations

from collections.abc import Sequence

from bot.analysis import phrases
from bot.analysis.evidence import Evidence
from bot.analysis.logs import SEVERITY
from bot.analysis.report import Verdict
from bot.analysis.timeline import first_line

_THIN = 4.0


def judge(items: Sequence[Evidence], best: float) -> Verdict:
    """Return the verdict; `best` is the score of the leading candidate for a cause."""
    if not items:
        return Verdict.UNCLEAR
    if phrases.ALWAYS_FIRING.search(items[0].text) or _all_quiet(items) or _recovered(items):
        return Verdict.NO_INCIDENT
    return Verdict.CAUSE if best >= _THIN else Verdict.UNCLEAR


def reassurance(items: Sequence[Evidence]) -> str:
    """Return the line that shows best that all is well."""
    for pattern in (phrases.ALWAYS_FIRING, phrases.FALSE_ALARM, phrases.HEALTHY):
        for item in items:
            for line in item.text.splitlines():
                if pattern.search(line):
                    return first_line(line, 220)
    return "nothing in what was read reports a failure."


def _all_quiet(items: Sequence[Evidence]) -> bool:
    """Say whether a body of logs holds nothing above INFO."""
    logs = [item for item in items if item.level]
    lines = sum(item.count for item in logs)
    return lines >= 20 and all(SEVERITY[item.level] < SEVERITY["warn"] for item in logs)


def _recovered(items: Sequence[Evidence]) -> bool:
    """Say whether what was checked after an alert speaks of health and nobody of a cause."""
    if any(phrases.cause_weight(item.text) >= 7 for item in items[1:]):
        return False
    healthy = sum(len(phrases.HEALTHY.findall(item.text)) for item in items[1:])
    failing = sum(item.level in {"error", "fatal"} for item in items[1:])
    said = any(phrases.FALSE_ALARM.search(item.text) for item in items[1:])
    return failing == 0 and (said or healthy >= 3)

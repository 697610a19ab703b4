"""Whether the evidence shows a cause, no incident at all, or not enough to say."""

from __future__ import annotations

from collections.abc import Sequence

from bot.analysis import phrases
from bot.analysis.evidence import Evidence
from bot.analysis.logs import SEVERITY
from bot.analysis.ranking import Candidate
from bot.analysis.report import Verdict
from bot.analysis.scoring import Judge
from bot.analysis.timeline import first_line

_THIN = 0.0
_BODY_OF_LOGS = 20


def verdict_of(items: Sequence[Evidence], leading: Sequence[Candidate], judge: Judge) -> Verdict:
    """Return the verdict; `leading` are the leading candidates for a cause."""
    if not items:
        return Verdict.UNCLEAR
    if phrases.ALWAYS_FIRING.search(items[0].text) or _all_quiet(items) or _recovered(items, judge):
        return Verdict.NO_INCIDENT
    is_thin = not any(one.telling and one.score >= _THIN for one in leading)
    return Verdict.UNCLEAR if is_thin else Verdict.CAUSE


def reassurance(items: Sequence[Evidence]) -> str:
    """Return the line that shows best that all is well."""
    for pattern in (phrases.ALWAYS_FIRING, phrases.FALSE_ALARM, phrases.HEALTHY):
        for item in items:
            for line in item.text.splitlines():
                if pattern.search(line):
                    return first_line(line, 220)
    return "nothing in what was read reports a failure."


def _all_quiet(items: Sequence[Evidence]) -> bool:
    """Say whether a body of logs holds nothing above INFO, and no failure told at INFO either."""
    logs = [item for item in items if item.level]
    if sum(item.count for item in logs) < _BODY_OF_LOGS:
        return False
    return not any(
        SEVERITY[item.level] >= SEVERITY["warn"] or phrases.FAILED.search(item.text)
        for item in logs
    )


def _recovered(items: Sequence[Evidence], judge: Judge) -> bool:
    """Say whether all that was checked after an alert speaks of health, and nobody of a cause."""
    later = [item for item in items if item.message_ts != items[0].message_ts]
    lines = [line for item in later for line in item.text.splitlines()]
    if any(judge.has("stated_1", line) or judge.has("stated_2", line) for line in lines):
        return False
    failing = any(
        (judge.has("sign_cause", line) or judge.has("sign_symptom", line))
        and not judge.has("calm", line)
        for line in lines
    )
    said = any(phrases.FALSE_ALARM.search(line) for line in lines)
    healthy = sum(phrases.HEALTHY.search(line) is not None for line in lines)
    return not failing and (said or healthy >= 3)

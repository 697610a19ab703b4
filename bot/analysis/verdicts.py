"""Whether the evidence shows a cause, no incident at all, or not enough to say."""

from __future__ import annotations

from collections.abc import Sequence

from bot.analysis import phrases
from bot.analysis.evidence import Evidence
from bot.analysis.logs import SEVERITY
from bot.analysis.ranking import HEALTHY, PLAINLY, Candidate
from bot.analysis.report import Verdict
from bot.analysis.scoring import Judge
from bot.analysis.storms import outcome
from bot.analysis.timeline import first_line

_THIN = 0.0
_BODY_OF_LOGS = 20
_LAST_WORDS = 3
_SEVERAL = 2
_WEAK = 1.0


def verdict_of(items: Sequence[Evidence], leading: Sequence[Candidate], judge: Judge) -> Verdict:
    """Return the verdict; `leading` are the leading candidates for a cause."""
    if not items:
        return Verdict.UNCLEAR
    is_test = phrases.ALWAYS_FIRING.search(items[0].text)
    if is_test or _all_quiet(items, judge) or _recovered(items, judge):
        return Verdict.NO_INCIDENT
    root = items[0].message_ts
    is_thin = not any(_tells_enough(one, root) for one in leading)
    is_open = _is_unnamed(items, leading, judge) or _is_given_up(items, leading)
    return Verdict.UNCLEAR if is_thin or is_open else Verdict.CAUSE


def reassurance(items: Sequence[Evidence]) -> str:
    """Return the line that shows best that all is well, "" where none does."""
    for pattern in (phrases.ALWAYS_FIRING, phrases.FALSE_ALARM, phrases.HEALTHY):
        for item in items:
            for line in item.text.splitlines():
                if pattern.search(line):
                    return first_line(line, 220)
    return ""


def _all_quiet(items: Sequence[Evidence], judge: Judge) -> bool:
    """Say whether a body of logs holds nothing above INFO, and no failure told at INFO either.

    Logs are not all of it where people state a cause.
    """
    logs = [item for item in items if item.level]
    said = [item for item in items if item.is_said]
    if sum(item.count for item in logs) < _BODY_OF_LOGS or _is_stated(_lines(said), judge):
        return False
    return not any(
        SEVERITY[item.level] >= SEVERITY["warn"] or phrases.FAILED.search(item.text)
        for item in logs
    )


def _is_unnamed(items: Sequence[Evidence], leading: Sequence[Candidate], judge: Judge) -> bool:
    """Say whether people claim to know the cause without naming it, and nothing else does."""
    said = _lines([item for item in items if not item.pasted])
    claimed = any(judge.has("empty", line) and judge.states(line) for line in said)
    named = any(
        _is_named(one) or (one.stated in PLAINLY and not judge.has("empty", one.text))
        for one in leading
    )
    return claimed and not named


def _is_given_up(items: Sequence[Evidence], leading: Sequence[Candidate]) -> bool:
    """Say whether people end with an unknown cause, or with what is not there to tell it."""
    if any(_is_named(one) or _is_stated_surely(one) for one in leading):
        return False
    said = [item.text for item in items if not item.level]
    is_unknown = any(phrases.UNKNOWN.search(text) for text in said[-_LAST_WORDS:])
    missing = sum(map(phrases.ABSENT.search, said))
    is_weak = all(one.score < _WEAK for one in leading)
    return is_unknown or missing >= _SEVERAL or (missing > 0 and is_weak)


def _is_stated_surely(one: Candidate) -> bool:
    return one.stated in PLAINLY and not phrases.UNKNOWN.search(one.text)


def _tells_enough(one: Candidate, root: str) -> bool:
    """Say whether it could be a cause: whoever opens an incident names what came of one."""
    is_opening = one.item.message_ts == root and not one.item.pasted
    is_claim = one.stated > 0 or _is_named(one)
    return one.telling and one.score >= _THIN and (is_claim or not is_opening)


def _is_named(one: Candidate) -> bool:
    return one.signature is not None and one.signature.role == "cause"


def _recovered(items: Sequence[Evidence], judge: Judge) -> bool:
    """Say whether all that came after the opening speaks of health, and nobody of a cause."""
    is_over = outcome(items).all_resolved
    later = [
        item
        for item in items
        if item.message_ts != items[0].message_ts and not (is_over and item.alerts)
    ]
    lines = _lines(later)
    if _is_stated(lines, judge):
        return False
    odd = [note.kind for item in later for note in item.stands_out]
    # That an alert was false is a failure of the monitor, and a known one.
    said = any(phrases.FALSE_ALARM.search(line) for line in lines)
    failing = [line for line in lines if not phrases.FALSE_ALARM.search(line)]
    if any(judge.shows_failure(line) for line in failing) or any(kind != HEALTHY for kind in odd):
        return False
    healthy = sum(phrases.HEALTHY.search(line) for line in lines)
    return is_over or said or healthy >= 3 or HEALTHY in odd


def _lines(items: Sequence[Evidence]) -> list[str]:
    return [line for item in items for line in item.text.splitlines()]


def _is_stated(lines: Sequence[str], judge: Judge) -> bool:
    """Say whether a cause is stated in plain words."""
    return any(judge.has("stated_1", line) or judge.has("stated_2", line) for line in lines)

"""How much a line, and with it an item of evidence, says about a cause."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.analysis import phrases, signatures
from bot.analysis.evidence import Evidence
from bot.analysis.logs import SEVERITY, parse_level, parse_time
from bot.analysis.signatures import Signature
from bot.analysis.trail import follow

_WORD = re.compile(r"[A-Za-z0-9][\w.-]{2,60}")
# A name that a person would search for: digits, dashes, inner capitals, or code marks.
_SPECIFIC = re.compile(
    r"`[^`\n]{2,80}`|\b[A-Za-z]+(?:[-_./:]\w+)+|\b[a-z]+[A-Z]\w+|\b[A-Z]{2,}\b|\w*\d"
)
_COMMON = frozenset(
    {"the", "what", "why", "root", "cause", "this", "incident", "alert", "issue", "with", "are"}
    | {"not", "has", "and", "for", "from", "does", "problem", "logs", "show", "errors", "these"}
    | {"was", "which", "component", "can", "you", "please", "check", "going", "wrong", "that"}
)
_WONDERS = re.compile(
    r"could (?:it )?be|might be|maybe|perhaps|i (?:would )?(?:bet|guess|suspect)|no idea"
    r"|かもしれ|かな|でしょうか",
    re.IGNORECASE,
)
# A log's line whose time leaves out the year.
_CLOCK = re.compile(r"\W{0,3}\d\d?[./-]\d\d?[ T]\d\d:\d\d:\d\d")
_NEAR_SECONDS = 900.0
_LONGEST = 2_000
_CAUSE_SIGN = 6.0
_SYMPTOM_SIGN = 3.0
_LOG_CAUSE = 3.0


@dataclass(frozen=True, slots=True)
class Judged:
    """What one line is worth, and the failure that it shows, if we know it."""

    score: float
    signature: Signature | None


class Judge:
    """Judges the lines of one incident; each different line once.

    `terms` are the names that the question uses, `onset` is the time of the first symptom (UTC
    seconds), `common` the count of the most frequent log template.
    """

    def __init__(self, question: str = "", items: Sequence[Evidence] = ()) -> None:
        words = {word.lower() for word in _WORD.findall(question)}
        self.terms = frozenset(words - _COMMON)
        self.onset = first_symptom(_after_the_root(items)) or first_symptom(items)
        self.trail = follow(items)
        self.common = max((item.count for item in items), default=1)
        self._lines: dict[str, Judged] = {}

    def score(self, line: str) -> float:
        return self.judged(line).score

    def judged(self, line: str) -> Judged:
        """Return what a line is worth, whoever said it and wherever it stands."""
        line = line[:_LONGEST]
        known = self._lines.get(line)
        if known is None:
            known = self._lines[line] = self._judge(line)
        return known

    def _judge(self, line: str) -> Judged:
        if phrases.NOT_EVIDENCE.search(line) or not any(map(str.isalpha, line)):
            return Judged(0.0, None)
        matched = signatures.matching(line)
        score = _stated(line) + SEVERITY[parse_level(line)]
        if matched:
            score += _CAUSE_SIGN if matched[0].role == "cause" else _SYMPTOM_SIGN
        score += sum(weight for pattern, weight in _SIGNS if pattern.search(line))
        score += min(2.0, 0.5 * len(_SPECIFIC.findall(line))) if score else 0.0
        score += self._asked_for(line.lower())
        return Judged(score * _doubt(line), matched[0] if matched else None)

    def _asked_for(self, line: str) -> float:
        return min(2.0, float(sum(term in line for term in self.terms)))


_SIGNS = (
    (phrases.CHANGE, 2.5),
    (phrases.SYMPTOM, 1.5),
    (phrases.FIX, 1.0),
    (phrases.TAKEN_BACK, 1.5),
)


def _stated(line: str) -> float:
    """Return how far the line states a cause; a program's "because" counts less than a person's."""
    weight = phrases.cause_weight(line)
    is_log = parse_time(line[:60]) is not None or _CLOCK.match(line) is not None
    return min(weight, _LOG_CAUSE) if is_log else weight


def _doubt(line: str) -> float:
    """Return by how much the words around it weaken a line: 1 where they do not."""
    if phrases.ROUTINE.search(line) or is_calm(line):
        return 0.4
    if phrases.RULED_OUT.search(line) or phrases.WITHOUT_EFFECT.search(line):
        return 0.3
    is_open = line.rstrip().endswith(("?", "？")) or _WONDERS.search(line)
    return 0.5 if is_open or phrases.PROCESS.search(line) else 1.0


def is_calm(line: str) -> bool:
    """Say whether a line tells of health and blames nothing."""
    return phrases.HEALTHY.search(line) is not None and not phrases.cause_weight(line)


def _after_the_root(items: Sequence[Evidence]) -> list[Evidence]:
    """Leave out the opening message: whoever opens an incident names what came of it."""
    return [item for item in items if item.message_ts != items[0].message_ts]


def first_symptom(items: Sequence[Evidence]) -> float | None:
    """Return the time of the first item that tells of a failure, None where none does."""
    times = [
        item.at
        for item in items
        if item.at and SEVERITY[item.level] != 1 and phrases.SYMPTOM.search(item.text)
    ]
    return min(times, default=None)


def scored(items: Sequence[Evidence], judge: Judge) -> tuple[Evidence, ...]:
    """Return the items with their scores, in the same order."""
    return tuple(replace(item, score=round(_item_score(item, judge), 2)) for item in items)


def _item_score(item: Evidence, judge: Judge) -> float:
    if item.measured:
        return item.measured
    best = max(map(judge.score, item.text.splitlines()), default=0.0)
    is_said = item.source == "message" and item.count == 1
    return best + _rarity(item, judge) + _nearness(item, judge) + (1.0 if is_said else 0.0)


def _rarity(item: Evidence, judge: Judge) -> float:
    """Return what the count of a template says: rare lines tell, and so do frequent failures."""
    if judge.common < 5:
        return 0.0
    share = math.log(item.count) / math.log(judge.common)
    is_failure = SEVERITY[item.level] >= SEVERITY["error"]
    return 2.0 * max(1 - share, share if is_failure else 0.0)


def _nearness(item: Evidence, judge: Judge) -> float:
    if judge.onset is None or item.at is None:
        return 0.0
    return 1.0 if abs(item.at - judge.onset) <= _NEAR_SECONDS else 0.0

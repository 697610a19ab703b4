"""Every sentence that may name the cause, ranked by what it says, who said it, and when."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.analysis import phrases
from bot.analysis.evidence import Evidence
from bot.analysis.logs import SEVERITY
from bot.analysis.scoring import Judge
from bot.analysis.sentences import sentences
from bot.analysis.signatures import Signature

_PER_ITEM = 6
_CONSIDERED = 200
_SAME_WORDS = 0.6
_SHORTEST = 8
_SHORT = 25
_STATED = 5.0
_LATE = 3.0
_PER_DIGIT = 0.7
_OFTEN = 2.0
_WORDS = re.compile(r"[a-z0-9_./-]{3,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence that may name the cause, with the line it stands in."""

    text: str
    line: str
    item: Evidence
    score: float
    signature: Signature | None


def rank(items: Sequence[Evidence], judge: Judge) -> list[Candidate]:
    """Return every sentence that may name a cause, best first."""
    root = items[0].message_ts if items else ""
    found = [
        candidate
        for place, item in enumerate(items)
        for candidate in _candidates(
            item, judge, is_root=item.message_ts == root, lateness=place / len(items)
        )
        if candidate.score > 0
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def distinct(ranked: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Leave out what says the same again; one of each failure first, then more of the same."""
    kept: list[Candidate] = []
    again: list[Candidate] = []
    for candidate in ranked[:_CONSIDERED]:
        if len(kept) == limit:
            break
        if any(_is_same(candidate, other) for other in kept):
            continue
        signs = {other.signature.id for other in kept if other.signature}
        is_again = candidate.signature is not None and candidate.signature.id in signs
        (again if is_again else kept).append(candidate)
    return (kept + again)[:limit]


def is_stated(candidate: Candidate) -> bool:
    """Say whether somebody states a cause in it."""
    return phrases.cause_weight(candidate.text) >= _STATED


def _candidates(
    item: Evidence, judge: Judge, *, is_root: bool, lateness: float
) -> Iterator[Candidate]:
    if item.measured:
        yield Candidate(item.text, item.text, item, item.measured, None)
        return
    found = [
        _candidate(sentence, line, item, judge, is_root=is_root, lateness=lateness)
        for sentence, line in sentences(item.text)
        if len(sentence) >= _SHORTEST
    ]
    yield from sorted(found, key=lambda candidate: -candidate.score)[:_PER_ITEM]


def _candidate(
    sentence: str, line: str, item: Evidence, judge: Judge, *, is_root: bool, lateness: float
) -> Candidate:
    judged = judge.judged(sentence)
    score = judged.score + _placing(sentence, item, judge)
    if len(sentence) < _SHORT:
        score -= 2.0
    if is_root:
        # The opening alert tells the symptom; what was found later tells more.
        score -= 4.0
    candidate = Candidate(sentence, line, item, score, judged.signature)
    if item.level or not is_stated(candidate):
        return candidate
    # Of two statements the later one was made in the light of the earlier.
    return Candidate(sentence, line, item, score + _LATE * lateness, judged.signature)


def _placing(sentence: str, item: Evidence, judge: Judge) -> float:
    """Return what speaks for a line from where and when it stands."""
    bonus = min(2.0, item.score * 0.1)
    if judge.onset is not None and item.at is not None and item.at <= judge.onset:
        bonus += 1.0 if phrases.CHANGE.search(item.text) else 0.0
    if phrases.CHANGE.search(sentence) and not phrases.FIX.search(sentence):
        bonus += judge.trail.weight(sentence)
    if item.count > 1 and SEVERITY[item.level] >= SEVERITY["error"]:
        bonus += min(_OFTEN, _PER_DIGIT * math.log10(item.count))
    return bonus


def _is_same(one: Candidate, other: Candidate) -> bool:
    return _overlap(_fingerprint(one.text), _fingerprint(other.text)) >= _SAME_WORDS


def _fingerprint(text: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(text.lower()))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0

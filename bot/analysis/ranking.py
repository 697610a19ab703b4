"""Every sentence that may name the cause, ranked by what it says, who said it, and when."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.analysis import phrases
from bot.analysis.evidence import Evidence
from bot.analysis.scoring import Judge
from bot.analysis.sentences import sentences
from bot.analysis.signatures import Signature

_PER_ITEM = 12
_CONSIDERED = 200
_SAME_WORDS = 0.6
_SHORTEST = 8
_SEVERE = frozenset({"warn", "error", "fatal"})
HEALTHY = "healthy"
PLAINLY = frozenset({1, 2, 3})
"""The kinds of phrases (`phrases.cause_tier`) that leave no doubt that a cause is meant."""
CLEAR = 4.0
"""Figures that speak so strongly are a cause; weaker ones are a hint."""
_WORDS = re.compile(r"[a-z0-9_./-]{3,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence that may name the cause, with the line it stands in; `score` in logits.

    `stated` is above 0 where somebody states a cause in it (`phrases.cause_tier`), `telling` says
    that it tells of a failure, a change or a cause at all, `is_note` that it is our sentence on a
    dump.
    """

    text: str
    line: str
    item: Evidence
    score: float
    signature: Signature | None
    stated: int = 0
    telling: bool = True
    is_note: bool = False


def rank(items: Sequence[Evidence], judge: Judge) -> list[Candidate]:
    """Return every sentence that may name a cause, best first."""
    found = [candidate for item in items for candidate in _candidates(item, judge)]
    return sorted(found, key=lambda candidate: -candidate.score)


def shares(ranked: Sequence[Candidate]) -> list[float]:
    """Return how likely each is the one that names the cause; together they make 1."""
    top = max((candidate.score for candidate in ranked), default=0.0)
    sizes = [math.exp(candidate.score - top) for candidate in ranked]
    return [size / sum(sizes) for size in sizes]


def distinct(ranked: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Leave out what says the same again, and put what tells of something right after the first.

    One of each failure comes before more of the same.
    """
    kept: list[Candidate] = []
    again: list[Candidate] = []
    for candidate in ranked[:_CONSIDERED]:
        if len(kept) == limit:
            break
        if any(is_same(candidate.text, other.text) for other in kept):
            continue
        signs = {other.signature.id for other in kept if other.signature}
        is_again = candidate.signature is not None and candidate.signature.id in signs
        (again if is_again else kept).append(candidate)
    others = sorted((kept + again)[1:], key=lambda one: not one.telling)
    return [*kept[:1], *others][:limit]


def _candidates(item: Evidence, judge: Judge) -> Iterator[Candidate]:
    if item.measured:
        is_clear = item.measured >= CLEAR
        score = item.measured if is_clear else 0.0
        yield Candidate(item.text, item.text, item, score, None, telling=is_clear)
        return
    found = [
        _candidate(sentence, line, item, judge)
        for sentence, line in sentences(item.text)
        if _size(sentence) >= _SHORTEST and not judge.has("no_statement", sentence)
    ]
    found += [
        Candidate(note.text, note.line, item, judge.noted(note, item), None, is_note=True)
        for note in item.stands_out
        if note.kind != HEALTHY
    ]
    yield from sorted(found, key=lambda candidate: -candidate.score)[:_PER_ITEM]


def _size(sentence: str) -> int:
    """Return its length in Latin letters: a Chinese or Japanese character says about three."""
    wide = 0 if sentence.isascii() else sum(char > "\u2e80" for char in sentence)
    return len(sentence) + 2 * wide


def _candidate(sentence: str, line: str, item: Evidence, judge: Judge) -> Candidate:
    judged = judge.judged(sentence, item)
    stated = judge.stated(sentence)
    telling = judge.tells(sentence, is_severe=item.level in _SEVERE) or (
        item.is_said and phrases.MECHANISM.search(sentence)
    )
    return Candidate(sentence, line, item, judged.score, judged.signature, stated, telling)


def is_same(one: str, other: str) -> bool:
    """Say whether two sentences share most of the words of the shorter one."""
    first, second = (frozenset(_WORDS.findall(text.lower())) for text in (one, other))
    smaller = min(len(first), len(second))
    return smaller > 0 and len(first & second) / smaller >= _SAME_WORDS

"""How much a line, and with it an item of evidence, counts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.analysis import phrases, signatures
from bot.analysis.evidence import Evidence
from bot.analysis.logs import SEVERITY, parse_level

_WORD = re.compile(r"[A-Za-z0-9][\w.-]{2,60}")
_COMMON = frozenset(
    {"the", "what", "why", "root", "cause", "this", "incident", "alert", "issue", "with", "are"}
    | {"not", "has", "and", "for", "from", "does", "problem", "logs", "show", "errors", "these"}
    | {"was", "which", "component", "can", "you", "please", "check", "going", "wrong", "that"}
)
_NEAR_SECONDS = 900.0
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Context:
    """What a line is judged against.

    `terms` are the names that the question uses, `onset` the time of the first symptom (UTC
    seconds), `common` the count of the most frequent log template.
    """

    terms: frozenset[str] = frozenset()
    onset: float | None = None
    common: int = 1


def context_of(question: str, items: Sequence[Evidence]) -> Context:
    """Return what the lines of this incident are judged against."""
    terms = {word.lower() for word in _WORD.findall(question)} - _COMMON
    onset = next((item.at for item in items if item.at and phrases.SYMPTOM.search(item.text)), None)
    return Context(frozenset(terms), onset, max((item.count for item in items), default=1))


def line_score(line: str, context: Context) -> float:
    """Return how much one line says about a cause."""
    line = line[:_LONGEST]
    score = phrases.cause_weight(line) + 1.5 * SEVERITY[parse_level(line)]
    found = signatures.matching(line)
    if found:
        score += 6.0 if found[0].role == "cause" else 3.0
    if phrases.CHANGE.search(line):
        score += 2.0
    if phrases.SYMPTOM.search(line):
        score += 2.0
    lowered = line.lower()
    return score + min(2, sum(term in lowered for term in context.terms))


def scored(items: Sequence[Evidence], context: Context) -> tuple[Evidence, ...]:
    """Return the items with their scores, in the same order."""
    last = len(items) - 1
    return tuple(
        replace(item, score=round(_item_score(item, context, is_end=index in (0, last)), 2))
        for index, item in enumerate(items)
    )


def _item_score(item: Evidence, context: Context, *, is_end: bool) -> float:
    best = max((line_score(line, context) for line in item.text.splitlines()), default=0.0)
    score = best + _rarity(item, context) + _nearness(item, context)
    if item.source == "message" and item.count == 1:
        score += 1.0
    return score + (3.0 if is_end else 0.0)


def _rarity(item: Evidence, context: Context) -> float:
    if context.common < 5:
        return 0.0
    return 2.0 * (1 - math.log(item.count) / math.log(context.common))


def _nearness(item: Evidence, context: Context) -> float:
    if context.onset is None or item.at is None:
        return 0.0
    distance = abs(item.at - context.onset)
    return 1.0 if distance <= _NEAR_SECONDS else 0.0

"""How far a past incident or a section of a runbook shows the signs of this incident, and why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from bot.analysis import signatures
from bot.analysis.similar import Found, Item, Match, Searchable, Signs
from bot.analysis.terms import is_cjk, is_failure, is_pair, joined, terms_of

_THRESHOLD = 2.4
# What one sign that is rare counts: alone, none of them is enough.
_CAUSE_SIGN, _SYMPTOM_SIGN, _NAME, _PAIR, _GRAM = 1.5, 0.7, 1.0, 0.8, 0.2
# The same service fails in many ways: the names of components together count so much at most.
_COMPONENTS = 1.5
# As if the archive held so many more, without any sign: a young one knows little of what is rare,
# and an incident that comes again and again is not common for that.
_UNSEEN = 200
# In nats: a sign that one incident in seven has still counts in full.
_RARE = 2.0
_SATURATION = 0.4
_TERMS_TOLD = 4


def matches(signs: Signs, found: Found[Item]) -> list[Match[Item]]:
    """Return the candidates above the threshold, the best first."""
    judged = (_judged(signs, candidate, found) for candidate in found.candidates)
    return sorted((one for one in judged if one), key=lambda one: -one.score)


def _judged(signs: Signs, candidate: Item, found: Found[Item]) -> Match[Item] | None:
    both = [id_ for id_ in signs.signatures if id_ in candidate.signatures]
    shared = _shared_terms(signs, candidate, both)
    score = sum(_weight_of_signature(id_) * _rarity(found, id_) for id_ in both)
    weights = {term: _weight(term) * _rarity(found, term) * often for term, often in shared.items()}
    components = sum(weight for term, weight in weights.items() if _is_component(term))
    score += sum(weights.values()) - max(0.0, components - _COMPONENTS)
    if score < _THRESHOLD:
        return None
    return Match(candidate, score, _reason(signs, candidate, both, list(shared)))


def _shared_terms(signs: Signs, candidate: Searchable, both: Sequence[str]) -> dict[str, float]:
    """Return the terms of both, with BM25's weight of how often the candidate has each.

    What a shared signature says anyway is not counted a second time.
    """
    counted = Counter(terms_of(candidate.text))
    said = [sign for sign in signatures.load() if sign.id in both]
    return {
        term: counted[term] * (_SATURATION + 1) / (counted[term] + _SATURATION)
        for term in signs.terms
        if counted[term] and not any(_is_of_sign(term, sign) for sign in said)
    }


def _is_of_sign(term: str, sign: signatures.Signature) -> bool:
    return term in f"{sign.title}\n{sign.example}".lower() or sign.matches(term)


def _weight_of_signature(id_: str) -> float:
    is_cause = any(sign.id == id_ and sign.role == "cause" for sign in signatures.load())
    return _CAUSE_SIGN if is_cause else _SYMPTOM_SIGN


def _is_component(term: str) -> bool:
    return not (is_cjk(term) or is_pair(term) or is_failure(term))


def _weight(term: str) -> float:
    if is_cjk(term):
        return _GRAM
    return _PAIR if is_pair(term) else _NAME


def _rarity(found: Found[Item], sign: str) -> float:
    """Return BM25's inverse frequency of a sign, as a part of what is rare enough, 1 at most."""
    every = found.total + _UNSEEN
    having = max(1, found.counts.get(sign, 1))
    return min(1.0, math.log(1 + (every - having + 0.5) / (having + 0.5)) / _RARE)


def _reason(signs: Signs, candidate: Searchable, both: Sequence[str], terms: list[str]) -> str:
    titles = {sign.id: sign.title for sign in signatures.load()}
    parts = []
    if both:
        parts.append(f"same signature: {', '.join(titles.get(id_, id_) for id_ in both)}")
    told = joined(terms, (signs.text.lower(), candidate.text.lower()))[:_TERMS_TOLD]
    if told:
        parts.append(f"shares {', '.join(f'`{term}`' for term in told)}")
    return "; ".join(parts)

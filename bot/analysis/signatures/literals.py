"""What a pattern cannot match without, and how often it can turn back, from its parse tree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from typing import Any

# The only parser of Python's patterns; it has no public name.
_PARSER: Any = import_module("re._parser")
_LITERAL = _PARSER.LITERAL
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_GROUPS = frozenset({"SUBPATTERN", "ATOMIC_GROUP"})
_WITHOUT_WIDTH = frozenset({"AT", "ASSERT", "ASSERT_NOT"})
_MOST = 32
_LEAST_ALSO = 2
"""A single letter stands in most lines: to ask for it as well would tell nothing."""
_EMPTY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Part:
    """What is known of a part of a pattern.

    `exact` holds all texts that it matches, None where they are too many. One of `needed` stands
    in whatever it matches, and one of `also`; where these are empty, nothing is known.
    """

    exact: frozenset[str] | None
    needed: frozenset[str]
    also: frozenset[str] = _EMPTY


_ANYTHING = _Part(None, _EMPTY)


@dataclass(frozen=True, slots=True)
class Needs:
    """Of `words` at least one stands in every match; empty where a match may be without any.

    So does one of `also`, from another place of the pattern, unless that is empty. `ways` bounds
    how often a search from one place can turn back; it is inf without a bound.
    """

    words: frozenset[str]
    also: frozenset[str]
    ways: float


def needs_of(source: str) -> Needs:
    """Return what a pattern needs. Raises re.error."""
    tree = _PARSER.parse(source)
    part = _sequence(tree)
    return Needs(part.needed, part.also, _ways_of_sequence(tree))


def _sequence(items: Iterable[tuple[object, Any]]) -> _Part:
    run, is_exact = frozenset({""}), True
    known: list[frozenset[str]] = []
    for part in _parts(items):
        if part.exact is not None and len(run) * len(part.exact) <= _MOST:
            run = frozenset(a + b for a, b in product(run, part.exact))
            continue
        known += [run, part.needed, part.also]
        run, is_exact = part.exact or frozenset({""}), False
    needed, also = _two_best([*known, run])
    return _Part(run if is_exact else None, needed, also)


def _parts(items: Iterable[tuple[object, Any]]) -> Iterator[_Part]:
    """Yield the parts of a sequence, letters in a row as one."""
    letters = ""
    for op, argument in items:
        if op is _LITERAL:
            letters += chr(argument)
            continue
        if letters:
            yield _text(letters)
            letters = ""
        yield _part(str(op), argument)
    if letters:
        yield _text(letters)


def _text(letters: str) -> _Part:
    return _Part(frozenset({letters}), frozenset({letters}))


def rarity(text: str) -> int:
    """Return how far a text picks lines: a letter beyond ASCII does it twice as well as one."""
    return sum(1 if char.isascii() else 2 for char in text)


def _two_best(known: Iterable[frozenset[str]]) -> tuple[frozenset[str], frozenset[str]]:
    """Return those whose commonest is rarer, fewer where both are as rare; empty for none."""
    telling = [(min(map(rarity, texts), default=0), texts) for texts in known]
    telling.sort(key=lambda pair: (-pair[0], len(pair[1])))
    (least, best), (least_also, second) = [*telling, (0, _EMPTY), (0, _EMPTY)][:2]
    return (best if least else _EMPTY), (second if least_also >= _LEAST_ALSO else _EMPTY)


def _part(op: str, argument: Any) -> _Part:
    if op in _WITHOUT_WIDTH:
        return _Part(frozenset({""}), _EMPTY)
    if op in _GROUPS:
        return _sequence(argument[-1] if op == "SUBPATTERN" else argument)
    if op in _REPEATS:
        return _repeat(*argument)
    reader = _READERS.get(op)
    return reader(argument) if reader else _ANYTHING


def _choice(members: list[tuple[object, Any]]) -> _Part:
    if len(members) > _MOST or any(op is not _LITERAL for op, _ in members):
        return _ANYTHING
    chars = frozenset(chr(code) for _, code in members)
    return _Part(chars, chars)


def _branch(argument: tuple[object, list[Any]]) -> _Part:
    parts = [_sequence(branch) for branch in argument[1]]
    needed = _EMPTY.union(*(part.needed for part in parts))
    known = all(part.needed for part in parts)
    also = _EMPTY.union(*(part.also or part.needed for part in parts))
    exact = _EMPTY.union(*(part.exact or _EMPTY for part in parts))
    is_exact = all(part.exact is not None for part in parts) and len(exact) <= _MOST
    if not known:
        return _Part(exact if is_exact else None, _EMPTY)
    return _Part(exact if is_exact else None, needed, also if also != needed else _EMPTY)


def _repeat(least: int, most: int, items: Any) -> _Part:
    part = _sequence(items)
    if part.exact is not None and (least, most) == (0, 1):
        return _Part(part.exact | {""}, _EMPTY)
    if part.exact is not None and len(part.exact) == 1 and least == most:
        return _text(next(iter(part.exact)) * least)
    return _Part(None, part.needed, part.also) if least else _ANYTHING


_READERS: dict[str, Callable[[Any], _Part]] = {
    "IN": _choice,
    "BRANCH": _branch,
}


def _ways_of_sequence(items: Iterable[tuple[object, Any]]) -> float:
    return math.prod(_ways_of(str(op), argument) for op, argument in items)


def _ways_of(op: str, argument: Any) -> float:
    if op in _GROUPS:
        return _ways_of_sequence(argument[-1] if op == "SUBPATTERN" else argument)
    if op == "BRANCH":
        return sum(map(_ways_of_sequence, argument[1]))
    if op in _REPEATS:
        return _ways_of_repeat(*argument)
    return 1.0


def _ways_of_repeat(least: int, most: int, items: Any) -> float:
    if most == _PARSER.MAXREPEAT:
        return math.inf
    inner = _ways_of_sequence(items)
    if inner == 1:
        return most - least + 1
    # Beyond these it is too many anyway, and a power could not be held.
    return sum(inner**times for times in range(least, min(most, least + 40) + 1))

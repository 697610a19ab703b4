"""Where a rule is worth trying: all hints of all rules are found in one pass over the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ahocorasick_rs import BytesAhoCorasick, Implementation

from bot.analysis.hiding.rule import Rule

# Letters without case, any digit as one: "4111 1111" is found by the hint "0000 0000".
_ALIKE = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789", b"abcdefghijklmnopqrstuvwxyz000000000"
)
# What stands in memory at once of the places found, however many they are.
_CHUNK = 64 * 1024


class Hints:
    """Finds the places for many rules; every hint is ASCII."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        named = [
            (hint.encode("ascii").translate(_ALIKE), rule) for rule in rules for hint in rule.hints
        ]
        named.sort(key=lambda pair: pair[0])
        grouped = {hint: [rule for _, rule in pairs] for hint, pairs in _by_hint(named)}
        self._longest = max(len(hint) for hint in grouped)
        self._rules = tuple(grouped.values())
        self._automaton = BytesAhoCorasick(list(grouped), implementation=Implementation.DFA)

    def places(self, data: bytes) -> Iterator[tuple[int, Rule]]:
        """Yield where to try which rule; a place at the edge of a chunk may come twice.

        A line ends before the first byte, so that a hint which begins with that is tried at -1.
        """
        find = self._automaton.find_matches_as_indexes
        for base in range(-1, len(data), _CHUNK):
            chunk = data[max(0, base) : base + _CHUNK + self._longest].translate(_ALIKE)
            for number, start, _ in find(b"\n" + chunk if base < 0 else chunk, overlapping=True):
                for rule in self._rules[number]:
                    yield base + start, rule


def _by_hint(
    named: list[tuple[bytes, Rule]],
) -> Iterator[tuple[bytes, Iterator[tuple[bytes, Rule]]]]:
    yield from groupby(named, key=lambda pair: pair[0])

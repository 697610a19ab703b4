"""Which of many patterns are worth trying on a text: one pass for the words that they need."""

from __future__ import annotations

from collections.abc import Iterable, Set

from ahocorasick_rs import AhoCorasick

_Need = tuple[int, Set[str]]


class Needing:
    """Holds the words of all patterns in one automaton.

    Of each pattern it is told `words`, of which one stands in every match, and `also`, of which
    another does; either is empty where nothing is known.
    """

    def __init__(self, patterns: Iterable[tuple[Set[str], Set[str]]]) -> None:
        self._always: set[int] = set()
        self._needing: dict[str, list[_Need]] = {}
        for number, (words, also) in enumerate(patterns):
            if not words:
                self._always.add(number)
            for word in words:
                self._needing.setdefault(word, []).append((number, also))
            for word in also:
                self._needing.setdefault(word, [])
        # With the patterns stored it hands out its own words: no text is made for a place found.
        self._words = AhoCorasick(list(self._needing), store_patterns=True)

    def worth_trying(self, lowered: str) -> list[int]:
        """Return the numbers of the patterns that a text in lower case may match, in order."""
        words = set(self._words.find_matches_as_strings(lowered, overlapping=True))
        numbers = {
            number
            for word in words
            for number, also in self._needing[word]
            if not also or not also.isdisjoint(words)
        }
        return sorted(numbers | self._always if self._always else numbers)

"""One pass over a line for the words that the patterns need, then only the patterns of those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set

from ahocorasick_rs import AhoCorasick

from bot.analysis.signatures.signature import Sign, Signature


class Finder:
    """Holds the words of all patterns in one automaton."""

    def __init__(self, signatures: Sequence[Signature]) -> None:
        self._signs = [(signature, sign) for signature in signatures for sign in signature.signs]
        needing: defaultdict[str, list[int]] = defaultdict(list)
        for number, (_, sign) in enumerate(self._signs):
            for word in sign.words:
                needing[word].append(number)
            for word in sign.also:
                needing.setdefault(word, [])
        numbers = {word: number for number, word in enumerate(needing)}
        self._needing = list(needing.values())
        self._also = [frozenset(numbers[word] for word in sign.also) for _, sign in self._signs]
        self._words = AhoCorasick(list(numbers))

    def matching(self, text: str) -> list[Signature]:
        """Return the signatures that a text shows, the most specific causes first."""
        lowered = text.lower()
        hits = self._words.find_matches_as_indexes(lowered, overlapping=True)
        if not hits:
            return []
        spans: dict[str, tuple[Signature, int]] = {}
        for signature, sign in self._candidates({word for word, _, _ in hits}):
            length = sign.span(lowered)
            if length > spans.get(signature.id, (signature, 0))[1]:
                spans[signature.id] = signature, length
        return [signature for signature, _ in sorted(spans.values(), key=_order)]

    def _candidates(self, words: Set[int]) -> list[tuple[Signature, Sign]]:
        needing, also = self._needing, self._also
        numbers = {
            number
            for word in words
            for number in needing[word]
            if not also[number] or not also[number].isdisjoint(words)
        }
        return [self._signs[number] for number in sorted(numbers)]


def _order(found: tuple[Signature, int]) -> tuple[bool, int, int]:
    signature, length = found
    return signature.role != "cause", -signature.weight, -length

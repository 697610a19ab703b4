"""One pass over a line for the words that the patterns need, then only the patterns of those."""

from __future__ import annotations

from collections.abc import Sequence

from bot.analysis.signatures.needing import Needing
from bot.analysis.signatures.signature import Signature


class Finder:
    """Finds the signatures that a line shows."""

    def __init__(self, signatures: Sequence[Signature]) -> None:
        self._signs = [(signature, sign) for signature in signatures for sign in signature.signs]
        self._needing = Needing((sign.words, sign.also) for _, sign in self._signs)

    def matching(self, text: str) -> list[Signature]:
        """Return the signatures that a text shows, the most specific causes first."""
        lowered = text.lower()
        spans: dict[str, tuple[Signature, int]] = {}
        for number in self._needing.worth_trying(lowered):
            signature, sign = self._signs[number]
            length = sign.span(lowered)
            if length > spans.get(signature.id, (signature, 0))[1]:
                spans[signature.id] = signature, length
        return [signature for signature, _ in sorted(spans.values(), key=_order)]


def _order(found: tuple[Signature, int]) -> tuple[bool, int, int]:
    signature, length = found
    return signature.role != "cause", -signature.weight, -length

"""Which lines are shown word for word beside a cause."""

from __future__ import annotations

import re
from collections.abc import Iterable

QUOTE_CHARS = 200
_LINK = re.compile(r"\[[^\]\n]{1,300}\]\(https?://[^)\s]{1,2000}\)")


def quotes_of(lines: Iterable[tuple[str, str]], limit: int = 3) -> tuple[str, ...]:
    """Return at most `limit` different quotes of (line, sentence in it), word for word."""
    quotes: list[str] = []
    for line, sentence in lines:
        quote = quotable(line, sentence)
        if quote and not any(_is_nearly(quote, other) for other in quotes):
            quotes.append(quote)
    return tuple(quotes[:limit])


def quotable(line: str, sentence: str) -> str:
    """Return the line, or where it is too long the part that holds the sentence.

    A link is not what was written to be read, so the longest stretch beside it is quoted.
    """
    line, sentence = (_beside_links(text.strip()) for text in (line, sentence))
    if len(line) <= QUOTE_CHARS or line.find(sentence) < QUOTE_CHARS // 2:
        return line[:QUOTE_CHARS].strip()
    return sentence[:QUOTE_CHARS].strip()


def _beside_links(text: str) -> str:
    return max(_LINK.split(text), key=len).strip()


def _is_nearly(one: str, other: str) -> bool:
    """Say whether two quotes are the same but for their numbers."""
    return _NUMBERS.sub("#", one) == _NUMBERS.sub("#", other)


_NUMBERS = re.compile(r"\b(?=\w*\d)\w+\b")

"""Which lines are shown word for word beside a cause: the spans that most likely hold it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.analysis.ranking import Candidate, is_same, shares

QUOTE_CHARS = 200
QUOTES = 3
_CONSIDERED = 40
_SPANS = 6
_WORTH_A_LINE = 0.05
_HIDDEN = "[SECRET:"
# A link as we show it, what is hidden, what was left out: none of it stands there word for word.
_NOT_AS_WRITTEN = re.compile(
    r"\[[^\]\n]{1,300}\]\(https?://[^)\s]{1,2000}\)|\[SECRET:[^\]\n]{0,60}\]?|\n…\n"
)
_NUMBERS = re.compile(r"\b(?=\w*\d)\w+\b")


@dataclass(frozen=True, slots=True)
class _Span:
    """Neighbouring lines of one item: what they show, and how likely the cause is among it."""

    text: str
    sentence: str
    shows: frozenset[int]
    mass: float


def spans_of(ranked: Sequence[Candidate]) -> list[tuple[str, str]]:
    """Return (lines, sentence), those first that most likely hold the cause, none of it twice.

    A line goes with its neighbours where they tell too and all of it fits a quote.
    """
    considered = [one for one in ranked[:_CONSIDERED] if not one.item.measured]
    worth = shares(considered)
    left = [_span(place, considered, worth) for place in range(len(considered))]
    chosen: list[_Span] = []
    shown: set[int] = set()
    while left and len(chosen) < _SPANS:
        best = max(left, key=lambda span: sum(worth[n] for n in span.shows - shown))
        chosen.append(best)
        shown |= best.shows
        shown |= {n for n, one in enumerate(considered) if is_same(one.text, best.sentence)}
        left = [span for span in left if not span.shows <= shown]
    return [(span.text, span.sentence) for span in chosen]


def _span(place: int, others: Sequence[Candidate], worth: Sequence[float]) -> _Span:
    one = others[place]
    text = one.item.text
    start = text.find(one.line)
    if start < 0 or len(one.line) > QUOTE_CHARS:
        return _Span(one.line, one.text, frozenset({place}), worth[place])
    first, last = start, start + len(one.line)
    shows = {place}
    near = sorted(
        (abs(at - start), n, at)
        for n, other in enumerate(others)
        if n != place
        and other.item is one.item
        and (other.telling or other.is_note)
        and worth[n] >= _WORTH_A_LINE * worth[place]
        and (at := text.find(other.line)) >= 0
    )
    for _, n, at in near:
        low, high = min(first, at), max(last, at + len(others[n].line))
        if high - low <= QUOTE_CHARS and _HIDDEN not in text[low:high]:
            first, last = low, high
            shows.add(n)
    return _Span(text[first:last], one.text, frozenset(shows), sum(worth[n] for n in shows))


def quotes_of(lines: Iterable[tuple[str, str]], limit: int = QUOTES) -> tuple[str, ...]:
    """Return at most `limit` different quotes of (line, sentence in it), word for word."""
    quotes: list[str] = []
    for line, sentence in lines:
        quote = quotable(line, sentence)
        if quote and not any(_is_told(quote, other) for other in quotes):
            quotes.append(quote)
            if len(quotes) == limit:
                break
    return tuple(quotes)


def quotable(line: str, sentence: str) -> str:
    """Return the line, or where it is too long the part that holds the sentence.

    A link is not what was written to be read, so the longest stretch beside it is quoted.
    """
    line, sentence = (_beside_links(text.strip()) for text in (line, sentence))
    if len(line) <= QUOTE_CHARS or line.find(sentence) < QUOTE_CHARS // 2:
        return line[:QUOTE_CHARS].strip()
    return sentence[:QUOTE_CHARS].strip()


def _beside_links(text: str) -> str:
    return max(_NOT_AS_WRITTEN.split(text), key=len).strip()


def _is_told(quote: str, other: str) -> bool:
    """Say whether a quote adds nothing to another one: the same but for numbers, or most words."""
    one, two = (_NUMBERS.sub("#", text) for text in (quote, other))
    return one in two or is_same(one, two)

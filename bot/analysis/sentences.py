"""A text as sentences, each with the line that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from bot.analysis import phrases

_END = re.compile(
    r"(?<=[.!?])\s+(?=[A-Z`*\"'(\[])|(?<=\?)\s+(?=[a-z0-9])|(?<=[。！？])"
    # People who write in small letters only; an abbreviation ends nothing.
    r"|(?<=[a-z0-9)`%][a-z0-9)`%][.!])(?<! vs\.)(?<!etc\.)(?<!approx\.)(?<! no\.)(?<!\d\.)"
    r"\s+(?=[a-z])"
)
# Tried first: what looks around at each place costs ten times as much.
_MAY_END = re.compile(r"[.!?]\s|[。！？]")
_WRAPPED_AT = 50
SPAN_CHARS = 200
"""A span of lines is as long as what may be quoted."""
_LEAST_SHARED = 4
_REASON = re.compile(
    r"[\"'](?:reason|error|message|msg|cause|detail|description)[\"']\s?(?:=>|[:=])\s?\"([^\"\n]{12,200})\""
)
_MOST_REASONS = 4
_LONGEST_KEPT = 4_000
"""Characters beyond which a text is not kept, so that a large dump does not stay in memory."""
_CONTINUES = re.compile(r"[a-z(]")
_ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "…", "}", "]", '"')


def sentences(text: str) -> tuple[tuple[str, str], ...]:
    """Return (sentence, lines) each: where it is wrapped over lines, those that fit a quote."""
    return _kept(text) if len(text) <= _LONGEST_KEPT else tuple(_sentences(text))


# Who scores, who ranks and who quotes asks for the same ones.
@lru_cache(maxsize=4_096)
def _kept(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(_sentences(text))


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    for paragraph in _paragraphs(text.splitlines()):
        if len(paragraph) == 1 and (told := _told_in(paragraph[0])):
            yield from ((sentence, paragraph[0]) for sentence in told)
            continue
        for sentence in _split(" ".join(line.strip() for line in paragraph)):
            if len(paragraph) == 1:
                yield sentence, paragraph[0]
                continue
            span = _span(sentence, paragraph)
            yield sentence, span if span in text else _line_of(sentence, paragraph)


def _told_in(line: str) -> list[str]:
    """Return the head of a long line and the reasons deep in what it dumps, [] without any."""
    if len(line) <= SPAN_CHARS:
        return []
    found = islice(_REASON.finditer(line), _MOST_REASONS)
    reasons = [reason[1] for reason in found if reason.start() >= SPAN_CHARS // 2]
    return [line.partition("{")[0].strip()[:SPAN_CHARS], *reasons] if reasons else []


def _span(sentence: str, paragraph: list[str]) -> str:
    """Return the line that holds most of the sentence, with its neighbours that hold more of it."""
    best = paragraph.index(_line_of(sentence, paragraph))
    first, last = best, best + 1
    size = len(paragraph[best])
    while first and _holds(sentence, paragraph[first - 1]):
        size += len(paragraph[first - 1]) + 1
        if size > SPAN_CHARS:
            break
        first -= 1
    while last < len(paragraph) and _holds(sentence, paragraph[last]):
        size += len(paragraph[last]) + 1
        if size > SPAN_CHARS:
            break
        last += 1
    return "\n".join(paragraph[first:last])


def _holds(sentence: str, line: str) -> bool:
    return _shared(line.strip(), sentence) >= _LEAST_SHARED


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Join lines that were broken at a margin; a line of a log or a table stands alone."""
    paragraph: list[str] = []
    for line in lines:
        if paragraph and _is_wrapped(paragraph[-1], line):
            paragraph.append(line)
            continue
        if paragraph:
            yield paragraph
        paragraph = [line]
    if paragraph:
        yield paragraph


def _is_wrapped(line: str, following: str) -> bool:
    is_prose = len(line) >= _WRAPPED_AT and not line.rstrip().endswith(_ENDS)
    return is_prose and _CONTINUES.match(following) is not None


def _split(paragraph: str) -> list[str]:
    """Split; a sentence that only announces a cause goes together with the next one."""
    if not _MAY_END.search(paragraph):
        return [paragraph.strip()] if paragraph.strip() else []
    joined: list[str] = []
    for part in _END.split(paragraph):
        if joined and phrases.is_empty(joined[-1]):
            space = " " if f"{joined[-1]} {part}" in paragraph else ""
            joined[-1] += space + part
        else:
            joined.append(part)
    return [sentence.strip() for sentence in joined if sentence.strip()]


def _line_of(sentence: str, paragraph: list[str]) -> str:
    return max(paragraph, key=lambda line: _shared(line.strip(), sentence))


def _shared(line: str, sentence: str) -> int:
    """Return how many characters of the sentence stand in the line."""
    if sentence in line or line in sentence:
        return min(len(line), len(sentence))
    starts = (n for n in range(min(len(line), len(sentence)), 0, -1))
    return next((n for n in starts if line[-n:] == sentence[:n] or line[:n] == sentence[-n:]), 0)

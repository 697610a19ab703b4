"""A text as sentences, each with the line that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.analysis import phrases

_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\"'(\[])|(?<=[。！？])")
_WRAPPED_AT = 50
_CONTINUES = re.compile(r"[a-z(]")
_ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "…", "}", "]", '"')


def sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield (sentence, line): a sentence wrapped over several lines comes with its longest part."""
    for paragraph in _paragraphs(text.splitlines()):
        for sentence in _split(" ".join(line.strip() for line in paragraph)):
            yield sentence, _line_of(sentence, paragraph)


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

"""What stands in addresses with percent signs, read as it is meant: "%3D" is "="."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = re.compile(r"%[2-7][0-9A-Fa-f]")
_WORD = re.compile(r"[^\s\x00]{0,65536}+")
# Of one word before its first escape; what is longer is no address.
_BEFORE = 2_000
_BATCH_CHARS = 64 * 1024


class Decoded:
    """Words with escapes, one a line, and where each character of them came from."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._places: list[int] = []

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def size(self) -> int:
        return len(self._places)

    def add(self, text: str, start: int, end: int) -> None:
        position = start
        for escape in _ESCAPE.finditer(text, start, end):
            self._parts += [text[position : escape.start()], chr(int(escape.group()[1:], 16))]
            self._places += range(position, escape.start() + 1)
            position = escape.end()
        self._places += range(position, end + 1)
        self._parts += [text[position:end], "\n"]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return what a part of the decoded text is in the text that it came from."""
        return self._places[start], self._places[min(end, len(self._places) - 1)]


def batches(text: str) -> Iterator[Decoded]:
    """Yield every word of the text that has an escape in it, many at a time."""
    if "%" not in text:
        return
    batch = Decoded()
    for start, end in _words(text):
        batch.add(text, start, end)
        if batch.size > _BATCH_CHARS:
            yield batch
            batch = Decoded()
    if batch.size:
        yield batch


def _words(text: str) -> Iterator[tuple[int, int]]:
    until = 0
    for escape in _ESCAPE.finditer(text):
        at = escape.start()
        if at < until:
            continue
        before = _WORD.match(text[max(until, at - _BEFORE) : at][::-1])
        following = _WORD.match(text, at)
        until = following.end() if following else at
        yield at - (before.end() if before else 0), until

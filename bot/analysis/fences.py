"""A message's prose, and the code that stands in it between fences."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r"```[a-z]{0,12}\n?(.*?)(?:```|\Z)", re.DOTALL)


def code_and_prose(text: str) -> Iterator[tuple[bool, str]]:
    """Yield (is code, text) in order; prose that is empty is left out."""
    if "```" not in text:
        yield from _prose(text)
        return
    position = 0
    for fence in _FENCE.finditer(text):
        yield from _prose(text[position : fence.start()])
        if fence.group(1).strip():
            yield True, fence.group(1)
        position = fence.end()
    yield from _prose(text[position:])


def _prose(text: str) -> Iterator[tuple[bool, str]]:
    if text.strip():
        yield False, text.strip()

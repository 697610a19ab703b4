"""How many tokens a text is, by its size: for limits, and for what no vendor counted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

from providers.base import LLMMessage

BYTES_PER_TOKEN = 4
"""Of UTF-8, whether of Latin letters or of Chinese characters."""


def tokens_of(size: int) -> int:
    """Return the tokens of so many bytes, rounded up."""
    return math.ceil(size / BYTES_PER_TOKEN)


def estimate_prompt(messages: Iterable[LLMMessage]) -> int:
    """Return about how many tokens a prompt is."""
    return tokens_of(sum(_size(message.content) for message in messages))


@lru_cache(maxsize=256)
def _size(text: str) -> int:
    # Kept: the same prompt is counted for limits, for each attempt and for what was wasted.
    return len(text.encode(errors="replace"))

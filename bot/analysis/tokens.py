"""How many tokens a text is at most, by its characters: tokenizers differ, and most are secret.

Measured on the prompts of 97 incidents: 1.04 to 1.46 times what Qwen 3.6's tokenizer counts, 0.99
to 1.40 times what Mistral's Tekken does, 1.21 to 1.95 times what DeepSeek 4's does. A quarter of
the bytes, which is usual, was as little as a third of the truth: logs are full of digits and signs.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z]{1,64}")
_SPACES = re.compile(r"\s{1,64}")
_LETTERS = 4


def tokens(text: str) -> int:
    """Return an estimate on the safe side: a token for 4 letters of a word begun, or for a sign.

    A sign is a digit, a punctuation mark or a character of another script; spaces are free.
    """
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    spaces = sum(map(len, _SPACES.findall(text)))
    return sum(-(-len(word) // _LETTERS) for word in words) + len(text) - letters - spaces

"""A text without what cannot be seen, and with one spelling for what looks the same."""

from __future__ import annotations

import html
import re

# Controls, zero-width and joining characters, directions, variation selectors, and the "tags"
# that a model reads and a person does not see.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
_TERMINAL = re.compile("(?:\x1b\\[|\x9b)[0-?]{0,32}[ -/]{0,4}[@-~]|\x1b[@-_]?")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});")
# As a model was sent it, and may have copied it.
_ESCAPED = re.compile(r"\\u00([0-7][0-9a-fA-F])")
_ROUNDS = 3

# Full-width letters, digits and the signs that an address or a mention is made of; not the
# punctuation of Japanese prose.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_KEPT_WIDE = "！，：；？（）［］｛｝～"
_SAME = {
    **{code: narrow for code, narrow in _WIDE.items() if chr(code) not in _KEPT_WIDE},
    **{ord(sign): "@" for sign in "﹫"},
    **{ord(sign): "<" for sign in "‹﹤〈⟨"},
    **{ord(sign): ">" for sign in "›﹥〉⟩"},
    ord("․"): ".",
    ord("∕"): "/",
    ord("⁄"): "/",
    ord("\u00a0"): " ",
}


def seen(text: str) -> str:
    """Return the text as a reader sees it, entities resolved; in one line."""
    text = _TERMINAL.sub("", _ESCAPED.sub(lambda code: chr(int(code.group(1), 16)), text))
    for _ in range(_ROUNDS):
        resolved = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
        if resolved == text:
            break
        text = resolved
    return UNSEEN.sub("", text.replace("\u2028", " ").replace("\u2029", " ")).translate(_SAME)

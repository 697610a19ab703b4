"""Values that are wrapped: a long run of base64 goes on in the next line."""

from __future__ import annotations

import re

# A real end of line, or one that JSON or a shell wrote out.
BREAK = r"(?:\\{1,2}+(?:r\\{1,2}+)?n|\\?\r?\n)[ \t>|]{0,16}+"
_NEXT = re.compile(BREAK + r"[A-Za-z0-9+/=_-]{20,}+(?=[\s\"'\\,}\]]|\Z)")
_LAST = re.compile(BREAK + r"[A-Za-z0-9+/=_-]{1,19}+(?=[ \t]{0,8}+(?:[\r\n\"'\\]|\Z))")
_WIDE = 40


def continued(text: str, start: int, end: int) -> int:
    """Return where the value ends that begins at `start` and fills its line up to `end`."""
    wrapped = "\n" in text[start:end] or "\\n" in text[start:end]
    if not wrapped and end - start < _WIDE:
        return end
    while found := _NEXT.match(text, end):
        wrapped, end = True, found.end()
    last = _LAST.match(text, end) if wrapped else None
    return last.end() if last else end

"""A model's line as plain text: links, images, mentions and markup that acts never pass."""

from __future__ import annotations

import re
from collections.abc import Sequence

_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,100}\])?")
_LINK = re.compile(r"\[([^\]\n]{0,300})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,100}\])")
_DEFINITION = re.compile(r"^\s{0,3}\[[^\]\n]{1,100}\]:\s*\S+.*$")
_ANGLE = re.compile(
    r"<([@#!][^<>\n]{0,200}|(?:https?|mailto|tel|ftp):[^<>\n]{0,2000})>", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,1000}>")
_URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://|mailto:|tel:|www\.)[^\s<>\"'`）」]{1,2000}"
    r"|(?<![\w@./-])(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}/[^\s<>\"'`）」]{1,2000}",
    re.IGNORECASE,
)
_CALL = re.compile(r"@+(channel|here|everyone)\b", re.IGNORECASE)
_LEFT_OVER = re.compile(r"[<>](?=[@#!/a-zA-Z])|(?<=\])(?=\()")
_REMOVED = "(link removed)"


def neutral(text: str, *, allowed: Sequence[str] = ()) -> str:
    """Return the text without what acts; a URL stays only where `allowed` holds it."""

    def judge(found: re.Match[str]) -> str:
        url = found.group().rstrip(".,;:!?)]")
        return found.group() if any(url in item for item in allowed) else _REMOVED

    text = _DEFINITION.sub("", text)
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    text = _ANGLE.sub(_inner, text)
    text = _TAG.sub("", text)
    text = _CALL.sub(r"\1", _URL.sub(judge, text))
    return _LEFT_OVER.sub(" ", text)


def _inner(found: re.Match[str]) -> str:
    """Keep only the label of a link or mention, and none of its target."""
    _, _, label = found.group(1).partition("|")
    return label

"""A model's line as plain text: links, images, mentions and markup that acts never pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.analysis.lookalikes import seen

_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,100}\])?")
_LINK = re.compile(r"\[([^\]\n]{0,300})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,100}\])")
_DEFINITION = re.compile(r"^\s{0,3}\[[^\]\n]{1,100}\]:\s*\S+.*$")
_ANGLE = re.compile(
    r"<([@#!][^<>\n]{0,200}|(?:https?|mailto|tel|ftp):[^<>\n]{0,2000})>", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,1000}>")
_URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}:/{1,3}|www\.|mailto:(?=\S)|(?<![\w-])(?:tel|sms|callto|sip|skype|facetime"
    r"|javascript|vbscript|slack|intent|magnet):(?=\S)|(?<![\w-])data:[a-z]{1,20}/)"
    r"[^\s<>\"'`）」]{1,2000}"
    r"|(?<![\w@./-])(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?::\d{1,5})?[/?#][^\s<>\"'`）」]{1,2000}",
    re.IGNORECASE,
)
# What Slack, or the reader's device, makes a link of without being asked to.
_DOMAIN = re.compile(
    r"(?<![\w@./-])(?:[a-z0-9\u00c0-\u024f\u0370-\u052f-]{1,63}\.){1,8}"
    r"(?:com|net|org|info|biz|io|dev|app|ai|co|me|tv|xyz|online|site|shop|store|cloud|link|click"
    r"|page|live|top|club|zip|mov|pro|tech|run|sh|gg|ly|to|us|uk|eu|de|fr|es|it|nl|pl|ru|ua|cn|jp"
    r"|kr|in|br|au|ca|ch|se|no|fi|xn--[a-z0-9-]{1,59})\.?(?![-_]{0,63}[^\W_])(?!\.[^\W\d_]{2})",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<!`)(`{1,3})[^`\n]{1,1000}\1(?!`)")
_ESCAPED_TICK = re.compile(r"\\{1,100}(?=`)")
_CALL = re.compile(r"@+(channel|here|everyone)\b", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w.+/-])@+(?=\w)")
_LEFT_OVER = re.compile(r"[<>](?=[@#!/a-zA-Z])|(?<=\])(?=[(\[])|(?<=!)(?=\[)")
# A list's mark too: a heading in a list is a heading.
_FURNITURE = re.compile(
    r"^(?:\s{0,8}(?:#{1,6}(?=\s)|>|\||`{3,}\w{0,20}|~{3,}|[-=*_]{3,}|[-*•](?=\s)"
    r"|(?:\+|\d{1,9}[.)])(?=\s{1,8}[#>|+*-])))+\s{0,8}"
)
_REMOVED = "(link removed)"
_ROUNDS = 4


def neutral(text: str, *, allowed: Sequence[str] = ()) -> str:
    """Return one line without what acts; an address stays only where `allowed` holds it.

    What was taken out may have held two harmless halves apart, so it is looked at again.
    """
    for _ in range(_ROUNDS):
        cleaned = _once(text, allowed)
        if cleaned == text:
            return text
        text = cleaned
    return text.translate(_DISARMED)


_DISARMED = dict.fromkeys(map(ord, "<>@[]"), " ")
"""A text that will not come to rest loses what all of this is made of."""


def _once(text: str, allowed: Sequence[str]) -> str:
    def judge(found: re.Match[str]) -> str:
        url = found.group().rstrip(".,;:!?)]")
        return found.group() if any(url in item for item in allowed) else _REMOVED

    text = _ESCAPED_TICK.sub("", _FURNITURE.sub("", seen(text)))
    text = _DEFINITION.sub("", text)
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    text = _ANGLE.sub(_inner, text)
    text = _TAG.sub("", text)
    text = _CALL.sub(r"\1", _URL.sub(judge, text))
    return _LEFT_OVER.sub(" ", "".join(_parts(text, allowed)))


def _parts(text: str, allowed: Sequence[str]) -> Iterator[str]:
    """Yield code as it is, and prose without its mentions and with no domain that is a link."""

    def judge(found: re.Match[str]) -> str:
        name = found.group().rstrip(".")
        return f"`{name}`" if any(name in item for item in allowed) else _REMOVED

    position = 0
    for code in _CODE.finditer(text):
        yield _DOMAIN.sub(judge, _MENTION.sub("", text[position : code.start()]))
        yield code.group()
        position = code.end()
    yield _DOMAIN.sub(judge, _MENTION.sub("", text[position:]))


def _inner(found: re.Match[str]) -> str:
    """Keep only the label of a link or mention, and none of its target."""
    _, _, label = found.group(1).partition("|")
    return label

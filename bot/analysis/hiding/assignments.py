"""Values beside telling names: `password=…`, `"token": "…"`, `--api-key …`, a YAML block."""

from __future__ import annotations

import re

from bot.analysis.hiding.names import HINTS, STEM, Telling, telling
from bot.analysis.hiding.plain import is_place, is_plain, is_said
from bot.analysis.hiding.rule import Rule
from bot.analysis.hiding.wrapping import BREAK, continued

_QUOTE = r"\\{0,3}+[\"'`]"
_BEFORE = re.compile(r"[\w.-]{0,48}")
_NAME = re.compile(rf"(?i:{STEM})(?![A-Za-z0-9_])(?P<closed>{_QUOTE})?")
_ASSIGNED = re.compile(r"\s{0,3}+(?:=>|:=|=(?![=~]))\s{0,3}+")
_COLON = re.compile(r"[ \t]{0,40}+[:：][ \t]{0,40}+")
_TUPLE = re.compile(r"\s{0,3}+,\s{0,3}+(?=[\"'])")
_FLAG = re.compile(r"[ \t]{1,3}+(?:\\\r?\n[ \t]{0,16}+)?")
_SAID_TO_BE = re.compile(r"\s(?:is|was|ist|era)\s{1,3}+(?:now\s)?(?:[:=]\s)?")
_TAG = re.compile(r">\s{0,8}+(?=[^<>]{1,512}</)")
# `- name: DB_PASSWORD` and its value on the next line, or in the next field.
_VALUE = re.compile(
    rf"(?:[,;]?[ \t]{{0,4}}+(?:{BREAK})?)[\"']?(?i:value)[\"']?\s{{0,3}}+[:=]\s{{0,3}}+"
)
_BLOCK = re.compile(
    r"(?:[|>][+-]?\d?[ \t]{0,4}+)?\\?\r?\n[ \t]{1,40}+"
    r"(?=[^\s:]{3,}+[\"']?,?[ \t]*+(?:[\r\n]|\Z))"
)
_QUOTED = re.compile(
    rf"(?:[brfu])?(?P<q>{_QUOTE})(?P<secret>(?:(?!(?P=q))[^\n\x00]){{1,1024}}+)(?P=q)"
)
_BARE = re.compile(rf"(?:{_QUOTE})?(?P<secret>(?:[^\s\"'`,;&<>}}\])\x00\\]|\\(?![\"'nr\\]))++)")
_LINE = re.compile(r"[ \t]{0,40}+(?:- |export |set |ENV )?\Z")
_WHOLE = re.compile(r"[ \t]{0,4}+(?:[\r\n]|\Z|#)")
_ENV = re.compile(r"(?P<secret>[^\s\"'`\x00]++)")


def _find(text: str, at: int) -> tuple[int, int] | None:
    name = _NAME.match(text, at)
    if not name:
        return None
    before = _BEFORE.match(text[max(0, at - 48) : at][::-1])
    start = at - (before.end() if before else 0)
    told = telling(text[start : name.end() if not name["closed"] else name.start("closed")])
    return _value(text, start, name, told) if told else None


def _value(text: str, start: int, name: re.Match[str], told: Telling) -> tuple[int, int] | None:
    for find in (_assigned, _after_a_colon, _in_words):
        if found := find(text, start, name, told):
            return found
    return None


def _assigned(text: str, start: int, name: re.Match[str], told: Telling) -> tuple[int, int] | None:
    """A sign that nothing but a value follows."""
    end = name.end()
    sign = _ASSIGNED.match(text, end) or _TAG.match(text, end) or _VALUE.match(text, end)
    if sign is None and text.startswith("-", start):
        sign = _FLAG.match(text, end)
    if sign is None and name["closed"]:
        sign = _TUPLE.match(text, end)
    if sign is None:
        return None
    whole = _ENV if _is_line_start(text, start) and sign.group() == "=" else _BARE
    return _taken(text, sign.end(), told, whole)


def _after_a_colon(
    text: str, start: int, name: re.Match[str], told: Telling
) -> tuple[int, int] | None:
    """After a bare colon a plain word is prose ("unexpected token: identifier")."""
    colon = _COLON.match(text, name.end())
    if colon is None:
        return None
    block = _BLOCK.match(text, colon.end())
    begin = block.end() if block else colon.end()
    found = _taken(text, begin, told, _BARE)
    if found is None or name["closed"] or text[begin : begin + 1] in "\"'":
        return found
    if _is_line_start(text, start) and _WHOLE.match(text, found[1]):
        return found
    return None if is_plain(text[found[0] : found[1]]) else found


def _in_words(
    text: str, _start: int, name: re.Match[str], _told: Telling
) -> tuple[int, int] | None:
    """ "The password is …": only what looks random, for this is how people write."""
    said = _SAID_TO_BE.match(text, name.end())
    return _taken(text, said.end(), Telling.VAGUE, _BARE) if said else None


def _taken(text: str, at: int, told: Telling, bare: re.Pattern[str]) -> tuple[int, int] | None:
    found = _QUOTED.match(text, at) or bare.match(text, at)
    if not found:
        return None
    value = found["secret"]
    if is_said(value) or len(value) < (6 if told is Telling.VAGUE else 3):
        return None
    if (told is Telling.VAGUE and is_plain(value)) or (told is Telling.FOLDER and is_place(value)):
        return None
    start, end = found.span("secret")
    return start, continued(text, start, end)


def _is_line_start(text: str, start: int) -> bool:
    line = text.rfind("\n", max(0, start - 48), start) + 1
    return bool(_LINE.match(text[line or max(0, start - 48) : start]))


RULES = (Rule("assignment", HINTS, _find),)

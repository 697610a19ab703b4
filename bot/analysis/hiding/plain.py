"""What a value beside a telling name looks like when it is no secret."""

from __future__ import annotations

import re

_SAID = (
    "null none nil undefined true false yes no on off empty unset set redacted hidden filtered "
    "masked removed string text value expired incorrect wrong failed failure error denied rejected "
    "unknown changed updated rotated disabled enabled found and for to of in the a an with from "
    "auth authentication identifier eof end cert certificate prompt reset generated optional or"
)
# With these begins what a form says of a password: "is too short", "must not be empty".
_JUDGED = "is was are must may can cannot should too has not required missing invalid does at"
_JUDGING = frozenset(_JUDGED.split())
_WORDS = frozenset(_SAID.split()) | _JUDGING
_TEMPLATE = re.compile(r"\$[{(]|\$[A-Z_][A-Z0-9_]{0,64}+\Z|%[({]|%[sdvq]\Z|\{\{|<|@[A-Z_]{1,40}+@")
_WRAPPING = "[](){}<>*\"'`.,:;!?-_#\\/|"
_PART = re.compile(
    r"[a-z]{1,15}|[A-Z]{1,15}|[A-Z]?[a-z]{2,15}+(?:[A-Z]{1,3}+[a-z]{2,15}+){0,5}+[A-Z]{0,3}"
    r"|\d{1,6}|v\d{1,4}|[a-z]{2,12}\d{1,2}"
)
_SHORT = re.compile(r"[a-z0-9]{1,5}|[a-f0-9]{8,10}")
_NUMBER = re.compile(r"[\d.,:_-]{1,32}[a-zµ%]{0,3}")
# An address or a path; what base64 begins with a slash has no word behind it.
_PLACE = re.compile(r"[a-z][a-z+]{1,20}://|[.~]{0,2}/[a-z]{2,16}(?:[/._-]|\Z)")
_LEAST = 6


def is_said(value: str) -> bool:
    """Say whether a value is a word about a value ("expired"), a mask, or a template."""
    bare = value.strip(_WRAPPING + " ").lower()
    first, more, _ = bare.partition(" ")
    said = first in (_JUDGING if more else _WORDS)
    return bool(_TEMPLATE.match(value)) or said or len(set(bare)) <= 1


def is_place(value: str) -> bool:
    """Say whether a value reads like a path or an address."""
    return bool(_PLACE.match(value))


def is_plain(value: str) -> bool:
    """Say whether a value reads like words, a number, a path, a name of a thing or an address."""
    if len(value) < _LEAST or is_said(value) or _NUMBER.fullmatch(value):
        return True
    if is_place(value) or " " in value:
        return True
    parts = [part for part in re.split(r"[-_./:@]", value) if part]
    if len(parts) == 1:
        return not any(map(str.isdigit, value)) and bool(_PART.fullmatch(parts[0]))
    return bool(_PART.fullmatch(parts[0])) and all(map(_is_ordinary, parts))


def _is_ordinary(part: str) -> bool:
    return bool(_PART.fullmatch(part) or _SHORT.fullmatch(part))

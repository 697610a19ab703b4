"""What a model puts in quotation marks has to stand in what it cites, word for word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_SPAN = re.compile(
    r'"([^"\n]{2,600})"|“([^”\n]{2,600})”|„([^“”\n]{2,600})[“”]|«([^»\n]{2,600})»'
    r"|‘([^’\n]{2,600})’(?!\w)|「([^」\n]{2,600})」|『([^』\n]{2,600})』|(?<!`)`([^`\n]{1,600})`(?!`)"
    r"|(?<!`)``([^`\n]{1,600})``(?!`)"
)
_LEFT_OUT = re.compile(r"\s?(?:\[(?:\.{3}|…)\]|\.{3,6}|…+)\s?")
_NAME = re.compile(r"[^\s]{1,120}")
_ROUNDS = 4
_MARKS = dict.fromkeys(map(ord, '"“”„«»「」『』`'))
_LONG = 12
"""A shorter span may be a manner of speaking; a longer one that stands nowhere is an invention."""

_SAME = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-"})
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BLANK = re.compile(r"\\[nrt]")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A text whose false quotations have lost their marks, and how many there were.

    `is_misquoted` says that one of them was long enough to be an invention; `names` are code spans
    that are a plain name, which are no quotation.
    """

    text: str
    removed: int = 0
    is_misquoted: bool = False
    names: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Return a text for comparing: spaces folded, escapes resolved, one kind of marks."""
    text = _ESCAPED.sub(lambda code: chr(int(code.group(1), 16)), text)
    return " ".join(_BLANK.sub(" ", text).replace("\\", "").translate(_SAME).split())


def check(text: str, cited: Sequence[str]) -> Quoted:
    """Check every quoted span of a line; `cited` are the `plain` texts of what it cites.

    A mark that is taken away may leave its neighbour with another one: they are looked at again.
    """
    checked = Quoted(text)
    for _ in range(_ROUNDS):
        again = _once(checked.text, cited)
        settled = again.text == checked.text
        checked = Quoted(
            again.text,
            checked.removed + again.removed,
            checked.is_misquoted or again.is_misquoted,
            again.names,
        )
        if settled:
            return checked
    return replace(checked, text=checked.text.translate(_MARKS))


def _once(text: str, cited: Sequence[str]) -> Quoted:
    names: list[str] = []
    false: list[str] = []

    def judge(found: re.Match[str]) -> str:
        span = next(group for group in found.groups() if group)
        is_name = found.group().startswith("`") and _NAME.fullmatch(span)
        if any(occurs(span, item) for item in cited):
            return found.group()
        if is_name:
            names.append(span)
            return found.group()
        false.append(span)
        return span

    parts, position = [], 0
    for found in _SPAN.finditer(text):
        # A mark without its other half would find one in the line that follows.
        parts += [text[position : found.start()].translate(_MARKS), judge(found)]
        position = found.end()
    checked = "".join([*parts, text[position:].translate(_MARKS)])
    is_misquoted = any(len(span) >= _LONG for span in false)
    return Quoted(checked, len(false), is_misquoted, tuple(names))


def occurs(span: str, item: str) -> bool:
    """Say whether each part of a quotation stands in a `plain` text, in their order."""
    parts = [part for part in _LEFT_OUT.split(plain(span).replace("**", "")) if part]
    return bool(parts) and (_in_order(parts, item) or _in_order(_trimmed(parts), item))


def _trimmed(parts: Sequence[str]) -> list[str]:
    """Return the parts without the stop or comma that ends the sentence around them."""
    return [*parts[:-1], parts[-1].rstrip(".,;:!?。、，") or parts[-1]]


def _in_order(parts: Sequence[str], item: str) -> bool:
    position = 0
    for part in parts:
        place = item.find(part, position)
        if place < 0:
            return False
        position = place + len(part)
    return True

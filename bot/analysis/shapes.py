"""What lines of the same words have in common, worked out once for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.analysis.levels import is_numeric, parse_level, trace_level
from bot.analysis.roles import Role, role_of
from bot.analysis.structured import logged_line, wording
from bot.analysis.time_forms import Form
from bot.analysis.times import form_of, has_zone, parse_time, read_time

_DIGITS = b"0123456789"
# For the second look: digits become one digit, what stands between words becomes a blank.
_BETWEEN = b" \t\"'()[]{}<>,;:=|/\\"
_COARSE = bytes.maketrans(b"123456789" + _BETWEEN, b"0" * 9 + b" " * len(_BETWEEN))
_KEPT = 20_000
_WORDS = 400
_INDENT = 40
_LEAD = 80
_VARIABLE = re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8,}\b|\d+")


@dataclass(slots=True)
class Shape:
    """Lines that differ in their digits only.

    `form` is how they write their time, `words` what tells their kind. `level` is None where it
    hangs on a number. `template` is for whoever folds them: the kind they were found to be.
    """

    form: Form | None
    level: str | None
    role: Role
    words: str
    template: int | None = None

    def time_of(self, line: str, near: float) -> float | None:
        """Return a line's time in UTC seconds."""
        if self.form is None:
            return None
        at = read_time(line, self.form, near)
        return parse_time(line, near) if at is None else at

    def level_of(self, line: str) -> str:
        """Return a line's level, as `parse_level` does."""
        return parse_level(line) if self.level is None else self.level


class Shapes:
    """The shapes met so far, in bounded memory. `unzoned` tells that a time had no zone.

    A line is looked up by its text without digits, and if that is new, by its words without those
    that hold a digit: identifiers with letters in them make no new shape.
    """

    def __init__(self) -> None:
        self.unzoned = False
        self._known: dict[bytes, Shape] = {}
        self._coarse: dict[bytes, Shape] = {}

    def of(self, lines: Sequence[str], near: float) -> Iterator[tuple[str, Shape]]:
        """Yield each line with its shape; there is no line end in any of them."""
        if not lines:
            return
        # Digits are deleted from all lines in one go: far faster than any pattern over each.
        encoded = "\n".join(lines).encode("utf-8", "surrogatepass").translate(None, _DIGITS)
        for line, key in zip(lines, encoded.split(b"\n"), strict=True):
            shape = self._known.get(key)
            yield line, shape if shape is not None else self._learn(line, key, near)

    def _learn(self, line: str, key: bytes, near: float) -> Shape:
        coarse = _coarse(line)
        shape = self._coarse.get(coarse)
        if shape is None:
            form = form_of(line, near)
            if form is not None and not self.unzoned:
                self.unzoned = not has_zone(line, form)
            shape = _kept(self._coarse, coarse, _shape(line, form, near))
        return _kept(self._known, key, shape)


def _kept(shapes: dict[bytes, Shape], key: bytes, shape: Shape) -> Shape:
    if len(shapes) >= _KEPT:
        shapes.clear()
    shapes[key] = shape
    return shape


def _coarse(line: str) -> bytes:
    """Return a line's first character, for klog and for what is indented, and its plain words."""
    head = line[:_WORDS].encode("utf-8", "surrogatepass")
    words = head.translate(_COARSE).split()
    return head[:1] + b" ".join([word for word in words if b"0" not in word])


def _shape(line: str, form: Form | None, near: float) -> Shape:
    inner = logged_line(line)
    role = role_of(inner, timed=_leads(inner, near))
    if role is Role.UNTIMED and inner is not line and _leads(line, near):
        role = Role.STARTS
    said = "" if role is Role.PANIC else parse_level(line)
    level = None if is_numeric(line) else said or trace_level(inner)
    return Shape(form, level, role, _VARIABLE.sub("#", _timeless(wording(line), form)[:_WORDS]))


def _timeless(words: str, form: Form | None) -> str:
    """Leave out the time: drain3 tells kinds apart by their first words."""
    found = form.pattern.search(words, 0, form.head) if form else None
    return words[: found.start()] + words[found.end() :] if found else words


def _leads(inner: str, near: float) -> bool:
    """Say whether a line begins with what begins a record: an indented time in a text does not."""
    if not inner[:1].isspace():
        return parse_time(inner if inner[:1] == "{" else inner[:_LEAD], near) is not None
    head = inner.lstrip()
    return parse_time(head[:_INDENT], near) is not None and head[:1] in "[0123456789"

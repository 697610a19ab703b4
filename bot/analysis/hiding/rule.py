"""One rule of our own: where it is tried, and what of the text it hides there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

HIDDEN = "\x00"
"""Stands for what is hidden already while we look for more; no rule accepts it."""

Finder = Callable[[str, int], tuple[int, int] | None]


class Span(NamedTuple):
    """A part of a text to hide, and what it is called in its placeholder."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Rule:
    """`find` is tried wherever a hint begins and nowhere else; it gets the text and that place.

    Hints are compared without case, and any digit of a hint stands for every digit.
    """

    kind: str
    hints: tuple[str, ...]
    find: Finder


def rule(kind: str, hints: str, source: str, *, left: str = "") -> Rule:
    """Make a rule of a pattern that begins where a hint does.

    The group "secret" is what gets hidden; without one, the whole match does. `left` is a class
    of characters, as many as `{n,m}` behind it says, which belong to the secret and precede the
    hint. Each repeat is possessive or small, so that a try costs no more than what it reads.
    """
    return Rule(kind, tuple(hints.split()), _Pattern(source, left))


class _Pattern:
    """A finder by pattern; `patterns` is what it is made of, for whoever checks them."""

    def __init__(self, source: str, left: str) -> None:
        self._pattern = re.compile(source)
        self._group = "secret" if "secret" in self._pattern.groupindex else 0
        self._left = re.compile(left + r"(?![\w-])") if left else None

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        return (self._pattern, *([self._left] if self._left else []))

    def __call__(self, text: str, at: int) -> tuple[int, int] | None:
        found = self._pattern.match(text, at)
        if not found:
            return None
        start, end = found.span(self._group)
        if self._left is None:
            return start, end
        before = self._left.match(text[max(0, at - 80) : at][::-1])
        return (at - before.end(), end) if before else None

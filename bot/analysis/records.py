"""Log records: a line joined with the lines that continue it, such as a stack trace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.analysis.levels import SEVERITY
from bot.analysis.roles import Role
from bot.analysis.shapes import Shape, Shapes
from bot.analysis.structured import logged_line

MAX_RECORD_LINES = 40
_HEAD_LINES = 22
_TELLING_LINES = 10
_TAIL_LINES = 4
_HELD_LINES = 400
_HELD_CHARS = 64_000
_CUT = "…"

_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY")
_KEY_ENDS = "-----END "
_KEY_BODY = re.compile(r"[\sA-Za-z0-9+/=]{0,2000}|\s{0,80}[\w-]{1,20}: .{0,200}")
_PROCESS = re.compile(r"\[(\d{1,10})(?:-\d{1,9})?\]")
_TELLS = re.compile(
    r"\s{0,40}(?:Caused by:|Suppressed:|During handling)"
    r"|(?:[\w$]{1,60}[.:]{1,2}){0,12}[\w$]{0,80}(?:Exception|Error)\b"
)


class Record(NamedTuple):
    """One log record, word for word. `at` is UTC seconds or None.

    `words` tell its kind; `shape` is its line's, None where it has several. `before` and `after`
    are the lines around it: what has to be hidden in it may begin or end there.
    """

    text: str
    at: float | None
    level: str
    words: str
    shape: Shape | None = None
    before: str = ""
    after: str = ""


def records(chunks: Iterable[Sequence[str]], shapes: Shapes, near: float = 0.0) -> Iterator[Record]:
    """Yield the records of lines that come in chunks, one at a time.

    `near` is as for `parse_time`.
    """
    block: _Block | None = None
    before = ""
    for chunk in chunks:
        for line, shape in shapes.of(chunk, near):
            if block is not None:
                # Most lines start a record: for them nothing more is asked.
                if (shape.role is not Role.STARTS or block.in_key) and block.takes(line, shape):
                    continue
                yield block.record(near, before, line)
                before = block.last
            block = None if shape.role is Role.BLANK else _Block(line, shape)
    if block is not None:
        yield block.record(near, before, "")


def clipped(text: str) -> str:
    """Keep a long record's beginning, its end, and the lines that name what was thrown."""
    lines = text.split("\n")
    if len(lines) <= MAX_RECORD_LINES:
        return text
    last = len(lines) - _TAIL_LINES
    telling = [n for n in range(_HEAD_LINES, last) if _TELLS.match(lines[n])][:_TELLING_LINES]
    kept: list[str] = []
    before = -1
    for number in (*range(_HEAD_LINES), *telling, *range(last, len(lines))):
        kept += [lines[number]] if number == before + 1 else [_CUT, lines[number]]
        before = number
    return "\n".join(kept)


@dataclass(slots=True)
class _Block:
    """A record that may still go on."""

    first: str
    shape: Shape
    more: list[str] = field(default_factory=list)
    tail: list[str] | None = None
    size: int = 0
    words: str = ""
    in_trace: bool = False
    in_key: bool = False
    blank: bool = False

    def __post_init__(self) -> None:
        if self.shape.role in _OPENS:
            self.in_trace = True
        if "-----BEGIN" in self.first:
            self.in_key = _opens_key(self.first)

    @property
    def last(self) -> str:
        return (self.tail or self.more)[-1] if self.more else self.first

    def takes(self, line: str, shape: Shape) -> bool:
        """Say whether a line belongs to the record, and take it in if so."""
        if self.in_key and self._takes_key(line):
            return True
        if shape.role is Role.STARTS:
            return False
        if shape.role is Role.BLANK:
            self.blank, was_blank = True, self.blank
            return self.in_trace and not was_blank
        if not (shape.role is Role.TRACE if self.blank else self._continues(line, shape)):
            return False
        if self.blank:
            self._add("")
        self._add(line)
        self._remember(line, shape)
        return True

    def _takes_key(self, line: str) -> bool:
        """Follow a private key to its end, or to a line that cannot be of it."""
        self.in_key = _KEY_ENDS not in line
        if self.in_key and not _KEY_BODY.fullmatch(logged_line(line)):
            self.in_key = False
            return False
        self._add(line)
        return True

    def _continues(self, line: str, shape: Shape) -> bool:
        role = shape.role
        if role is Role.UNTIMED:
            return self.shape.role is Role.PANIC and not self.more and self.first.endswith(":")
        if role is Role.EXCEPTION:
            return self.in_trace or (not self.words and self._may_have_thrown(shape))
        if role is Role.DETAIL:
            return _process(line) == _process(self.first)
        return role is not Role.PANIC and (role is not Role.FRAME or self.in_trace)

    def _may_have_thrown(self, thrown: Shape) -> bool:
        """Say whether an exception without a trace belongs to it; one with a time rather not."""
        if self.shape.role is Role.EXCEPTION:
            return False
        if thrown.form is None and self.shape.role is Role.STARTS:
            return True
        return SEVERITY[self.shape.level or ""] >= SEVERITY["warn"]

    def _remember(self, line: str, shape: Shape) -> None:
        self.in_trace = self.in_trace or shape.role is Role.TRACE
        if shape.role is Role.EXCEPTION or _TELLS.match(line):
            self.words += f" {shape.words}"
        if "-----BEGIN" in line:
            self.in_key = _opens_key(line)

    def _add(self, line: str) -> None:
        self.blank = False
        if len(self.more) < _HELD_LINES and self.size < _HELD_CHARS:
            self.more.append(line)
            self.size += len(line)
        elif not self.in_key:
            self.tail = [*(self.tail or [])[1 - _TAIL_LINES :], line]

    def record(self, near: float, before: str, after: str) -> Record:
        at, level = self.shape.time_of(self.first, near), self.shape.level_of(self.first)
        if not self.more:
            return Record(self.first, at, level, self.shape.words, self.shape, before, after)
        text = "\n".join([self.first, *self.more, *([_CUT, *self.tail] if self.tail else [])])
        if self.in_trace and not level:
            level = "error"
        words = self.shape.words + self.words
        return Record(text.rstrip(), at, level, words, None, before, after)


_OPENS = frozenset({Role.TRACE, Role.PANIC})


def _opens_key(line: str) -> bool:
    found = _KEY_BEGINS.search(line)
    return found is not None and _KEY_ENDS not in line[found.end() :]


def _process(line: str) -> str:
    found = _PROCESS.search(line)
    return found.group(1) if found else ""

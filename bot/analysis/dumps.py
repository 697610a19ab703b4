"""Dumps that are no logs: tables, trees and listings, cut where they have their own joints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.analysis import events

PIECE_LINES = 40
PIECE_CHARS = 1_500
_DEEPEST = 12
_INDENTED_SHARE = 0.3

_PROMPT = re.compile(r"(?:\$|❯|%|[\w.-]{1,40}@[\w.:~/-]{1,80}[$#]) {1,2}\S")
_HEADER = re.compile(
    r"[A-Z][A-Z0-9()%/_.-]{0,40}(?: [A-Z0-9()%/_.-]{1,20}){0,3}(?:(?: {2,}|\t)[A-Z])"
)
_ELEMENT = re.compile(r"\s{1,40}[{\[]")
_CLOSES = re.compile(r"\s*[}\])]+[;,]?\s*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a dump: lines of it, word for word; a table's header comes with each part.

    `at` is UTC seconds; `at`, `level` and `count` are known of events only.
    """

    text: str
    at: float | None = None
    level: str = ""
    count: int = 1


def segments(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield what stands between one command's prompt and the next."""
    starts = [n for n, line in enumerate(lines) if _PROMPT.match(line)]
    for start, end in zip([0, *starts], [*starts, len(lines)], strict=True):
        if end > start:
            yield list(lines[start:end])


def is_structured(lines: Sequence[str]) -> bool:
    """Say whether it is a table or a tree, whose lines mean nothing alone."""
    said = [line for line in lines if line.strip()]
    indented = sum(line[0].isspace() or line[0] in "{}[]-|" for line in said)
    is_tree = indented >= _INDENTED_SHARE * len(said)
    return bool(said) and (is_tree or bool(_HEADER.match(said[0])) or _is_csv(said))


def pieces(lines: Sequence[str], near: float) -> Iterator[Piece]:
    """Yield a dump's parts in their order; `near` (UTC seconds) is when it was shown."""
    rest: list[str] = []
    table: events.Table | None = None
    for line in lines:
        if header := events.header_of(line):
            rest, table = [*rest, line], header
        elif table is not None and table.holds(line):
            yield from _listed(rest)
            rest = []
            yield _event(table, line, near)
        else:
            table = table if events.is_rule(line) else None
            rest.append(line)
    yield from _listed(rest)


def _event(table: events.Table, line: str, near: float) -> Piece:
    event = table.read(line)
    at = near - event.age if near and event.age is not None else None
    return Piece(line, at, event.level, event.count)


def _listed(lines: list[str]) -> Iterator[Piece]:
    said = [line for line in lines if line.strip()]
    if not said:
        return
    if _fits(lines):
        cut = [lines]
    elif _HEADER.match(said[0]) or _is_csv(said):
        cut = _rows(said)
    else:
        cut = _tree(lines, 0)
    for part in cut:
        text = "\n".join(part).strip("\n").rstrip()
        if text.strip():
            yield Piece(text)


def _fits(lines: Sequence[str]) -> bool:
    return len(lines) <= PIECE_LINES and sum(len(line) + 1 for line in lines) <= PIECE_CHARS


def _is_csv(said: Sequence[str]) -> bool:
    commas = said[0].count(",")
    return len(said) > 2 and commas > 0 and all(line.count(",") == commas for line in said)


def _rows(said: Sequence[str]) -> list[list[str]]:
    """Cut a table, its header with each part."""
    header, *rows = said
    return [[header, *part] for part in _packed([[row] for row in rows])]


def _tree(lines: list[str], depth: int) -> list[list[str]]:
    """Cut at the least indented lines; a part that is too large is cut inside in the same way."""
    blocks = _blocks(lines)
    if depth >= _DEEPEST or len(blocks) == len(lines):
        return _packed([[line] for line in lines])
    cut: list[list[str]] = []
    for block in blocks:
        cut += [block] if _fits(block) else _inside(block, depth)
    return _packed(cut)


def _inside(block: list[str], depth: int) -> list[list[str]]:
    heading, *rest = block
    if not rest:
        return [block]
    first, *others = _tree(rest, depth + 1)
    return [[heading, *first], *others]


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """Return each least indented line with what stands under it and what closes it."""
    least = min((_indent(line) for line in lines if _opens(line)), default=0)
    blocks: list[list[str]] = []
    for line in lines:
        if not blocks or (_opens(line) and _indent(line) <= least):
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return blocks


def _opens(line: str) -> bool:
    return bool(line.strip()) and not _CLOSES.match(line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _packed(parts: Sequence[list[str]]) -> list[list[str]]:
    """Join neighbours as long as they fit in one piece; an object in a list stays by itself."""
    packed: list[list[str]] = []
    for part in parts:
        is_alone = _is_element(part) or (bool(packed) and _is_element(packed[-1]))
        if packed and not is_alone and _fits([*packed[-1], *part]):
            packed[-1] = [*packed[-1], *part]
        else:
            packed.append(part)
    return packed


def _is_element(part: Sequence[str]) -> bool:
    return len(part) > 1 and _ELEMENT.match(part[0]) is not None

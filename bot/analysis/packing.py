"""What a model is shown: the best evidence under a budget of characters, nothing cut in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from bot.analysis.drafting import Draft
from bot.analysis.evidence import Evidence
from bot.analysis.shortening import LEAST, LineScore

_NOTE_CHARS = 80
_END_CHARS = 300
_END_PART = 4
_END_LEAST = 60
_AROUND = 3
"""What an item costs beside its lines and the line above: line ends, a mark at its end."""
_BRIEF = 6_000
"""Characters of a budget below which the line above an item is short."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The items that fit, in their order, and their text; `shortened` counts those cut."""

    shown: tuple[Evidence, ...]
    context: str
    shortened: int


def header(item: Evidence, *, is_brief: bool = False) -> str:
    """Return the line above an item: its id, its time in UTC, who said it, and where."""
    when = _clock(item.at, is_brief=is_brief) if item.at is not None else "no time"
    source = "" if is_brief and item.source == "message" else f" ({item.source[:60]})"
    return f"[{item.id}] {when} {item.author[:40]}{source}{_often(item)}"


def _often(item: Evidence) -> str:
    """Return how often it came, until when, and what became of it."""
    if item.count <= 1:
        return ""
    until = f" until {_clock(item.last_at, is_brief=True)}" if item.last_at is not None else ""
    return f" x{item.count}{until}{f', {item.note[:80]}' if item.note else ''}"


def pack(items: Sequence[Evidence], budget: int, line_score: LineScore) -> Packed:
    """Keep the root (first), the newest (last), the best lines, then more of the best items.

    `line_score` judges the words of a line; where it stands is in its item's score. The context
    never exceeds `budget` characters; nothing is cut in silence, and nothing is shown twice.
    """
    if not items:
        return Packed((), "", 0)
    room = max(0, budget - _NOTE_CHARS)
    size = sum(len(item.text) + 2 for item in items)
    if size <= room and size + sum(len(header(item)) for item in items) <= room:
        return _packed(items, _all_but_repeats(items), budget)

    @cache
    def header_size(index: int) -> int:
        return len(header(items[index], is_brief=budget < _BRIEF)) + _AROUND

    draft = Draft(items, header_size, room, line_score)
    ends = _ends(items)
    for index in ends:
        wanted = max(header_size(index) + _END_LEAST, room // (_END_PART * len(ends)))
        least = header_size(index) + LEAST
        draft.begin(index, max(least, min(_END_CHARS, wanted, room // len(ends))))
    draft.add_best_lines()
    draft.add_best_items()
    return _packed(items, draft.evidence(), budget)


def _all_but_repeats(items: Sequence[Evidence]) -> dict[int, Evidence]:
    ends = _ends(items)
    seen: set[str] = set()
    kept: dict[int, Evidence] = {}
    for index in sorted(range(len(items)), key=lambda i: (i not in ends, i)):
        folded = " ".join(items[index].text.split())
        if index in ends or folded not in seen:
            kept[index] = items[index]
        seen.add(folded)
    return kept


def _ends(items: Sequence[Evidence]) -> tuple[int, ...]:
    """Return the places of the root and of what the newest message says first."""
    newest = items[-1].message_ts
    first = next(index for index, item in enumerate(items) if item.message_ts == newest)
    return tuple(dict.fromkeys((0, first)))


def _packed(items: Sequence[Evidence], chosen: dict[int, Evidence], budget: int) -> Packed:
    shown = tuple(chosen[index] for index in sorted(chosen))
    shortened = sum(chosen[index].text != items[index].text for index in chosen)
    left_out = len(items) - len(shown)
    parts = [f"{header(item, is_brief=budget < _BRIEF)}\n{item.text}" for item in shown]
    if left_out:
        parts.append(f"({left_out} of {len(items)} items left out)")
    return Packed(shown, "\n".join(parts)[:budget], shortened)


def _clock(at: float, *, is_brief: bool) -> str:
    iso = datetime.fromtimestamp(at, UTC).isoformat()
    return f"{iso[5:10]} {iso[11:19]}Z" if is_brief else f"{iso[:19]}Z"

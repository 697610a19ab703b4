"""What a model is shown: the best evidence under a budget of characters, nothing cut in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.analysis.evidence import Evidence

_CUT = "…"
_NOTE_CHARS = 80
_ITEM_SHARE = 0.25
_END_CHARS = 300
_LEAST = 12

LineScore = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Packed:
    """The items that fit, in their order, and their text; `shortened` counts those cut."""

    shown: tuple[Evidence, ...]
    context: str
    shortened: int


def header(item: Evidence) -> str:
    """Return the line above an item: its id, its time in UTC, who said it, and where."""
    when = _clock(item.at) if item.at is not None else "no time"
    times = f" x{item.count}" if item.count > 1 else ""
    return f"[{item.id}] {when} {item.author[:40]} ({item.source[:60]}){times}"


def pack(items: Sequence[Evidence], budget: int, line_score: LineScore) -> Packed:
    """Choose by score; the root (first) and the newest (last) always stay, shortened if need be.

    The context never exceeds `budget` characters.
    """
    if not items:
        return Packed((), "", 0)
    ends = _ends(items)
    room = max(0, budget - _NOTE_CHARS)
    fits = sum(len(item.text) + len(header(item)) + 2 for item in items) <= room
    share = room if fits or len(items) == 1 else int(room * _ITEM_SHARE)
    end_share = max(share, min(_END_CHARS, room // len(ends)))
    chosen: dict[int, Evidence] = {}
    texts: set[str] = set()
    for index in sorted(range(len(items)), key=lambda i: (i not in ends, -items[i].score, i)):
        folded = " ".join(items[index].text.split())
        limit = min(room, end_share if index in ends else share)
        fitted = _fit(items[index], limit, line_score)
        if not fitted or (folded in texts and index not in ends):
            continue
        texts.add(folded)
        chosen[index] = replace(items[index], text=fitted)
        room -= len(header(items[index])) + 2 + len(fitted)
    return _packed(items, chosen, budget)


def _ends(items: Sequence[Evidence]) -> tuple[int, ...]:
    """Return the places of the root and of what the newest message says first."""
    newest = items[-1].message_ts
    first = next(index for index, item in enumerate(items) if item.message_ts == newest)
    return tuple(dict.fromkeys((0, first)))


def _packed(items: Sequence[Evidence], chosen: dict[int, Evidence], budget: int) -> Packed:
    shown = tuple(chosen[index] for index in sorted(chosen))
    shortened = sum(chosen[index].text != items[index].text for index in chosen)
    left_out = len(items) - len(shown)
    parts = [f"{header(item)}\n{item.text}" for item in shown]
    if left_out:
        parts.append(f"({left_out} of {len(items)} items left out)")
    return Packed(shown, "\n".join(parts)[:budget], shortened)


def _fit(item: Evidence, limit: int, line_score: LineScore) -> str:
    limit -= len(header(item)) + 2
    return item.text if len(item.text) <= limit else shorten(item.text, limit, line_score)


def shorten(text: str, limit: int, line_score: LineScore) -> str:
    """Keep the best whole lines in their order, "…" where some are missing; "" below a minimum."""
    if limit < _LEAST:
        return ""
    if len(text) <= limit:
        return text
    lines = text.splitlines()
    ranked = sorted(range(len(lines)), key=lambda i: (-line_score(lines[i]), i))
    kept: set[int] = set()
    room = limit
    for index in ranked:
        cost = len(lines[index]) + 3
        if cost <= room and lines[index].strip():
            kept.add(index)
            room -= cost
    if not kept:
        return _middle(lines[ranked[0]], limit)
    return _joined(lines, kept)


def _joined(lines: Sequence[str], kept: set[int]) -> str:
    parts: list[str] = []
    for index, line in enumerate(lines):
        if index in kept:
            parts.append(line)
        elif not parts or parts[-1] != _CUT:
            parts.append(_CUT)
    return "\n".join(parts)


def _middle(line: str, limit: int) -> str:
    head = (limit - 1) * 2 // 3
    tail = limit - 1 - head
    return line[:head] + _CUT + line[len(line) - tail :]


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

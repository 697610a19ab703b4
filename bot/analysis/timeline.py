"""The timeline: built by code from message and log times, in UTC, never by a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.analysis.evidence import Evidence
from bot.analysis.report import TimelineEntry

MAX_ENTRIES = 12
MOST_ENTRIES = 500
"""Of a whole timeline, the one that is exported."""
_TEXT_CHARS = 160
_LONG_CHARS = 300
_YEAR_10_000 = 253_402_300_800.0
_APART = 60.0
"""Seconds between the first and the last of many like lines, from which both are told."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """An item, and one of its times (UTC seconds)."""

    at: float
    item: Evidence


def build(items: Sequence[Evidence], chosen: Iterable[str] = ()) -> tuple[TimelineEntry, ...]:
    """Return the moments that matter, oldest first: those of the ids chosen, else the best scored.

    The first and the last item with a time are always among them.
    """
    timed = [_Moment(item.at or 0.0, item) for item in items if has_time(item)]
    wanted = set(chosen)
    picked = [moment for moment in timed if moment.item.id in wanted] or _best(timed, MAX_ENTRIES)
    return _entries(picked[:MAX_ENTRIES], _TEXT_CHARS)


def whole(items: Sequence[Evidence], most: int = MOST_ENTRIES) -> tuple[TimelineEntry, ...]:
    """Return every moment that has a time and words, oldest first; beyond `most` the best scored.

    Of several items at one time that begin with the same line, the first stands for all. Lines
    that were folded have two moments, where the first and the last are apart.
    """
    told: dict[tuple[float, str], _Moment] = {}
    for item in items:
        line = first_line(item.text, _LONG_CHARS)
        for at in times_of(item) if line else ():
            told.setdefault((at, line), _Moment(at, item))
    return _entries(_best(list(told.values()), most), _LONG_CHARS)


def has_time(item: Evidence) -> bool:
    """Say whether an item has a time that a calendar knows: a broken `ts` may hold any number."""
    return _is_time(item.at)


def times_of(item: Evidence) -> tuple[float, ...]:
    """Return an item's time; of lines that were folded when the first and the last came."""
    first, last = item.first_at, item.last_at
    if first is not None and last is not None and last - first > _APART:
        return tuple(filter(_is_time, (first, last)))
    return (item.at,) if item.at is not None and _is_time(item.at) else ()


def _is_time(at: float | None) -> bool:
    return at is not None and 0 <= at < _YEAR_10_000


def _best(timed: Sequence[_Moment], most: int) -> list[_Moment]:
    if len(timed) <= most:
        return list(timed)
    middle = sorted(timed[1:-1], key=lambda moment: -moment.item.score)[: most - 2]
    return [timed[0], *middle, timed[-1]]


def _entries(moments: Iterable[_Moment], limit: int) -> tuple[TimelineEntry, ...]:
    # In the order of the incident where two share a time: that of their numbers.
    ordered = sorted(moments, key=lambda one: (one.at, len(one.item.id), one.item.id))
    return tuple(_entry(moment, limit) for moment in ordered)


def _entry(moment: _Moment, limit: int) -> TimelineEntry:
    item = moment.item
    text = first_line(item.text, limit)
    return TimelineEntry(moment.at, f"{item.author}: {text}" if item.author else text, (item.id,))


def first_line(text: str, limit: int) -> str:
    """Return the first line with words in it, cut at a word where it is longer than the limit."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[limit // 2 :] else head) + "…"


def clock(at: float) -> str:
    """Return a moment as UTC HH:MM:SS."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def day(at: float) -> str:
    """Return the day of a moment in UTC, as YYYY-MM-DD."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()

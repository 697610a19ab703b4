"""The timeline: built by code from message and log times, in UTC, never by a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.analysis.evidence import Evidence
from bot.analysis.report import TimelineEntry

MAX_ENTRIES = 12
MOST_ENTRIES = 500
"""Of a whole timeline, the one that is exported."""
_TEXT_CHARS = 160
_LONG_CHARS = 300
_YEAR_10_000 = 253_402_300_800.0


def build(items: Sequence[Evidence], chosen: Iterable[str] = ()) -> tuple[TimelineEntry, ...]:
    """Return the moments that matter, oldest first: those of the ids chosen, else the best scored.

    The first and the last item with a time are always among them.
    """
    timed = [item for item in items if has_time(item)]
    wanted = set(chosen)
    picked = [item for item in timed if item.id in wanted] or _best(timed, MAX_ENTRIES)
    return _entries(picked[:MAX_ENTRIES], _TEXT_CHARS)


def whole(items: Sequence[Evidence], most: int = MOST_ENTRIES) -> tuple[TimelineEntry, ...]:
    """Return every moment that has a time and words, oldest first; beyond `most` the best scored.

    Of several items at one time that begin with the same line, the first stands for all.
    """
    told: dict[tuple[float | None, str], Evidence] = {}
    for item in items:
        line = first_line(item.text, _LONG_CHARS)
        if line and has_time(item):
            told.setdefault((item.at, line), item)
    return _entries(_best(list(told.values()), most), _LONG_CHARS)


def has_time(item: Evidence) -> bool:
    """Say whether an item has a time that a calendar knows: a broken `ts` may hold any number."""
    return item.at is not None and 0 <= item.at < _YEAR_10_000


def _best(timed: Sequence[Evidence], most: int) -> list[Evidence]:
    if len(timed) <= most:
        return list(timed)
    middle = sorted(timed[1:-1], key=lambda item: -item.score)[: most - 2]
    return [timed[0], *middle, timed[-1]]


def _entries(items: Iterable[Evidence], limit: int) -> tuple[TimelineEntry, ...]:
    # In the order of the incident where two share a time: that of their numbers.
    ordered = sorted(items, key=lambda item: (item.at or 0.0, len(item.id), item.id))
    return tuple(_entry(item, limit) for item in ordered)


def _entry(item: Evidence, limit: int) -> TimelineEntry:
    text = first_line(item.text, limit)
    return TimelineEntry(
        item.at or 0.0, f"{item.author}: {text}" if item.author else text, (item.id,)
    )


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

"""The timeline: built by code from message and log times, in UTC, never by a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.analysis.evidence import Evidence
from bot.analysis.report import TimelineEntry

MAX_ENTRIES = 12
_TEXT_CHARS = 160


def build(items: Sequence[Evidence], chosen: Iterable[str] = ()) -> tuple[TimelineEntry, ...]:
    """Return the moments that matter, oldest first: those of the ids chosen, else the best scored.

    The first and the last item with a time are always among them.
    """
    timed = [item for item in items if item.at is not None]
    wanted = set(chosen)
    picked = [item for item in timed if item.id in wanted] or _best(timed)
    return tuple(_entry(item) for item in sorted(picked[:MAX_ENTRIES], key=lambda i: i.at or 0.0))


def _best(timed: Sequence[Evidence]) -> list[Evidence]:
    if len(timed) <= MAX_ENTRIES:
        return list(timed)
    middle = sorted(timed[1:-1], key=lambda item: -item.score)[: MAX_ENTRIES - 2]
    return [timed[0], *middle, timed[-1]]


def _entry(item: Evidence) -> TimelineEntry:
    text = first_line(item.text, _TEXT_CHARS)
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

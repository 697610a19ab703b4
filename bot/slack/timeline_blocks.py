"""The whole timeline as a modal: to read, with links, and as CSV to copy. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import accumulate, takewhile
from typing import Any

from bot.analysis.report import Report
from bot.analysis.timeline import whole
from bot.analysis.timeline_export import Row, csv_of, rows
from bot.slack.rendered import context, section

_MOST = 300
_SAID_CHARS = 200
_PAGE_ROWS = 20
_PAGE_CHARS = 2_800
_HALF = 110_000
"""Bytes of either half: a view weighs 250 kB at most (docs.slack.dev/reference/views)."""
_FRAME = 180
"""Bytes around the words of a line."""


def timeline_view(report: Report) -> dict[str, Any]:
    """Return a modal with every moment of a report's evidence; it says how many did not fit."""
    # An item has two moments at most.
    every = whole(report.evidence, 2 * len(report.evidence))
    told = rows(whole(report.evidence, _MOST), report.evidence)
    blocks = [context(_title(told, len(every))), *_listed(told)]
    if told:
        blocks += [section("*The same as CSV, to copy*"), *_as_csv(told)]
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Timeline"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }


def _title(told: Sequence[Row], in_all: int) -> str:
    if not told:
        return "Nothing that was read has a time."
    days = sorted({row.time_utc[:10] for row in told})
    moments = "1 moment" if in_all == 1 else f"{in_all} moments, oldest first"
    if in_all > len(told):
        moments = f"The {len(told)} of {in_all} moments that say most, oldest first"
    return f"{moments}, in UTC, {' to '.join(dict.fromkeys([days[0], days[-1]]))}"


def _listed(told: Sequence[Row]) -> Iterator[dict[str, Any]]:
    shown = _fitting(told, [_FRAME + _weight(asdict(row)) for row in told])
    is_one_day = len({row.time_utc[:10] for row in told}) == 1
    for start in range(0, len(shown), _PAGE_ROWS):
        lines = [_line(row, is_one_day) for row in shown[start : start + _PAGE_ROWS]]
        listed = {"type": "rich_text_list", "style": "bullet", "elements": lines}
        yield {"type": "rich_text", "elements": [listed]}
    yield from _left(len(told) - len(shown))


def _line(row: Row, is_one_day: bool) -> dict[str, Any]:
    # Rich text: nothing in it is read as a mention or a link, whatever a log line says.
    when = row.time_utc[11:19] if is_one_day else row.time_utc[:19].replace("T", " ")
    said = row.text if len(row.text) <= _SAID_CHARS else row.text[:_SAID_CHARS] + "…"
    often = f" ({row.often})" if row.often else ""
    who = f"{row.author}: " if row.author else ""
    elements: list[dict[str, Any]] = [
        {"type": "text", "text": f"{when} "},
        {"type": "text", "text": row.kind, "style": {"bold": True}},
        {"type": "text", "text": f"  {who}{said}{often}  "},
    ]
    named = {"type": "text", "text": row.evidence}
    link = {"type": "link", "url": row.permalink, "text": row.evidence}
    return {"type": "rich_text_section", "elements": [*elements, link if row.permalink else named]}


def _as_csv(told: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield pages that follow each other, whole rows each; the first begins with the columns."""
    lines = [csv_of([row], header=False) for row in told]
    shown = _fitting(lines, [_weight(line) for line in lines])
    page = csv_of([])
    for line in shown:
        if len(page) + len(line) > _PAGE_CHARS:
            yield _preformatted(page)
            page = ""
        page += line
    yield _preformatted(page)
    yield from _left(len(lines) - len(shown))


def _fitting(things: Sequence[Any], weights: Sequence[int]) -> Sequence[Any]:
    """Return as many of the first things as weigh no more than half a view."""
    fitting = takewhile(lambda together: together <= _HALF, accumulate(weights))
    return things[: sum(1 for _ in fitting)]


def _weight(value: object) -> int:
    """Return the bytes of a value on its way to Slack, where all but ASCII is escaped."""
    return len(json.dumps(value))


def _left(count: int) -> list[dict[str, Any]]:
    return [context(f"{count} later ones are not shown here.")] if count else []


def _preformatted(text: str) -> dict[str, Any]:
    words = text.replace("\r\n", "\n").rstrip("\n")[:_PAGE_CHARS]
    body = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": words}]}
    return {"type": "rich_text", "elements": [body]}

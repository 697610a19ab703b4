"""When models retire: by what a server says of one, else by a list of announced dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

NOTICE_DAYS = 90
"""How long before its end a model is "about to retire"."""

# By provider, since each ends the same model on a day of its own. The vendors' announcements as
# their SDKs and price lists carry them, 2026-11.
_ANNOUNCED: dict[str, tuple[tuple[str, date], ...]] = {
    "anthropic": (
        (r"claude-(1|instant)", date(2024, 11, 6)),
        (r"claude-2|claude-3-sonnet", date(2025, 7, 21)),
        (r"claude-3-opus", date(2026, 1, 5)),
        (r"claude-3-(7-sonnet|5-haiku)", date(2026, 2, 19)),
        (r"claude-(opus|sonnet)-4-(0|20250514)", date(2026, 6, 15)),
        (r"claude-mythos-preview", date(2026, 6, 30)),
        (r"claude-sonnet-4-5", date(2026, 11, 30)),
    ),
    "openai": (
        (r"gpt-4\.1-nano|o4-mini|gpt-4o-2024-05-13", date(2026, 10, 23)),
        (r"gpt-4\.1-2025-04-14|gpt-4o-2024-(08-06|11-20)", date(2027, 1, 14)),
        (r"gpt-4o-mini-2024-07-18", date(2027, 1, 14)),
        (r"gpt-5\.4-nano", date(2027, 4, 1)),
    ),
    "bedrock": ((r"meta\.llama3-(8b|70b)-instruct", date(2027, 3, 30)),),
    "vertex": (
        (r"gemini-2\.5-", date(2026, 10, 20)),
        (r"gemini-3\.6-flash", date(2026, 11, 19)),
    ),
}

_FIELDS = ("retires_at", "shutdown_date")


@dataclass(frozen=True, slots=True)
class Notice:
    """What to tell of a model's end; empty where there is nothing to tell.

    `retired` only where the server itself says that the model is gone.
    """

    text: str = ""
    retired: bool = False


def notice(
    provider: str, model: str, record: Mapping[str, Any], today: date | None = None
) -> Notice:
    """Return what is known of a model's end; `record` is its entry in the server's list."""
    ends = _told(record) or _announced(provider, model)
    if record.get("lifecycle") == "retired":
        return Notice(f"{model!r} is retired{_on(ends)}", retired=True)
    days = (ends - (today or datetime.now(UTC).date())).days if ends else None
    if days is not None and days < 0:
        return Notice(f"{model!r} was to retire{_on(ends)}")
    if days is not None and days <= NOTICE_DAYS:
        return Notice(f"{model!r} retires{_on(ends)}, in {days} days")
    if record.get("lifecycle") == "deprecated" or record.get("is_deprecated") is True:
        return Notice(f"{model!r} is deprecated{f', and retires{_on(ends)}' if ends else ''}")
    return Notice()


def _on(day: date | None) -> str:
    return f" on {day.isoformat()}" if day else ""


def _told(record: Mapping[str, Any]) -> date | None:
    told = (record.get(field) for field in _FIELDS)
    text = next((value for value in told if isinstance(value, str) and value), "")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _announced(provider: str, model: str) -> date | None:
    """Return the announced end; a region's or vendor's prefix and a version may be around it."""
    families = _ANNOUNCED.get(provider, ())
    matches = (day for pattern, day in families if re.search(rf"(?:^|[./])(?:{pattern})", model))
    return next(matches, None)

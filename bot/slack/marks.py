"""What people marked a message with, and whether its colour tells of trouble or of recovery."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.incident import Marks, Tone
from bot.slack.block_text import Raw, dicts

_HEX = re.compile(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})")
_NAMED: dict[str, Tone] = {"danger": "bad", "warning": "bad", "good": "good"}


def marks_of(raw: Raw) -> Marks:
    """Return reactions, pins and replies as Slack tells them beside the message itself.

    History and replies carry all of it (https://docs.slack.dev/reference/events/message), so
    that neither pins.list nor reactions.get is called and no scope beyond reading is needed.
    """
    return Marks(
        reactions=tuple(_reactions(raw.get("reactions"))),
        pinned=bool(raw.get("pinned_to") or raw.get("pinned_info")),
        replies=_count(raw.get("reply_count")),
        repliers=_count(raw.get("reply_users_count")),
    )


def _reactions(reactions: Any) -> Iterator[tuple[str, int]]:
    for reaction in dicts(reactions):
        if reaction.get("name"):
            # "+1::skin-tone-3" means what "+1" means.
            yield str(reaction["name"]).split("::")[0], _count(reaction.get("count"))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def tone_of(raw: Raw) -> Tone:
    """Return what the colours of the attachments say: red and orange are bad, green is good."""
    attachments = dicts(raw.get("attachments"))
    tones = {_tone(str(attachment.get("color") or "").lower()) for attachment in attachments}
    return "bad" if "bad" in tones else "good" if "good" in tones else ""


def _tone(color: str) -> Tone:
    found = _HEX.fullmatch(color)
    if not found:
        return _NAMED.get(color, "")
    red, green, blue = (int(part, 16) for part in found.groups())
    if max(red, green) < 1.3 * max(blue, 1):
        return ""
    return "good" if green > 1.1 * red else "bad"

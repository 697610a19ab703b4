"""Slack's raw messages as ours: who said what, with which files and marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.incident import Attachment, Message
from bot.slack.block_text import Raw
from bot.slack.marks import marks_of, tone_of
from bot.slack.message_text import text_of

__all__ = ["Raw", "files_of", "from_raw", "in_order", "order", "unread", "user_ids"]

# What Slack itself says about a channel, and what is left of a deleted message.
_SAID_BY_NOBODY = re.compile(
    r"(?:channel|group)_\w+|(?:un)?pinned_item|bot_(?:add|remove)|tombstone|reminder_add"
    r"|message_(?:deleted|changed|replied)|assistant_app_thread|ekm_access_denied"
)
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)")


def from_raw(raw: Raw, names: Mapping[str, str], permalink: str) -> Message | None:
    """Return a message, or None where nobody said anything.

    `names` maps user ids to names. Attachments carry what Slack tells of a file, unread.
    """
    if raw.get("hidden") or _SAID_BY_NOBODY.fullmatch(str(raw.get("subtype"))):
        return None
    return Message(
        ts=str(raw.get("ts", "")),
        author=_author(raw, names),
        text=text_of(raw, names),
        is_bot=bool(raw.get("bot_id")) or raw.get("subtype") == "bot_message",
        permalink=permalink,
        attachments=tuple(unread(file) for file in files_of(raw)),
        edited="edited" in raw,
        marks=marks_of(raw),
        tone=tone_of(raw),
    )


def order(ts: str) -> tuple[int, str]:
    """Return the key by which to compare two `ts`; as a float they would lose digits."""
    seconds, _, fraction = str(ts).partition(".")
    return (int(seconds) if seconds.isdigit() else 0, fraction.ljust(6, "0"))


def in_order(raws: Iterable[Raw]) -> list[Raw]:
    """Return messages oldest first."""
    return sorted(raws, key=lambda raw: order(raw["ts"]))


def files_of(raw: Raw) -> list[Raw]:
    """Return what Slack says of a message's files, in their order."""
    files = raw.get("files")
    return [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []


def unread(file: Raw, note: str = "not read") -> Attachment:
    """Return a file as it is known before its content is."""
    size = file.get("size")
    return Attachment(
        name=str(file.get("name") or file.get("title") or file.get("id") or "a file"),
        text=None,
        size=size if isinstance(size, int) else 0,
        mimetype=str(file.get("mimetype") or ""),
        note=note,
    )


def user_ids(raw: Raw) -> set[str]:
    """Return the ids of all people whom a message names, its author among them."""
    found: set[str] = set()
    _collect_ids({key: raw.get(key) for key in ("text", "blocks", "attachments")}, found)
    if raw.get("user") and not raw.get("username"):
        found.add(str(raw["user"]))
    return found


def _collect_ids(value: Any, found: set[str]) -> None:
    if isinstance(value, str):
        found.update(_MENTION.findall(value))
    elif isinstance(value, list):
        for item in value:
            _collect_ids(item, found)
    elif isinstance(value, dict):
        if value.get("type") == "user" and value.get("user_id"):
            found.add(str(value["user_id"]))
        for item in value.values():
            _collect_ids(item, found)


def _author(raw: Raw, names: Mapping[str, str]) -> str:
    profile = raw.get("bot_profile")
    bot_name = profile.get("name") if isinstance(profile, dict) else None
    known = names.get(str(raw.get("user", "")))
    return str(raw.get("username") or bot_name or known or raw.get("user") or "a bot")

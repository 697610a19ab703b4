"""Slack's raw messages as ours: text, blocks and attachments in one plain text, said once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bot.incident import Attachment, Message
from bot.slack.mrkdwn import link_text, to_plain

Raw = Mapping[str, Any]

# What Slack itself says about a channel, and what is left of a deleted message.
_SAID_BY_NOBODY = re.compile(
    r"(?:channel|group)_\w+|(?:un)?pinned_item|bot_(?:add|remove)|tombstone|reminder_add"
    r"|message_(?:deleted|changed|replied)|assistant_app_thread|ekm_access_denied"
)
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)")
_MARKUP = re.compile(r"[*_~`>•◦▪\-]+")
_NO_PREVIEW = "[no preview available]"


def from_raw(raw: Raw, names: Mapping[str, str], permalink: str) -> Message | None:
    """Return a message, or None where nobody said anything.

    `names` maps user ids to names. Attachments carry what Slack tells of a file, unread.
    """
    if raw.get("hidden") or _SAID_BY_NOBODY.fullmatch(str(raw.get("subtype"))):
        return None
    return Message(
        ts=str(raw.get("ts", "")),
        author=_author(raw, names),
        text=_text(raw, names),
        is_bot=bool(raw.get("bot_id")) or raw.get("subtype") == "bot_message",
        permalink=permalink,
        attachments=tuple(unread(file) for file in files_of(raw)),
        edited="edited" in raw,
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


def _text(raw: Raw, names: Mapping[str, str]) -> str:
    text = to_plain(str(raw.get("text") or ""), names).strip()
    parts = [*_blocks(raw.get("blocks"), names), *_attachments(raw.get("attachments"), names)]
    return "\n".join(_said_once([text, *parts]))


def _said_once(parts: Iterable[str]) -> list[str]:
    """Drop each part whose words an earlier part has, and a summary that a later one repeats."""
    kept: list[tuple[str, str]] = []
    for part in parts:
        words = " ".join(_MARKUP.sub("", part).split()).casefold()
        if not words or any(words in other for _, other in kept):
            continue
        if kept and kept[0][1] in words:
            kept.pop(0)
        kept.append((part, words))
    return [part for part, _ in kept]


def _attachments(attachments: Any, names: Mapping[str, str]) -> Iterator[str]:
    for attachment in attachments if isinstance(attachments, list) else []:
        if isinstance(attachment, dict):
            parts = [part for part in _attachment(attachment, names) if part.strip()]
            fallback = to_plain(str(attachment.get("fallback") or ""), names)
            if parts:
                yield from parts
            elif fallback.casefold() != _NO_PREVIEW:
                yield fallback


def _attachment(attachment: Raw, names: Mapping[str, str]) -> Iterator[str]:
    for key in ("pretext", "title", "text"):
        yield to_plain(str(attachment.get(key) or ""), names).strip()
    for field in attachment.get("fields") or []:
        if isinstance(field, dict):
            title, value = (to_plain(str(field.get(k) or ""), names) for k in ("title", "value"))
            yield f"{title}: {value}" if title else value
    yield from _blocks(attachment.get("blocks"), names)


def _blocks(blocks: Any, names: Mapping[str, str]) -> Iterator[str]:
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict):
            yield _block(block, names).strip()


def _block(block: Raw, names: Mapping[str, str]) -> str:
    read = _BLOCKS.get(str(block.get("type")), _text_and_fields)
    return read(block, names)


def _text_and_fields(block: Raw, names: Mapping[str, str]) -> str:
    return "\n".join(_texts([block.get("text"), *(block.get("fields") or [])], names))


def _context(block: Raw, names: Mapping[str, str]) -> str:
    return " ".join(_texts(block.get("elements"), names))


def _table(block: Raw, names: Mapping[str, str]) -> str:
    return "\n".join(_row(row, names) for row in block.get("rows") or [])


def _texts(objects: Any, names: Mapping[str, str]) -> Iterator[str]:
    for item in objects if isinstance(objects, list) else []:
        if isinstance(item, dict):
            text = str(item.get("text") or item.get("alt_text") or "")
            yield to_plain(text, names) if item.get("type") == "mrkdwn" else text


def _row(row: Any, names: Mapping[str, str]) -> str:
    cells = [cell for cell in row if isinstance(cell, dict)] if isinstance(row, list) else []
    return " | ".join(
        _rich_text(cell, names) if cell.get("type") == "rich_text" else str(cell.get("text") or "")
        for cell in cells
    )


def _rich_text(element: Raw, names: Mapping[str, str]) -> str:
    children = [child for child in element.get("elements") or [] if isinstance(child, dict)]
    match element.get("type"):
        case "rich_text":
            return "\n".join(_rich_text(child, names).rstrip("\n") for child in children)
        case "rich_text_list":
            return "\n".join("• " + _rich_text(child, names) for child in children)
        case "rich_text_section" | "rich_text_preformatted" | "rich_text_quote":
            return "".join(_rich_text(child, names) for child in children)
        case _:
            return _leaf(element, names)


def _leaf(element: Raw, names: Mapping[str, str]) -> str:
    template, key = _LEAVES.get(str(element.get("type")), ("{}", "text"))
    value = str(element.get(key) or "")
    if element.get("type") == "link":
        return link_text(value, str(element.get("text") or ""))
    return template.format(names.get(value, value) if value else "")


_LEAVES = {
    "link": ("{}", "url"),
    "user": ("@{}", "user_id"),
    "channel": ("#{}", "channel_id"),
    "usergroup": ("@group", "usergroup_id"),
    "broadcast": ("@{}", "range"),
    "emoji": (":{}:", "name"),
    "date": ("{}", "fallback"),
}
_BLOCKS: dict[str, Callable[[Raw, Mapping[str, str]], str]] = {
    "rich_text": _rich_text,
    "markdown": lambda block, _: str(block.get("text") or ""),
    "context": _context,
    "table": _table,
    "image": lambda block, _: str(block.get("alt_text") or ""),
    **dict.fromkeys(("actions", "divider", "input"), lambda *_: ""),
}

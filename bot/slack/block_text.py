"""Block Kit as plain text: what each kind of block, element and rich text says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.slack.mrkdwn import link_text, to_plain

Raw = Mapping[str, Any]


def blocks_text(blocks: Any, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the text of each block, empty where it only acts or divides."""
    for block in dicts(blocks):
        yield _block(block, names).strip()


def dicts(values: Any) -> list[Raw]:
    """Return the objects of a list; what is malformed costs nothing."""
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


def _block(block: Raw, names: Mapping[str, str]) -> str:
    read = _BLOCKS.get(str(block.get("type")), _text_and_fields)
    return read(block, names)


def _text_and_fields(block: Raw, names: Mapping[str, str]) -> str:
    return "\n".join(_texts([block.get("text"), *dicts(block.get("fields"))], names))


def _context(block: Raw, names: Mapping[str, str]) -> str:
    return " ".join(_texts(block.get("elements"), names))


def _table(block: Raw, names: Mapping[str, str]) -> str:
    rows = block.get("rows")
    return "\n".join(_row(row, names) for row in (rows if isinstance(rows, list) else []))


def _media(block: Raw, names: Mapping[str, str]) -> str:
    """Read an image or a video: its title, what it shows, and what is said of it."""
    said = [block.get("title"), {"text": block.get("alt_text")}, block.get("description")]
    return "\n".join(text for text in _texts(said, names) if text)


def _texts(objects: Any, names: Mapping[str, str]) -> Iterator[str]:
    for item in dicts(objects):
        text = str(item.get("text") or item.get("alt_text") or "")
        yield to_plain(text, names) if item.get("type") == "mrkdwn" else text


def _row(row: Any, names: Mapping[str, str]) -> str:
    return " | ".join(
        _rich_text(cell, names) if cell.get("type") == "rich_text" else str(cell.get("text") or "")
        for cell in dicts(row)
    )


def _rich_text(element: Raw, names: Mapping[str, str]) -> str:
    children = dicts(element.get("elements"))
    match element.get("type"):
        case "rich_text":
            return "\n".join(_rich_text(child, names).rstrip("\n") for child in children)
        case "rich_text_list":
            return "\n".join("• " + _rich_text(child, names) for child in children)
        case "rich_text_preformatted":
            # Fenced as in a message's text, so that a log or a payload is read as one.
            inner = "".join(_leaf(child, names) for child in children).strip("\n")
            return f"```\n{inner}\n```"
        case "rich_text_section" | "rich_text_quote":
            return "".join(_rich_text(child, names) for child in children)
        case _:
            return _leaf(element, names)


def _leaf(element: Raw, names: Mapping[str, str]) -> str:
    template, key = _LEAVES.get(str(element.get("type")), ("{}", "text"))
    value = str(element.get(key) or "")
    if element.get("type") == "link":
        return link_text(value, str(element.get("text") or ""))
    if element.get("type") == "text":
        style = element.get("style")
        return f"`{value}`" if isinstance(style, dict) and style.get("code") else value
    return template.format(names.get(value, value) if value else "")


_LEAVES = {
    "link": ("{}", "url"),
    "user": ("@{}", "user_id"),
    "channel": ("#{}", "channel_id"),
    "usergroup": ("@group", "usergroup_id"),
    "broadcast": ("@{}", "range"),
    "emoji": (":{}:", "name"),
    "date": ("{}", "fallback"),
    "color": ("{}", "value"),
}
_BLOCKS: dict[str, Callable[[Raw, Mapping[str, str]], str]] = {
    "rich_text": _rich_text,
    "markdown": lambda block, _: str(block.get("text") or ""),
    "context": _context,
    "table": _table,
    **dict.fromkeys(("image", "video"), _media),
    **dict.fromkeys(("actions", "divider", "input"), lambda *_: ""),
}

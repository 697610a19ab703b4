"""Block Kit as Slack accepts it: each block by its type, the sizes, the whole message."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from bot.workspace.elements import (
    Fault,
    check_element,
    check_length,
    check_list,
    check_object,
    check_text,
)
from bot.workspace.errors import SlackError, explained

# https://docs.slack.dev/reference/block-kit/blocks
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MARKDOWN_TOGETHER = 12_000
# measured by others: refused from about 13,200 characters on, whatever the blocks
TEXT_TOGETHER = 13_200


def checked_blocks(blocks: Any, *, view: bool = False) -> list[dict[str, Any]]:
    """Return a copy of the blocks with the ids that Slack adds, or raise what it answers."""
    if blocks is None:
        return []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    faults = list(_faults(blocks, view=view))
    if faults:
        raise explained("invalid_blocks", faults)
    if not view:
        _check_together(blocks)
    return _with_ids(blocks)


def _faults(blocks: list[dict[str, Any]], *, view: bool) -> Iterator[Fault]:
    limit = VIEW_BLOCKS if view else MESSAGE_BLOCKS
    if len(blocks) > limit:
        yield f"no more than {limit} items allowed [json-pointer:/blocks]"
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        at = f"/blocks/{place}"
        yield from _block_faults(block, at, view=view)
        block_id = block.get("block_id")
        if block_id in seen:
            yield f"block_id already exists [json-pointer:{at}/block_id]"
        if block_id:
            seen.add(block_id)
    if sum(block.get("type") == "table" for block in blocks) > 1:
        yield "only one table is allowed [json-pointer:/blocks]"


def _block_faults(block: dict[str, Any], at: str, *, view: bool) -> Iterator[Fault]:
    kind = block.get("type")
    if kind in _UNCHECKED:
        return
    check = _input if kind == "input" and view else _CHECKS.get(str(kind))
    if check is None:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    if "block_id" in block:
        yield from check_length(block["block_id"], f"{at}/block_id", 255)
    yield from check(block, at)


def _section(block: dict[str, Any], at: str) -> Iterator[Fault]:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text [json-pointer:{at}]"
    if "text" in block:
        yield from check_text(block["text"], f"{at}/text", 3_000)
    if "fields" in block:
        yield from check_list(block["fields"], f"{at}/fields", 10)
        for place, text in _items(block["fields"]):
            yield from check_text(text, f"{at}/fields/{place}", 2_000)
    if "accessory" in block:
        yield from check_element(block["accessory"], f"{at}/accessory")


def _header(block: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from check_text(block.get("text"), f"{at}/text", 150, plain=True)


def _context(block: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from check_list(block.get("elements"), f"{at}/elements", 10)
    for place, element in _items(block.get("elements")):
        if isinstance(element, dict) and element.get("type") == "image":
            yield from _image(element, f"{at}/elements/{place}")
        else:
            yield from check_text(element, f"{at}/elements/{place}", 3_000)


def _actions(block: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from check_list(block.get("elements"), f"{at}/elements", 25)
    seen: set[Any] = set()
    for place, element in _items(block.get("elements")):
        yield from check_element(element, f"{at}/elements/{place}")
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if action_id in seen:
            yield f"action_id already exists [json-pointer:{at}/elements/{place}/action_id]"
        if action_id:
            seen.add(action_id)


def _markdown(block: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from check_length(block.get("text"), f"{at}/text", 12_000)


def _image(block: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from check_length(block.get("alt_text"), f"{at}/alt_text", 2_000)
    if "slack_file" not in block:
        yield from check_length(block.get("image_url"), f"{at}/image_url", 3_000)


def _input(block: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from check_text(block.get("label"), f"{at}/label", 2_000, plain=True)
    yield from check_element(block.get("element"), f"{at}/element")


def _rich_text(block: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from check_list(block.get("elements"), f"{at}/elements", None)
    for place, element in _items(block.get("elements")):
        yield from check_object(element, f"{at}/elements/{place}", _RICH_TEXT_PARTS)


def _table(block: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from check_list(block.get("rows"), f"{at}/rows", 100)
    for place, row in _items(block.get("rows")):
        yield from check_list(row, f"{at}/rows/{place}", 20)


_RICH_TEXT_PARTS = (
    "rich_text_section",
    "rich_text_list",
    "rich_text_preformatted",
    "rich_text_quote",
)
_CHECKS: dict[str, Callable[[dict[str, Any], str], Iterator[Fault]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "markdown": _markdown,
    "image": _image,
    "rich_text": _rich_text,
    "table": _table,
}
# a divider has no content; the rules of the others are published nowhere exactly enough
_UNCHECKED = frozenset(
    {"divider", "alert", "card", "carousel", "container", "context_actions", "data_table"}
    | {"plan", "task_card", "video"}
)


def _items(value: Any) -> Iterator[tuple[int, Any]]:
    return iter(enumerate(value)) if isinstance(value, list) else iter(())


def _check_together(blocks: list[dict[str, Any]]) -> None:
    markdown = sum(len(block["text"]) for block in blocks if block.get("type") == "markdown")
    if markdown > MARKDOWN_TOGETHER or _characters(blocks) > TEXT_TOGETHER:
        raise SlackError("msg_blocks_too_long")


def _characters(value: Any) -> int:
    """Count what a reader sees in blocks, however deep it lies."""
    if isinstance(value, list):
        return sum(_characters(item) for item in value)
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    below = (_characters(item) for item in value.values())
    return (len(own) if isinstance(own, str) else 0) + sum(below)


def _with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    stored = copy.deepcopy(blocks)
    for block in stored:
        block.setdefault("block_id", secrets.token_hex(3))
        for element in [*_dicts(block.get("elements")), *_dicts([block.get("accessory")])]:
            if element.get("type") == "button":
                element.setdefault("action_id", secrets.token_hex(3))
    return stored


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

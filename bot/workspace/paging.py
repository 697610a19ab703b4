"""Pages and cursors: how a list is cut, whatever the client asked for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from bot.workspace.errors import SlackError

T = TypeVar("T")


def encode(kind: str, position: str) -> str:
    return base64.b64encode(f"{kind}:{position}".encode()).decode()


def decode(kind: str, cursor: str) -> str:
    """Return the position that a cursor of this kind holds; raises invalid_cursor."""
    try:
        found, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_cursor") from error
    if found != kind or not position:
        raise SlackError("invalid_cursor")
    return position


def page_size(args: dict[str, Any], *, default: int, most: int) -> int:
    """Return how many to show: 0 or nothing is the default, a negative number is one."""
    limit = args.get("limit") or default
    return 1 if limit < 0 else min(limit, most)


def paged(items: Sequence[T], args: dict[str, Any], *, most: int) -> tuple[list[T], str]:
    """Return one page by position, and the next cursor, "" at the end."""
    size = page_size(args, default=100, most=most)
    cursor = args.get("cursor")
    position = decode("offset", cursor) if cursor else "0"
    if not position.isdigit():
        raise SlackError("invalid_cursor")
    start = int(position)
    following = encode("offset", str(start + size)) if start + size < len(items) else ""
    return list(items[start : start + size]), following

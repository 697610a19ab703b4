"""conversations.history and conversations.replies, with Slack's own idea of bounds and pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.workspace.entities import Channel, Message, micros
from bot.workspace.errors import RateLimitedError, SlackError
from bot.workspace.methods import Call, method, readable_channel
from bot.workspace.paging import decode, encode, page_size
from bot.workspace.rendering import message_view

LIMITED_PAGE = 15
_HISTORY_MOST, _REPLIES_MOST = 999, 1_000
_SCOPES = "channels:history groups:history im:history mpim:history"


def history(call: Call) -> dict[str, Any]:
    """Newest first within a page; `oldest` alone makes the pages walk forward in time."""
    channel = readable_channel(call)
    _limited(call, "conversations.history")
    within = _bounded(channel.top_level(), call.args)
    size = page_size(call.args, default=100, most=_most(call, _HISTORY_MOST))
    forward = bool(call.args.get("oldest")) and not call.args.get("latest")
    walk = within if forward else within[::-1]
    page, cursor = _cut(walk, call.args.get("cursor"), size)
    newest_first = sorted(page, key=lambda message: micros(message.ts), reverse=True)
    answer = {"messages": _views(call, channel, newest_first), "pin_count": 0}
    return {**answer, **_echoed(call.args), **_more(cursor)}


def replies(call: Call) -> dict[str, Any]:
    """The root first, then its replies, oldest to newest."""
    channel = readable_channel(call)
    _limited(call, "conversations.replies")
    try:
        micros(call.args["ts"])
    except ValueError as error:
        raise SlackError("thread_not_found") from error
    root = channel.root_of(call.args["ts"])
    if root is None:
        raise SlackError("thread_not_found")
    thread = [root, *_bounded(channel.replies(root.ts), call.args)]
    size = page_size(call.args, default=1_000, most=_most(call, _REPLIES_MOST))
    page, cursor = _cut(thread, call.args.get("cursor"), size)
    return {"messages": _views(call, channel, page), **_more(cursor)}


def _most(call: Call, most: int) -> int:
    cap = LIMITED_PAGE if call.state.limited_mode else call.state.page_cap
    return min(most, cap)


def _limited(call: Call, name: str) -> None:
    """Hold unlisted commercial apps to one call a minute."""
    if not call.state.limited_mode:
        return
    try:
        call.backend.rates.take(f"limited {name}", 1)
    except RateLimitedError as error:
        raise RateLimitedError(60) from error


def _bounded(messages: Sequence[Message], args: dict[str, Any]) -> list[Message]:
    oldest, latest = _bound(args, "oldest"), _bound(args, "latest")
    reach = 1 if args.get("inclusive") else 0
    return [
        message
        for message in messages
        if (oldest is None or micros(message.ts) > oldest - reach)
        and (latest is None or micros(message.ts) < latest + reach)
    ]


def _bound(args: dict[str, Any], name: str) -> int | None:
    if not args.get(name):
        return None
    try:
        return micros(args[name])
    except ValueError as error:
        raise SlackError(f"invalid_ts_{name}") from error


def _cut(walk: list[Message], cursor: str | None, size: int) -> tuple[list[Message], str]:
    """Return the page that starts where the cursor says, and the cursor of the next one.

    A cursor names the first message of its page, so that messages which arrive between two
    pages neither repeat nor hide any.
    """
    start = 0
    if cursor:
        position = decode("next_ts", cursor)
        places = [place for place, message in enumerate(walk) if message.ts == position]
        if not places:
            raise SlackError("invalid_cursor")
        start = places[0]
    end = start + size
    following = encode("next_ts", walk[end].ts) if end < len(walk) else ""
    return walk[start:end], following


def _views(call: Call, channel: Channel, messages: list[Message]) -> list[dict[str, Any]]:
    metadata = bool(call.args.get("include_all_metadata"))
    return [message_view(call.state, channel, m, metadata=metadata) for m in messages]


def _echoed(args: dict[str, Any]) -> dict[str, str]:
    return {name: args[name] for name in ("oldest", "latest") if args.get(name)}


def _more(cursor: str) -> dict[str, Any]:
    """The last page says so by leaving response_metadata out."""
    if not cursor:
        return {"has_more": False}
    return {"has_more": True, "response_metadata": {"next_cursor": cursor}}


_WINDOW = "cursor limit:int oldest latest inclusive:flag include_all_metadata:flag"
READING = {
    "conversations.history": method(history, f"channel* {_WINDOW}", scopes=_SCOPES),
    "conversations.replies": method(replies, f"channel* ts* {_WINDOW}", scopes=_SCOPES),
}

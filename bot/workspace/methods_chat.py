"""chat.*: posting, changing and removing messages."""

from __future__ import annotations

from typing import Any

from bot.workspace.authorship import own_author
from bot.workspace.entities import Channel, Ephemeral, Message, micros
from bot.workspace.errors import SlackError
from bot.workspace.limits import content_of, metadata_of
from bot.workspace.methods import Call, message_at, method, visible_channel
from bot.workspace.rates import TIER_3, TIER_4, UNLIMITED
from bot.workspace.rendering import message_view, permalink

_CUSTOM = ("username", "icon_url", "icon_emoji")


def post_message(call: Call) -> dict[str, Any]:
    channel = _posting_channel(call)
    call.backend.rates.take_post(channel.id)
    root = _root(call, channel)
    message = Message(
        call.state.new_ts(),
        author=own_author(call.state, _customised(call)),
        thread_ts=root.ts if root else None,
        broadcast=bool(root and call.args.get("reply_broadcast")),
        metadata=metadata_of(call.args),
        **content_of(call.args),
    )
    call.backend.board.add(channel, message)
    shown = message_view(call.state, channel, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def update(call: Call) -> dict[str, Any]:
    channel = visible_channel(call, "")
    message = _own_message(call, channel, "cant_update_message")
    content = content_of(call.args, updating=True)
    if "attachments" not in call.args:
        content["attachments"] = message.attachments
    if "text" not in call.args:
        content["text"] = message.text
    if "metadata" in call.args:
        content["metadata"] = metadata_of(call.args)
    if content["text"] != message.text and not content["blocks"]:
        content["edited"] = {"user": call.state.identity.bot_user_id, "ts": call.state.new_ts()}
    call.backend.board.change(channel, message, **content)
    shown = message_view(call.state, channel, message)
    echo = {key: value for key, value in shown.items() if key not in ("ts", "reactions")}
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": echo}


def delete(call: Call) -> dict[str, Any]:
    channel = visible_channel(call, "")
    message = _own_message(call, channel, "cant_delete_message")
    call.backend.board.remove(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> dict[str, Any]:
    channel = _posting_channel(call)
    user = call.args["user"]
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    ts = call.state.new_ts()
    author = own_author(call.state, _customised(call))
    body = {"type": "message", **author, **_ephemeral_content(call), "ts": ts}
    root = _root(call, channel)
    if root:
        body["thread_ts"] = root.ts
    call.backend.board.whisper(channel, Ephemeral(ts, user, {**body, "is_ephemeral": True}))
    return {"message_ts": ts}


def get_permalink(call: Call) -> dict[str, Any]:
    channel = visible_channel(call, "")
    message = message_at(channel, call.args["message_ts"])
    return {"channel": channel.id, "permalink": permalink(call.state, channel, message)}


def _posting_channel(call: Call) -> Channel:
    user = call.state.users.get(call.args["channel"])
    if user is not None:
        return call.state.direct_channel(user.id)
    channel = visible_channel(call, "", by_name=True)
    if channel.archived:
        raise SlackError("is_archived")
    if not call.state.is_member(channel) and "chat:write.public" not in call.state.scopes:
        raise SlackError("not_in_channel")
    return channel


def _root(call: Call, channel: Channel) -> Message | None:
    """Return the thread to post in; one that is nowhere means the channel, without a word."""
    thread_ts = call.args.get("thread_ts")
    if not thread_ts:
        return None
    if not call.state.in_thread_window(thread_ts):
        raise SlackError("invalid_thread_ts")
    return channel.root_of(thread_ts)


def _own_message(call: Call, channel: Channel, refusal: str) -> Message:
    ts = call.args["ts"]
    try:
        micros(ts)
    except ValueError as error:
        raise SlackError("message_not_found") from error
    message = message_at(channel, ts)
    if not call.state.is_own(message.author):
        raise SlackError(refusal)
    return message


def _customised(call: Call) -> dict[str, Any]:
    custom = {name: call.args[name] for name in _CUSTOM if call.args.get(name)}
    if custom:
        call.state.require_scope("chat:write.customize")
    return {"username": custom["username"]} if "username" in custom else {}


def _ephemeral_content(call: Call) -> dict[str, Any]:
    """An ephemeral message, unlike any other, may be empty."""
    has_content = any(call.args.get(name) for name in ("text", "blocks", "attachments"))
    return content_of(call.args) if has_content or call.args.get("markdown_text") else {"text": ""}


_CONTENT = "text blocks:json attachments:json markdown_text parse link_names:flag"
CHAT = {
    "chat.postMessage": method(
        post_message,
        f"channel* thread_ts reply_broadcast:flag metadata:json mrkdwn:flag unfurl_links:flag "
        f"unfurl_media:flag username icon_url icon_emoji {_CONTENT}",
        rate=UNLIMITED,
        scopes="chat:write",
        reads_json=True,
    ),
    "chat.update": method(
        update,
        f"channel* ts* metadata:json reply_broadcast:flag file_ids:json {_CONTENT}",
        rate=TIER_3,
        scopes="chat:write",
        reads_json=True,
    ),
    "chat.postEphemeral": method(
        post_ephemeral,
        f"channel* user* thread_ts username icon_url icon_emoji {_CONTENT}",
        rate=TIER_4,
        scopes="chat:write",
        reads_json=True,
    ),
    "chat.delete": method(delete, "channel* ts*", scopes="chat:write", reads_json=True),
    "chat.getPermalink": method(get_permalink, "channel* message_ts*", rate=UNLIMITED),
}

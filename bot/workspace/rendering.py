"""How Slack shows what the workspace holds: the objects of its answers and events."""

from __future__ import annotations

import copy
from typing import Any

from bot.workspace.entities import SLACKBOT, Bot, Channel, File, Message, User
from bot.workspace.state import State


def message_view(
    state: State, channel: Channel, message: Message, *, metadata: bool = False
) -> dict[str, Any]:
    """Return a message as history and replies give it; a root carries its thread's summary."""
    if message.tombstone:
        return {**_tombstone(message), **_thread_summary(channel, message)}
    view: dict[str, Any] = {
        "type": "message",
        **copy.deepcopy(message.author),
        "text": message.text,
        "ts": message.ts,
        **_content(state, message),
        **_thread_summary(channel, message),
    }
    if message.broadcast:
        view["subtype"] = "thread_broadcast"
    if metadata and message.metadata:
        view["metadata"] = copy.deepcopy(message.metadata)
    return view


def _content(state: State, message: Message) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if message.blocks:
        content["blocks"] = copy.deepcopy(message.blocks)
    if message.attachments:
        content["attachments"] = copy.deepcopy(message.attachments)
    if message.files:
        content["files"] = [file_view(state, state.files[key]) for key in message.files]
    if message.edited:
        content["edited"] = dict(message.edited)
    if message.reactions:
        content["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
        ]
    return content


def _tombstone(message: Message) -> dict[str, Any]:
    return {
        "type": "message",
        "subtype": "tombstone",
        "text": "This message was deleted.",
        "user": SLACKBOT,
        "hidden": True,
        "ts": message.ts,
    }


def _thread_summary(channel: Channel, message: Message) -> dict[str, Any]:
    if message.in_thread:
        root = channel.messages.get(message.thread_ts or "")
        parent = {"parent_user_id": root.author["user"]} if root and "user" in root.author else {}
        return {"thread_ts": message.thread_ts, **parent}
    replies = channel.replies(message.ts)
    if not replies:
        return {}
    authors = list(dict.fromkeys(_author_id(reply) for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(authors),
        "reply_users": authors[:5],
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def _author_id(message: Message) -> str:
    return str(message.author.get("user") or message.author.get("bot_id", ""))


def user_view(state: State, user: User) -> dict[str, Any]:
    single = user.kind == "single_channel_guest"
    view: dict[str, Any] = {
        "id": user.id,
        "team_id": "T0ELSEWHERE" if user.kind == "stranger" else state.identity.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.name,
        "tz": "Etc/UTC",
        "tz_offset": 0,
        "profile": {"real_name": user.name, "display_name": user.name},
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": single or user.kind == "guest",
        "is_ultra_restricted": single,
        "is_bot": user.kind == "bot",
        "is_app_user": False,
        "updated": 0,
    }
    if user.bot_id:
        view["profile"]["bot_id"] = user.bot_id
    if user.kind == "stranger":
        view["is_stranger"] = True
    return view


def bot_view(bot: Bot) -> dict[str, Any]:
    view = {"id": bot.id, "deleted": False, "name": bot.name, "updated": 0, "app_id": bot.app_id}
    return {**view, "icons": {}, **({"user_id": bot.user_id} if bot.user_id else {})}


def channel_view(state: State, channel: Channel) -> dict[str, Any]:
    if channel.kind == "im":
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_archived": False,
            "is_org_shared": False,
            "user": channel.members[1],
            "is_user_deleted": False,
            "priority": 0,
        }
    private = channel.kind == "group"
    blank = {"value": "", "creator": "", "last_set": 0}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
        "creator": channel.creator,
        "is_channel": not private,
        "is_group": private,
        "is_im": False,
        "is_mpim": False,
        "is_private": private,
        "is_archived": channel.archived,
        "is_general": False,
        "is_shared": channel.ext_shared,
        "is_ext_shared": channel.ext_shared,
        "is_org_shared": False,
        "is_member": state.is_member(channel),
        "context_team_id": state.identity.team_id,
        "topic": dict(blank),
        "purpose": dict(blank),
        "num_members": len(channel.members),
    }


def file_view(state: State, file: File, *, whole: bool = False) -> dict[str, Any]:
    """Return a file object; a stub shows itself only where it was asked for by its id."""
    if file.stub and not whole:
        return {"id": file.id, "created": file.created, "file_access": "check_file_info"}
    address = f"{state.base_url}/slack/files/{file.id}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.name,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2] or "text",
        "user": file.user,
        "mode": "hosted",
        "file_access": "visible",
        "is_external": False,
        "is_public": True,
        "size": len(file.content),
        "url_private": f"{address}/{file.name}",
        "url_private_download": f"{address}/download/{file.name}",
        "permalink": f"{address}/{file.name}",
    }


def permalink(state: State, channel: Channel, message: Message) -> str:
    """Return the address of a message; one in a thread names its root as well."""
    link = f"{state.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.in_thread:
        return f"{link}?thread_ts={message.thread_ts}&cid={channel.id}"
    return link

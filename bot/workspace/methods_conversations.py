"""conversations.*: which channels there are, who is in them, joining and opening."""

from __future__ import annotations

from typing import Any

from bot.workspace.entities import Channel
from bot.workspace.errors import SlackError
from bot.workspace.methods import Call, method, visible_channel
from bot.workspace.paging import paged
from bot.workspace.rates import TIER_2, TIER_4
from bot.workspace.rendering import channel_view

_READ = "channels:read groups:read im:read mpim:read"
_TYPES = {"channel": "public_channel", "group": "private_channel", "im": "im"}


def info(call: Call) -> dict[str, Any]:
    channel = visible_channel(call, "read")
    view = channel_view(call.state, channel)
    if not call.args.get("include_num_members"):
        view.pop("num_members", None)
    return {"channel": view}


def list_channels(call: Call) -> dict[str, Any]:
    types = str(call.args.get("types") or "public_channel").replace(" ", "").split(",")
    if not set(types) <= {"public_channel", "private_channel", "im", "mpim"}:
        raise SlackError("invalid_types")
    shown = [c for c in call.state.channels.values() if _listed(call, c, types)]
    page, cursor = paged(shown, call.args, most=call.state.page_cap)
    views = [channel_view(call.state, channel) for channel in page]
    return {"channels": views, "response_metadata": {"next_cursor": cursor}}


def _listed(call: Call, channel: Channel, types: list[str]) -> bool:
    if channel.archived and call.args.get("exclude_archived"):
        return False
    known = channel.kind == "channel" or call.state.is_member(channel)
    return known and _TYPES[channel.kind] in types


def members(call: Call) -> dict[str, Any]:
    channel = visible_channel(call, "read")
    page, cursor = paged(channel.members, call.args, most=call.state.page_cap)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def join(call: Call) -> dict[str, Any]:
    channel = visible_channel(call, "")
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if call.state.is_member(channel):
        warned = {"warning": "already_in_channel"}
        metadata = {"response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": channel_view(call.state, channel), **warned, **metadata}
    channel.members.append(call.state.identity.bot_user_id)
    call.backend.events.member_joined(channel, call.state.identity.bot_user_id)
    return {"channel": channel_view(call.state, channel)}


def open_conversation(call: Call) -> dict[str, Any]:
    if call.args.get("channel"):
        return {"channel": {"id": visible_channel(call, "").id}}
    users = [user for user in str(call.args.get("users") or "").split(",") if user]
    if len(users) != 1:
        raise SlackError(
            "method_not_supported_for_channel_type" if users else "users_list_not_supplied"
        )
    if users[0] not in call.state.users:
        raise SlackError("user_not_found")
    before = len(call.state.channels)
    channel = call.state.direct_channel(users[0])
    answer: dict[str, Any] = {"channel": {"id": channel.id}}
    if len(call.state.channels) == before:
        answer |= {"no_op": True, "already_open": True}
    return answer


CONVERSATIONS = {
    "conversations.info": method(info, "channel* include_num_members:flag", scopes=_READ),
    "conversations.list": method(
        list_channels,
        "cursor limit:int types exclude_archived:flag team_id",
        rate=TIER_2,
        scopes=_READ,
    ),
    "conversations.members": method(
        members, "channel* cursor limit:int", rate=TIER_4, scopes=_READ
    ),
    "conversations.join": method(join, "channel*", scopes="channels:join", reads_json=True),
    "conversations.open": method(
        open_conversation,
        "channel users return_im:flag prevent_creation:flag",
        scopes="im:write mpim:write",
        reads_json=True,
    ),
}

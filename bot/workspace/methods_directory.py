"""Who and what there is: users, bots, team, files, user groups, pins; and the app itself."""

from __future__ import annotations

from typing import Any

from bot.workspace.errors import SlackError
from bot.workspace.methods import Call, message_at, method, visible_channel
from bot.workspace.paging import paged
from bot.workspace.rates import TIER_2, TIER_3, TIER_4, UNLIMITED
from bot.workspace.rendering import bot_view, file_view, user_view

STATUS_SECONDS = 120.0


def api_test(call: Call) -> dict[str, Any]:
    if call.args.get("error"):
        raise SlackError(call.args["error"])
    return {"args": {name: value for name, value in call.args.items() if value}}


def auth_test(call: Call) -> dict[str, Any]:
    own = call.state.identity
    return {
        "url": f"{call.state.base_url}/",
        "team": "Local workspace",
        "user": own.bot_name,
        "team_id": own.team_id,
        "user_id": own.bot_user_id,
        "bot_id": own.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> dict[str, Any]:
    address = call.state.base_url.replace("http", "ws", 1)
    return {"url": f"{address}/slack/socket/{call.backend.sockets.new_ticket()}"}


def user_info(call: Call) -> dict[str, Any]:
    user = call.state.users.get(call.args["user"])
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user_view(call.state, user)}


def user_list(call: Call) -> dict[str, Any]:
    page, cursor = paged(list(call.state.users.values()), call.args, most=call.state.page_cap)
    views = [user_view(call.state, user) for user in page]
    return {"members": views, "response_metadata": {"next_cursor": cursor}}


def bot_info(call: Call) -> dict[str, Any]:
    bot = call.state.bots.get(call.args.get("bot") or call.state.identity.bot_id)
    if bot is None:
        raise SlackError("bot_not_found")
    return {"bot": bot_view(bot)}


def team_info(call: Call) -> dict[str, Any]:
    team = {"id": call.state.identity.team_id, "name": "Local workspace", "domain": "workspace"}
    return {"team": {**team, "email_domain": "", "icon": {}, "url": f"{call.state.base_url}/"}}


def file_info(call: Call) -> dict[str, Any]:
    file = call.state.files.get(call.args["file"])
    if file is None:
        raise SlackError("file_not_found")
    view = file_view(call.state, file, whole=True)
    return {"file": view, "comments": [], "response_metadata": {"next_cursor": ""}}


def user_groups(_call: Call) -> dict[str, Any]:
    return {"usergroups": []}


def pins(call: Call) -> dict[str, Any]:
    visible_channel(call, "")
    return {"items": []}


def add_reaction(call: Call) -> dict[str, Any]:
    users = _reaction(call)
    own = call.state.identity.bot_user_id
    if own in users:
        raise SlackError("already_reacted")
    users.append(own)
    return {}


def remove_reaction(call: Call) -> dict[str, Any]:
    users = _reaction(call)
    own = call.state.identity.bot_user_id
    if own not in users:
        raise SlackError("no_reaction")
    users.remove(own)
    return {}


def _reaction(call: Call) -> list[str]:
    channel = visible_channel(call, "")
    if not call.state.is_member(channel):
        raise SlackError("not_in_channel")
    name = call.args["name"].strip(":")
    if not name or not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise SlackError("invalid_name")
    message = message_at(channel, call.args["timestamp"])
    message.reactions = {key: users for key, users in message.reactions.items() if users}
    return message.reactions.setdefault(name, [])


def set_status(call: Call) -> dict[str, Any]:
    channel = visible_channel(call, "", argument="channel_id")
    if channel.root_of(call.args["thread_ts"]) is None:
        raise SlackError("invalid_thread_ts")
    until = call.state.clock.time() + STATUS_SECONDS
    call.state.statuses[channel.id, call.args["thread_ts"]] = (call.args["status"], until)
    return {}


_REACTION = "channel* timestamp* name*"
DIRECTORY = {
    "api.test": method(api_test, "error foo", rate=UNLIMITED, caller="anyone", reads_json=True),
    "auth.test": method(auth_test, rate=UNLIMITED),
    "apps.connections.open": method(
        open_connection, rate=TIER_3, scopes="connections:write", caller="app"
    ),
    "users.info": method(user_info, "user* include_locale:flag", rate=TIER_4, scopes="users:read"),
    "users.list": method(
        user_list,
        "cursor limit:int include_locale:flag team_id",
        rate=TIER_2,
        scopes="users:read",
    ),
    "bots.info": method(bot_info, "bot team_id", rate=TIER_3, scopes="users:read"),
    "team.info": method(team_info, "team domain", rate=TIER_3, scopes="team:read"),
    "files.info": method(
        file_info, "file* cursor limit:int count:int page:int", rate=TIER_4, scopes="files:read"
    ),
    "usergroups.list": method(user_groups, rate=TIER_2, scopes="usergroups:read"),
    "pins.list": method(pins, "channel*", rate=TIER_2, scopes="pins:read"),
    "reactions.add": method(
        add_reaction, _REACTION, rate=TIER_3, scopes="reactions:write", reads_json=True
    ),
    "reactions.remove": method(
        remove_reaction, _REACTION, rate=TIER_2, scopes="reactions:write", reads_json=True
    ),
    "assistant.threads.setStatus": method(
        set_status,
        "channel_id* thread_ts* status* loading_messages:json username icon_url icon_emoji",
        rate=600,
        scopes="chat:write assistant:write",
        reads_json=True,
    ),
}

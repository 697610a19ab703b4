"""views.*: modals and the home tab."""

from __future__ import annotations

from typing import Any

from bot.workspace.errors import SlackError
from bot.workspace.methods import Call, method
from bot.workspace.modals import checked_view
from bot.workspace.rates import TIER_4


def open_view(call: Call) -> dict[str, Any]:
    view = checked_view(call.args["view"], "modal")
    user = call.backend.triggers.exchange(call.args["trigger_id"])
    return {"view": call.backend.modals.open(user, view)}


def push_view(call: Call) -> dict[str, Any]:
    view = checked_view(call.args["view"], "modal")
    user = call.backend.triggers.exchange(call.args["trigger_id"])
    return {"view": call.backend.modals.push(user, view)}


def update_view(call: Call) -> dict[str, Any]:
    view_id = call.args.get("view_id") or call.args.get("external_id")
    if not view_id:
        raise SlackError("invalid_arguments")
    view = checked_view(call.args["view"], "modal")
    return {"view": call.backend.modals.update(view_id, view, call.args.get("hash", ""))}


def publish_view(call: Call) -> dict[str, Any]:
    if call.args["user_id"] not in call.state.users:
        raise SlackError("user_not_found")
    view = checked_view(call.args["view"], "home")
    return {"view": call.backend.modals.publish(call.args["user_id"], view)}


VIEWS = {
    "views.open": method(open_view, "trigger_id* view*:json", rate=TIER_4, reads_json=True),
    "views.push": method(push_view, "trigger_id* view*:json", rate=TIER_4, reads_json=True),
    "views.update": method(
        update_view, "view*:json view_id external_id hash", rate=TIER_4, reads_json=True
    ),
    "views.publish": method(publish_view, "user_id* view*:json hash", rate=TIER_4, reads_json=True),
}

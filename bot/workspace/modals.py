"""Modals and home tabs: each person's stack of views, and what a submission does to it."""

from __future__ import annotations

import copy
import secrets
from typing import Any

from bot.workspace.blocks import checked_blocks
from bot.workspace.elements import check_length, check_text
from bot.workspace.errors import SlackError, explained
from bot.workspace.feed import Feed
from bot.workspace.state import State

MAX_STACK = 3
_DEFAULTS: dict[str, Any] = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "submit": None,
    "close": None,
    "clear_on_close": False,
    "notify_on_close": False,
}


def checked_view(view: Any, kind: str) -> dict[str, Any]:
    """Return a copy of a view whose blocks have ids, or raise what Slack answers."""
    if not isinstance(view, dict):
        raise explained("invalid_arguments", ["must be an object [json-pointer:/view]"])
    faults: list[str] = []
    if view.get("type") != kind:
        faults.append(f"must be a {kind} [json-pointer:/view/type]")
    if kind == "modal":
        faults += _title_faults(view)
    if view.get("callback_id"):
        faults += check_length(view["callback_id"], "/view/callback_id", 255)
    if len(view.get("private_metadata") or "") > 3_000:
        faults.append("must be less than 3001 characters [json-pointer:/view/private_metadata]")
    if not isinstance(view.get("blocks"), list):
        faults.append("missing required field: blocks [json-pointer:/view]")
    if faults:
        raise explained("invalid_arguments", faults)
    return {**copy.deepcopy(view), "blocks": checked_blocks(view["blocks"], view=True)}


def _title_faults(view: dict[str, Any]) -> list[str]:
    faults = list(check_text(view.get("title"), "/view/title", 24, plain=True))
    for name in ("submit", "close"):
        if view.get(name) is not None:
            faults += check_text(view[name], f"/view/{name}", 24, plain=True)
    blocks = view.get("blocks") or []
    has_input = any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    if has_input and view.get("submit") is None:
        faults.append("submit is required when an input block is in blocks [json-pointer:/view]")
    return faults


class Modals:
    """The views that are open; a stack ends with the view that its user sees."""

    def __init__(self, state: State, feed: Feed) -> None:
        self._state = state
        self._feed = feed
        self._stacks: dict[str, list[dict[str, Any]]] = {}
        self.homes: dict[str, dict[str, Any]] = {}

    def stack(self, user: str) -> list[dict[str, Any]]:
        return self._stacks.setdefault(user, [])

    def open(self, user: str, view: dict[str, Any]) -> dict[str, Any]:
        """Show a checked modal, in place of whatever was open."""
        stored = self._stored(view)
        self._stacks[user] = [stored]
        return self._shown(user, stored)

    def push(self, user: str, view: dict[str, Any]) -> dict[str, Any]:
        """Show a checked modal above the open ones."""
        stack = self.stack(user)
        if len(stack) >= MAX_STACK:
            raise SlackError("push_limit_reached")
        stored = self._stored(view)
        if stack:
            stored |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
        stack.append(stored)
        return self._shown(user, stored)

    def update(self, view_id: str, view: dict[str, Any], expected_hash: str = "") -> dict[str, Any]:
        """Replace an open modal, found by its id or its external id, by a checked one."""
        user, place = self._place(view_id)
        current = self._stacks[user][place]
        if expected_hash and expected_hash != current["hash"]:
            raise SlackError("hash_conflict")
        kept = {key: current[key] for key in ("id", "root_view_id", "previous_view_id")}
        stored = {**self._stored(view), **kept}
        self._stacks[user][place] = stored
        return self._shown(user, stored)

    def publish(self, user: str, view: dict[str, Any]) -> dict[str, Any]:
        """Set a person's home tab to a checked view."""
        self.homes[user] = self._stored(view)
        return self.homes[user]

    def find(self, view_id: str) -> tuple[str, dict[str, Any]]:
        """Return the owner of an open view and the view."""
        user, place = self._place(view_id)
        return user, self._stacks[user][place]

    def close(self, user: str) -> None:
        """Close the topmost view."""
        if self.stack(user):
            self.stack(user).pop()
            self._feed.publish("view", "", {"user": user, "views": list(self.stack(user))})

    def close_all(self, user: str) -> None:
        self._stacks[user] = []
        self._feed.publish("view", "", {"user": user, "views": []})

    def answer_submission(self, user: str, view_id: str, answer: Any) -> None:
        """Do what the app's answer to a submission asks for; an empty one closes the view."""
        action = answer.get("response_action") if isinstance(answer, dict) else None
        if action == "errors":
            return
        if action == "update":
            self.update(view_id, checked_view(answer.get("view"), "modal"))
        elif action == "push":
            self.push(user, checked_view(answer.get("view"), "modal"))
        elif action == "clear":
            self.close_all(user)
        else:
            self.close(user)

    def _place(self, view_id: str) -> tuple[str, int]:
        for user, stack in self._stacks.items():
            for place, view in enumerate(stack):
                if view_id and view_id in (view["id"], view["external_id"]):
                    return user, place
        raise SlackError("not_found")

    def _stored(self, view: dict[str, Any]) -> dict[str, Any]:
        own = self._state.identity
        view_id = self._state.new_id("V")
        return {
            **_DEFAULTS,
            **view,
            "id": view_id,
            "team_id": own.team_id,
            "app_id": own.app_id,
            "bot_id": own.bot_id,
            "state": {"values": {}},
            "hash": f"{int(self._state.clock.time())}.{secrets.token_hex(4)}",
            "root_view_id": view_id,
            "previous_view_id": None,
        }

    def _shown(self, user: str, view: dict[str, Any]) -> dict[str, Any]:
        self._feed.publish("view", "", {"user": user, "views": list(self.stack(user))})
        return view

"""The payloads of what people do in Slack's client: commands, shortcuts, buttons, modals."""

from __future__ import annotations

from typing import Any

from bot.workspace.backend import Backend
from bot.workspace.entities import Channel, Message, User
from bot.workspace.rendering import message_view

_SHOWN_NAME = {"im": "directmessage", "group": "privategroup"}


class Gestures:
    """Builds payloads; each gets a trigger id and, in a channel, a response address of its own."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def command(self, user: User, channel: Channel, command: str, text: str) -> dict[str, Any]:
        own = self._backend.state.identity
        return {
            "token": own.verification_token,
            "team_id": own.team_id,
            "team_domain": "workspace",
            "channel_id": channel.id,
            "channel_name": _SHOWN_NAME.get(channel.kind, channel.name),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": own.app_id,
            "is_enterprise_install": "false",
            "response_url": self._backend.responses.issue(channel, user.id),
            "trigger_id": self._backend.triggers.issue(user.id),
        }

    def shortcut(
        self, user: User, callback_id: str, channel: Channel, message: Message
    ) -> dict[str, Any]:
        return {
            **self._interaction("message_action", user),
            "callback_id": callback_id,
            "action_ts": self._backend.state.new_ts(),
            "channel": {"id": channel.id, "name": channel.name},
            "message_ts": message.ts,
            "message": message_view(self._backend.state, channel, message),
            "response_url": self._backend.responses.issue(channel, user.id),
        }

    def click(
        self, user: User, channel: Channel, shown: dict[str, Any], action: dict[str, Any]
    ) -> dict[str, Any]:
        """Build block_actions for a button of a message, as that user sees it."""
        ephemeral = bool(shown.get("is_ephemeral"))
        container = {
            "type": "message",
            "message_ts": shown["ts"],
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
        }
        if shown.get("thread_ts"):
            container["thread_ts"] = shown["thread_ts"]
        return {
            **self._interaction("block_actions", user),
            "container": container,
            "channel": {"id": channel.id, "name": channel.name},
            **({} if ephemeral else {"message": shown}),
            "state": {"values": {}},
            "response_url": self._backend.responses.issue(channel, user.id, shown["ts"]),
            "actions": [{**action, "action_ts": self._backend.state.new_ts()}],
        }

    def view_click(
        self, user: User, view: dict[str, Any], action: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            **self._interaction("block_actions", user),
            "container": {"type": "view", "view_id": view["id"]},
            "view": view,
            "actions": [{**action, "action_ts": self._backend.state.new_ts()}],
        }

    def submission(
        self, user: User, view: dict[str, Any], values: dict[str, Any]
    ) -> dict[str, Any]:
        submitted = {**view, "state": {"values": values}}
        return {
            **self._interaction("view_submission", user),
            "view": submitted,
            "response_urls": [],
        }

    def closing(self, user: User, view: dict[str, Any]) -> dict[str, Any]:
        closed = self._interaction("view_closed", user)
        closed.pop("trigger_id")
        return {**closed, "view": view, "is_cleared": False}

    def _interaction(self, kind: str, user: User) -> dict[str, Any]:
        own = self._backend.state.identity
        who = {"id": user.id, "username": user.name, "name": user.name, "team_id": own.team_id}
        return {
            "type": kind,
            "user": who,
            "api_app_id": own.app_id,
            "token": own.verification_token,
            "trigger_id": self._backend.triggers.issue(user.id),
            "team": {"id": own.team_id, "domain": "workspace"},
            "enterprise": None,
            "is_enterprise_install": False,
        }


def find_action(blocks: list[dict[str, Any]], action_id: str) -> dict[str, Any]:
    """Return what a click on an element reports; raises LookupError where there is none."""
    for block in blocks:
        for element in [*_elements(block.get("elements")), *_elements([block.get("accessory")])]:
            if element.get("action_id") == action_id:
                reported = ("type", "action_id", "text", "value", "style", "url")
                kept = {key: element[key] for key in reported if key in element}
                return {**kept, "block_id": block.get("block_id", "")}
    raise LookupError(f"no element with the action id {action_id!r}")


def _elements(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

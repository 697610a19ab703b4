"""Events as the app gets them: the inner event, and the envelope that says for whom it is."""

from __future__ import annotations

import base64
import json
from typing import Any

from bot.workspace.delivery import Delivery, Payload
from bot.workspace.entities import Channel
from bot.workspace.state import State

_HISTORY_SCOPE = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}


class Events:
    """Decides whether the app may hear of something, and sends it if so."""

    def __init__(self, state: State, delivery: Delivery) -> None:
        self._state = state
        self._delivery = delivery

    def message(self, channel: Channel, event: dict[str, Any]) -> None:
        """Send a message event, and app_mention where the message names the bot.

        The two have different event ids and the same ts, as on Slack.
        """
        if not self._state.is_member(channel):
            return
        located = {
            "type": "message",
            **event,
            "channel": channel.id,
            "channel_type": channel.kind,
            "event_ts": event["ts"],
        }
        if _HISTORY_SCOPE[channel.kind] in self._state.scopes:
            self._send("message", channel, located)
        if channel.kind != "im" and self._mentions(event):
            self._send("app_mention", channel, _as_mention(located))

    def home_opened(self, user: str, tab: str) -> None:
        channel = self._state.direct_channel(user)
        ts = self._state.new_ts()
        event = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab}
        self._send("app_home_opened", channel, {**event, "event_ts": ts})

    def member_joined(self, channel: Channel, user: str) -> None:
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "G" if channel.kind == "group" else "C",
            "team": self._state.identity.team_id,
            "event_ts": self._state.new_ts(),
        }
        self._send("member_joined_channel", channel, event)

    def _mentions(self, event: dict[str, Any]) -> bool:
        own = f"<@{self._state.identity.bot_user_id}"
        speaks = event.get("subtype") in (None, "bot_message", "file_share", "thread_broadcast")
        return (
            speaks
            and "app_mentions:read" in self._state.scopes
            and not self._state.is_own(event)
            and (f"{own}>" in event.get("text", "") or f"{own}|" in event.get("text", ""))
        )

    def _send(self, kind: str, channel: Channel, event: dict[str, Any]) -> None:
        if kind in self._state.subscriptions:
            self._delivery.event(Payload("events_api", self._outer(channel, event)))

    def _outer(self, channel: Channel, event: dict[str, Any]) -> dict[str, Any]:
        own = self._state.identity
        return {
            "token": own.verification_token,
            "team_id": own.team_id,
            "context_team_id": own.team_id,
            "context_enterprise_id": None,
            "api_app_id": own.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self._state.new_id("Ev"),
            "event_time": int(self._state.clock.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": own.team_id,
                    "user_id": own.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": channel.ext_shared,
            "event_context": _event_context(event["type"], own.team_id, own.app_id, channel.id),
        }


def _as_mention(event: dict[str, Any]) -> dict[str, Any]:
    """An app_mention shows neither the files nor the subtype that its message has."""
    left_out = ("files", "subtype", "upload", "channel_type", "parent_user_id", "hidden")
    mention = {key: value for key, value in event.items() if key not in left_out}
    return {**mention, "type": "app_mention"}


def _event_context(kind: str, team: str, app: str, channel: str) -> str:
    context = {"et": kind, "tid": team, "aid": app, "cid": channel}
    return "4-" + base64.urlsafe_b64encode(json.dumps(context).encode()).decode().rstrip("=")

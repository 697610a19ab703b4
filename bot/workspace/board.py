"""The messages themselves: added, changed and removed here, and those who listen hear of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.workspace.entities import Channel, Ephemeral, Message
from bot.workspace.events import Events
from bot.workspace.feed import Feed
from bot.workspace.rendering import message_view
from bot.workspace.state import State


class Board:
    """The one place that writes messages; it tells the app and whoever watches."""

    def __init__(self, state: State, events: Events, feed: Feed) -> None:
        self._state = state
        self._events = events
        self._feed = feed

    def add(self, channel: Channel, message: Message) -> None:
        """Store a new message; a message in a thread ends the app's status line there."""
        channel.messages[message.ts] = message
        if message.thread_ts and self._state.is_own(message.author):
            self._state.statuses.pop((channel.id, message.thread_ts), None)
        view = self._publish("message", channel, message)
        if message.files:
            view["subtype"] = "file_share"
        self._events.message(channel, view)

    def change(self, channel: Channel, message: Message, **fields: Any) -> None:
        """Set fields of a stored message and keep what it was."""
        before = message_view(self._state, channel, message)
        message.versions.append(before)
        for name, value in fields.items():
            setattr(message, name, value)
        self._changed(channel, message, before)

    def remove(self, channel: Channel, message: Message) -> None:
        """Take a message away; a root that has replies leaves a tombstone."""
        before = message_view(self._state, channel, message)
        message.versions.append(before)
        if channel.replies(message.ts) and not message.in_thread:
            channel.messages[message.ts] = replace(message, tombstone=True)
            self._changed(channel, channel.messages[message.ts], before)
            return
        del channel.messages[message.ts]
        self._sweep(channel, message)
        self._feed.publish("message_deleted", channel.id, {"ts": message.ts})
        self._events.message(channel, self._hidden("message_deleted", before, message.ts))

    def whisper(self, channel: Channel, note: Ephemeral) -> None:
        """Show a message to one person; replaces the one with the same ts."""
        channel.ephemerals = [kept for kept in channel.ephemerals if kept.ts != note.ts] + [note]
        self._feed.publish("ephemeral", channel.id, {**note.body, "to": note.user})

    def unwhisper(self, channel: Channel, ts: str) -> None:
        channel.ephemerals = [kept for kept in channel.ephemerals if kept.ts != ts]
        self._feed.publish("ephemeral_deleted", channel.id, {"ts": ts})

    def _publish(self, kind: str, channel: Channel, message: Message) -> dict[str, Any]:
        view = message_view(self._state, channel, message)
        self._feed.publish(kind, channel.id, view)
        return view

    def _changed(self, channel: Channel, message: Message, before: dict[str, Any]) -> None:
        view = self._publish("message_changed", channel, message)
        event = self._hidden("message_changed", before)
        self._events.message(channel, {**event, "message": view})

    def _sweep(self, channel: Channel, message: Message) -> None:
        root = channel.messages.get(message.thread_ts or "")
        if root is not None and root.tombstone and not channel.replies(root.ts):
            del channel.messages[root.ts]

    def _hidden(self, subtype: str, before: dict[str, Any], deleted: str = "") -> dict[str, Any]:
        event: dict[str, Any] = {"subtype": subtype, "hidden": True, "ts": self._state.new_ts()}
        if deleted:
            event["deleted_ts"] = deleted
        return {**event, "previous_message": before}

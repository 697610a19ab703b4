"""What people see of the workspace."""

from __future__ import annotations

from typing import Any

from bot.workspace.backend import Backend
from bot.workspace.entities import Channel, Message, User
from bot.workspace.rendering import message_view


class Onlooker:
    """Looks at the workspace as its people do; users and channels go by id or by name.

    Every method raises LookupError for a person, channel, message or view that does not exist.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def messages(self, channel: str, thread_ts: str | None = None) -> list[dict[str, Any]]:
        """Return what the channel shows, or a thread with its root, oldest first."""
        found = self._channel(channel)
        if thread_ts is None:
            shown = found.top_level()
        else:
            root = found.messages.get(thread_ts)
            shown = [*([root] if root else []), *found.replies(thread_ts)]
        state = self._backend.state
        return [message_view(state, found, message, metadata=True) for message in shown]

    def history_of(self, channel: str, ts: str) -> list[dict[str, Any]]:
        """Return every version of a message, oldest first, the present one last."""
        found = self._channel(channel)
        message = found.messages.get(ts)
        if message is None:
            raise LookupError(f"no message {ts!r}")
        now = message_view(self._backend.state, found, message)
        return [*message.versions, now]

    def ephemerals(self, user: str, channel: str) -> list[dict[str, Any]]:
        """Return what only this person sees in a channel, oldest first."""
        person = self._user(user)
        return [n.body for n in self._channel(channel).ephemerals if n.user == person.id]

    def views(self, user: str) -> list[dict[str, Any]]:
        """Return a person's open modals, the visible one last."""
        return list(self._backend.modals.stack(self._user(user).id))

    def home(self, user: str) -> dict[str, Any] | None:
        """Return the home tab that the app has published to a person."""
        return self._backend.modals.homes.get(self._user(user).id)

    def status(self, channel: str, thread_ts: str) -> str:
        """Return the app's status line in a thread, "" where there is none any more."""
        found = self._channel(channel)
        text, until = self._backend.state.statuses.get((found.id, thread_ts), ("", 0.0))
        return text if self._backend.clock.time() < until else ""

    def _user(self, name: str) -> User:
        user = self._backend.state.find_user(name)
        if user is None:
            raise LookupError(f"no user {name!r}")
        return user

    def _channel(self, name: str) -> Channel:
        channel = self._backend.state.find_channel(name)
        if channel is None:
            raise LookupError(f"no channel {name!r}")
        return channel

    def _message(self, channel: Channel, ts: str) -> Message:
        message = channel.messages.get(ts)
        if message is None or message.tombstone:
            raise LookupError(f"no message {ts!r} in {channel.name}")
        return message

    def _seen(self, user: User, channel: Channel, ts: str) -> dict[str, Any]:
        for note in channel.ephemerals:
            if (note.ts, note.user) == (ts, user.id):
                return note.body
        message = self._message(channel, ts)
        return message_view(self._backend.state, channel, message)

    def _view(self, user: str, view_id: str) -> dict[str, Any]:
        for view in self.views(user):
            if view["id"] == view_id:
                return view
        raise LookupError(f"no open view {view_id!r}")

"""Response addresses: five replies within thirty minutes, without a token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from bot.workspace.authorship import own_author
from bot.workspace.board import Board
from bot.workspace.entities import Channel, Ephemeral, Message
from bot.workspace.errors import SlackError
from bot.workspace.limits import content_of
from bot.workspace.state import State

MAX_USES = 5
LIFETIME_SECONDS = 1_800.0


@dataclass(slots=True)
class _Permission:
    """What one address allows; `source` is the ts of the message that was acted upon."""

    channel: Channel
    user: str
    expires: float
    source: str = ""
    uses: int = 0


class Responses:
    """Issues response addresses and does what is posted to them."""

    def __init__(self, state: State, board: Board) -> None:
        self._state = state
        self._board = board
        self._issued: dict[str, _Permission] = {}

    def issue(self, channel: Channel, user: str, source: str = "") -> str:
        """Return a new address; whoever knows it may use it."""
        secret = secrets.token_urlsafe(18)
        expires = self._state.clock.time() + LIFETIME_SECONDS
        self._issued[secret] = _Permission(channel, user, expires, source)
        return f"{self._state.base_url}/slack/response/{secret}"

    def use(self, secret: str, body: dict[str, Any]) -> None:
        """Carry out one reply; raises used_url or expired_url once the address is spent."""
        permission = self._issued.get(secret)
        if permission is None:
            raise SlackError("invalid_url")
        if self._state.clock.time() > permission.expires:
            raise SlackError("expired_url")
        if permission.uses >= MAX_USES:
            raise SlackError("used_url")
        permission.uses += 1
        self.reply(permission.channel, permission.user, body, source=permission.source)

    def reply(self, channel: Channel, user: str, body: dict[str, Any], *, source: str = "") -> None:
        """Show a reply: in place of its source, to one person, or to the channel."""
        if body.get("delete_original"):
            self._delete(channel, source)
        elif body.get("replace_original") and source:
            self._replace(channel, source, content_of(body))
        elif body.get("response_type") == "in_channel":
            self._post(channel, body)
        else:
            self._whisper(channel, user, body)

    def _delete(self, channel: Channel, source: str) -> None:
        if source in channel.messages:
            self._board.remove(channel, channel.messages[source])
        else:
            self._board.unwhisper(channel, source)

    def _replace(self, channel: Channel, source: str, content: dict[str, Any]) -> None:
        if source in channel.messages:
            self._board.change(channel, channel.messages[source], **content)
            return
        note = next((note for note in channel.ephemerals if note.ts == source), None)
        if note is not None:
            body = {**note.body, **content}
            self._board.whisper(channel, Ephemeral(note.ts, note.user, body))

    def _post(self, channel: Channel, body: dict[str, Any]) -> None:
        root = channel.root_of(str(body.get("thread_ts", "")))
        author = own_author(self._state)
        thread_ts = root.ts if root else None
        message = Message(
            self._state.new_ts(), author=author, thread_ts=thread_ts, **content_of(body)
        )
        self._board.add(channel, message)

    def _whisper(self, channel: Channel, user: str, body: dict[str, Any]) -> None:
        ts = self._state.new_ts()
        shown = {"type": "message", "subtype": "bot_message", "ts": ts, **content_of(body)}
        if body.get("thread_ts"):
            shown["thread_ts"] = body["thread_ts"]
        shown |= {"is_ephemeral": True, "bot_id": self._state.identity.bot_id}
        self._board.whisper(channel, Ephemeral(ts, user, shown))

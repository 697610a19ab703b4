"""What a workspace holds: people, bots, channels, messages, files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

ChannelKind = Literal["channel", "group", "im"]
UserKind = Literal["member", "guest", "single_channel_guest", "stranger", "bot"]

SLACKBOT = "USLACKBOT"
_TS = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))?")


def micros(ts: str) -> int:
    """Return a ts as whole microseconds; a float would lose its last digits.

    Raises ValueError where it is no ts.
    """
    match = _TS.fullmatch(ts)
    if match is None:
        raise ValueError(f"not a ts: {ts!r}")
    return int(match[1]) * 1_000_000 + int((match[2] or "").ljust(6, "0"))


def ts_of(moment: int) -> str:
    """Return the ts of a moment in microseconds since 1970."""
    return f"{moment // 1_000_000}.{moment % 1_000_000:06d}"


@dataclass(slots=True)
class User:
    id: str
    name: str
    kind: UserKind = "member"
    bot_id: str = ""
    deleted: bool = False


@dataclass(slots=True)
class Bot:
    id: str
    name: str
    app_id: str = ""
    user_id: str = ""


@dataclass(slots=True)
class File:
    """A stored file; a `stub` shows nothing but its id until files.info is asked."""

    id: str
    name: str
    mimetype: str
    content: bytes
    user: str
    created: int
    stub: bool = False


@dataclass(slots=True)
class Message:
    """One message; `author` holds the fields that say who wrote it and as what.

    `thread_ts` is None outside of threads and on a root without replies. `versions` keeps what
    a reader saw before each change, oldest first.
    """

    ts: str
    text: str
    author: dict[str, Any]
    thread_ts: str | None = None
    broadcast: bool = False
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    edited: dict[str, str] | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    versions: list[dict[str, Any]] = field(default_factory=list)
    tombstone: bool = False

    @property
    def in_thread(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(slots=True)
class Ephemeral:
    """A message that one person sees and no method reads back."""

    ts: str
    user: str
    body: dict[str, Any]
    response_secret: str = ""


@dataclass(slots=True)
class Channel:
    id: str
    name: str
    kind: ChannelKind = "channel"
    created: int = 0
    creator: str = SLACKBOT
    members: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: list[Ephemeral] = field(default_factory=list)
    ext_shared: bool = False
    archived: bool = False

    def top_level(self) -> list[Message]:
        """Return what the channel itself shows, oldest first: roots and broadcast replies."""
        return _by_ts(m for m in self.messages.values() if not m.in_thread or m.broadcast)

    def replies(self, root_ts: str) -> list[Message]:
        """Return the replies below a root, oldest first, without the root."""
        return _by_ts(m for m in self.messages.values() if m.in_thread and m.thread_ts == root_ts)

    def root_of(self, ts: str) -> Message | None:
        """Return the root of the thread that a message is in or could open."""
        message = self.messages.get(ts)
        if message is None or not message.in_thread:
            return message
        return self.messages.get(message.thread_ts or "")


def _by_ts(messages: Iterable[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: micros(message.ts))

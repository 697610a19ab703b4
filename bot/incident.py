"""What was read of an incident: plain text, oldest first, with nothing of Slack's markup left."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Tone = Literal["", "bad", "good"]
"""What a message's colour tells, where it has one: trouble, or that it is over."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a message.

    `text` is None where it was not read, and `note` then says why ("binary", "over 1 MB: the
    first 700 kB and the last 300 kB were read" where it was read in part). `size` is in bytes.
    `path` leads to a log that is too large to be held: it is then read from there, `text` is None.
    """

    name: str
    text: str | None
    size: int = 0
    mimetype: str = ""
    note: str = ""
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What people did with a message beside answering it in words.

    `reactions` holds (name without colons and skin tone, number of people) in Slack's order;
    `replies` and `repliers` count those of the thread below it.
    """

    reactions: tuple[tuple[str, int], ...] = ()
    pinned: bool = False
    replies: int = 0
    repliers: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `ts` is Slack's own id and time: seconds since 1970, a string, never a float.

    `author` is a name for reading, not an id; `text` holds what was in the text, the blocks and
    the attachments, unescaped. `permalink` leads back to it, where there is one.
    """

    ts: str
    author: str
    text: str
    is_bot: bool = False
    permalink: str = ""
    attachments: tuple[Attachment, ...] = ()
    edited: bool = False
    marks: Marks = Marks()
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """All that one question is answered from.

    `messages` is oldest first, the root among them. `total_messages` counts those that exist,
    so that what was not read is never silent; `gaps` says in words what is missing and why.
    """

    messages: tuple[Message, ...]
    question: str = ""
    title: str = ""
    total_messages: int = 0
    gaps: tuple[str, ...] = field(default=())

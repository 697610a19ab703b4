"""Bytes as they arrive, framed as lines, server-sent events and JSON objects.

Framed first and decoded after: a character may be split between two reads, a line may not.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Protocol

from providers.errors import MalformedResponseError

MAX_LINE_BYTES = 4 * 1024 * 1024
MAX_UNREADABLE = 2


class Frames(Protocol):
    """Bytes in, frames out; `feed` and `end` may raise what an unreadable stream stands for."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the frames that the chunk completes."""
        ...

    def end(self) -> list[bytes]:
        """Return what is left when no more will come."""
        ...


class LineFrames:
    """One frame a line, as in NDJSON. Empty lines are none."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the frames that the chunk completes."""
        return [line for line in self.lines(chunk) if line]

    def end(self) -> list[bytes]:
        """Return what is left when no more will come."""
        return [self._rest] if self._rest else []

    def lines(self, chunk: bytes) -> list[bytes]:
        """Return the lines that the chunk completes, without their ends.

        Raises MalformedResponseError for a line that does not end.
        """
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            raise MalformedResponseError("a line without end")
        return [line.removesuffix(b"\r") for line in lines]


class EventFrames:
    """One frame an event: the data of server-sent events, without comments and other fields."""

    def __init__(self) -> None:
        self._lines = LineFrames()
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of the events that the chunk completes."""
        return [data for line in self._lines.lines(chunk) if (data := self._take(line))]

    def end(self) -> list[bytes]:
        """Return an event that was not closed: some servers end without its blank line."""
        last = [self._take(line) for line in (*self._lines.end(), b"")]
        return [data for data in last if data]

    def _take(self, line: bytes) -> bytes:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line:
            data, self._data = b"\n".join(self._data), []
            return data
        return b""


async def json_objects(
    read: Callable[[], Awaitable[bytes]], frames: Frames
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield each frame as an object, up to `[DONE]`; a few unreadable ones are skipped.

    `read` returns no bytes at the end. Raises MalformedResponseError at the third unreadable one.
    """
    unreadable = 0
    ended = False
    while not ended:
        chunk = await read()
        ended = not chunk
        for frame in frames.end() if ended else frames.feed(chunk):
            if frame == b"[DONE]":
                return
            found = _object(frame)
            if found is not None:
                yield found
                continue
            unreadable += 1
            if unreadable > MAX_UNREADABLE:
                raise MalformedResponseError("too many unreadable events")


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None

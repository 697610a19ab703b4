"""What happens in the workspace, as it happens, for whoever watches it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Happening:
    """One change; `kind` is message, message_changed, message_deleted, ephemeral, view …"""

    kind: str
    channel: str
    data: dict[str, Any]


class Feed:
    """Hands each happening to all who watch; a watcher that falls far behind is let go."""

    def __init__(self, backlog: int = 1_000) -> None:
        self._backlog = backlog
        self._watchers: set[asyncio.Queue[Happening | None]] = set()

    def publish(self, kind: str, channel: str, data: dict[str, Any]) -> None:
        for watcher in list(self._watchers):
            if watcher.qsize() >= self._backlog:
                self._let_go(watcher)
            else:
                watcher.put_nowait(Happening(kind, channel, data))

    def close(self) -> None:
        """End every watch."""
        for watcher in list(self._watchers):
            self._let_go(watcher)

    @contextlib.contextmanager
    def watch(self) -> Iterator[AsyncIterator[Happening]]:
        """Yield the happenings from now on; they end when the feed closes."""
        queue: asyncio.Queue[Happening | None] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            yield _until_none(queue)
        finally:
            self._watchers.discard(queue)

    def _let_go(self, watcher: asyncio.Queue[Happening | None]) -> None:
        self._watchers.discard(watcher)
        watcher.put_nowait(None)


async def _until_none(queue: asyncio.Queue[Happening | None]) -> AsyncIterator[Happening]:
    while (happening := await queue.get()) is not None:
        yield happening

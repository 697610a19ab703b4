"""The port through which work is started once by key; in this process only."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.telemetry import whereabouts

logger = logging.getLogger(__name__)

REMEMBERED_KEYS = 10_000
"""Slack's last retry of an event comes after six minutes; this many keys last far longer."""


class Jobs(Protocol):
    """Starts each key's work at most once, however often and in whatever order it is asked for."""

    def start(self, key: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Start `work` in the background; False where this key was already started."""
        ...

    async def drain(self, timeout: float) -> None:
        """Take no new work, wait for what runs, then end what is left."""
        ...


class InProcessJobs:
    """Jobs as asyncio tasks: forgotten when the process ends."""

    def __init__(self, *, limit: int = 100) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(limit)
        self._open = True

    def start(self, key: str, work: Callable[[], Awaitable[None]]) -> bool:
        if not self._open or key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > REMEMBERED_KEYS:
            self._keys.popitem(last=False)
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    @property
    def running(self) -> int:
        """How many jobs are started and not yet over."""
        return len(self._tasks)

    async def drain(self, timeout: float) -> None:
        self._open = False
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        async with self._slots:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the job boundary: nobody awaits this task
                logger.error("a job failed: %s", whereabouts(error))

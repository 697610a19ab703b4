"""A timeout for many short waits one after the other: one timer for all of them.

`asyncio.timeout` sets and cancels a timer for each wait, which for a stream of a thousand pieces
costs a third of the reading. Here a timer is left to ring early, and is then set anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


class RangError(Exception):
    """The time was over before the result came; the wait was cancelled."""


class Alarm:
    """Waits in one task at a time; close it when nothing is waited for any more."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._waiting: asyncio.Task[object] | None = None
        self._rang = False

    async def wait(self, upcoming: Awaitable[Result], seconds: float) -> Result:
        """Return what comes, or raise RangError after so many seconds.

        A cancellation from elsewhere goes its way, as it does with `asyncio.timeout`.
        """
        task = asyncio.current_task()
        assert task is not None, "waits in a task"
        cancelling = task.cancelling()
        self._waiting = task
        self._set(self._loop.time() + seconds)
        try:
            return await upcoming
        except asyncio.CancelledError:
            if self._rang and task.uncancel() <= cancelling:
                raise RangError from None
            raise
        finally:
            self._waiting = None
            self._rang = False

    def close(self) -> None:
        """Put the timer away. Idempotent."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, due: float) -> None:
        self._due = due
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._ring)
        elif due < self._timer.when():
            self._timer.cancel()
            self._timer = self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._waiting is None:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._ring)
            return
        self._rang = True
        self._waiting.cancel()

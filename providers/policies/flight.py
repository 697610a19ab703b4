"""The same request by several at once: one call, whose events all of them read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast

from providers.base import StreamEvent

Start = Callable[[], AsyncIterator[StreamEvent]]


class _Flight:
    """A call in a task of its own, and all that it has said so far."""

    def __init__(self, start: Start) -> None:
        self.readers = 0
        self._events: list[StreamEvent] = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._pump(start))
        self._task.add_done_callback(lambda _: self._tell())

    async def read(self) -> AsyncIterator[StreamEvent]:
        """Yield everything from the beginning, each reader at its own pace."""
        position = 0
        while True:
            while position < len(self._events):
                yield self._events[position]
                position += 1
            if self._task.done():
                break
            await self._news.wait()
        error = self._task.exception()
        if error is not None:
            # Each reader raises it: without this each would lengthen the same traceback.
            raise error.with_traceback(None)

    async def end(self) -> None:
        """End the call, and wait until its stream is closed."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _pump(self, start: Start) -> None:
        async with aclosing(cast("Any", start())) as events:
            async for event in events:
                self._events.append(event)
                self._tell()

    def _tell(self) -> None:
        # Those who wait now are woken; who comes later waits for the next.
        self._news.set()
        self._news = asyncio.Event()


class Flights:
    """The calls that are under way, by what they ask."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight] = {}

    async def join(self, key: str, start: Start) -> AsyncIterator[StreamEvent]:
        """Yield the events of the call that is under way for this key, or of a new one.

        Raises what the call raises. A reader may leave at any time; with the last one the call
        ends.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(start)
        flight.readers += 1
        try:
            async with aclosing(cast("Any", flight.read())) as events:
                async for event in events:
                    yield event
        finally:
            flight.readers -= 1
            if not flight.readers:
                if self._flights.get(key) is flight:
                    del self._flights[key]
                await flight.end()

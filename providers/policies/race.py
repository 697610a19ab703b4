"""Two attempts at once: the first content wins, and the other one is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import cast

from providers.base import StreamEvent
from providers.errors import ProviderError
from providers.policies.attempt import LiveAttempt


class Runner:
    """An attempt whose first event is being waited for in a task of its own."""

    def __init__(self, live: LiveAttempt) -> None:
        self.live = live
        self.events = cast("AsyncGenerator[StreamEvent]", live.events())
        self.first = asyncio.create_task(self._first())

    async def close(self) -> None:
        """End the request, whatever it is doing."""
        self.first.cancel()
        await asyncio.gather(self.first, return_exceptions=True)
        await self.events.aclose()

    async def _first(self) -> StreamEvent:
        return await anext(self.events)


class Race:
    """`start_second` returns an attempt, or None where there is nobody to ask.

    `dropped` is told of an attempt that lost, with its error where it failed by itself.
    """

    def __init__(
        self,
        first: LiveAttempt,
        patience: float,
        start_second: Callable[[], Awaitable[LiveAttempt | None]],
        dropped: Callable[[LiveAttempt, ProviderError | None], None],
    ) -> None:
        self._first = first
        self._patience = patience
        self._start_second = start_second
        self._dropped = dropped

    async def events(
        self, started: Callable[[LiveAttempt], StreamEvent]
    ) -> AsyncIterator[StreamEvent]:
        """Yield the winner's events, and what `started` makes of a second attempt.

        Raises the ProviderError of the attempt that was the last to fail.
        """
        runners = [Runner(self._first)]
        try:
            await asyncio.wait([runners[0].first], timeout=self._patience)
            if not runners[0].first.done():
                second = await self._start_second()
                if second is not None:
                    runners.append(Runner(second))
                    yield started(second)
            winner = await self._winner(runners)
            yield winner.first.result()
            async for event in winner.events:
                yield event
        finally:
            for runner in runners:
                await runner.close()

    async def _winner(self, runners: list[Runner]) -> Runner:
        racing = list(runners)
        while True:
            await asyncio.wait(
                [runner.first for runner in racing], return_when=asyncio.FIRST_COMPLETED
            )
            done = next(runner for runner in racing if runner.first.done())
            error = done.first.exception()
            if error is None or len(racing) == 1:
                await self._drop_others(racing, done)
                return done
            racing.remove(done)
            if not isinstance(error, ProviderError):
                raise error
            self._dropped(done.live, error)

    async def _drop_others(self, racing: list[Runner], winner: Runner) -> None:
        for runner in racing:
            if runner is not winner:
                await runner.close()
                self._dropped(runner.live, None)

"""How often a method may be called: one token bucket for all runs of a workspace."""

from __future__ import annotations

import asyncio
import time

from bot.slack.calls import Clock, Sleep


class RateBudget:
    """Tokens that come back at a steady rate; a pause holds everybody.

    Waiting is first come, first served, except for urgent calls: they go at once, and those
    who wait pay for it.
    """

    def __init__(
        self,
        per_minute: float,
        *,
        burst: float = 5,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._sleep = sleep
        self._clock = clock
        self._tokens = burst
        self._counted_at = clock()
        self._paused_until = 0.0
        self._queue = asyncio.Lock()

    def pause(self, seconds: float) -> None:
        """Hold all calls for as long as Slack said."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    async def take(self, *, urgent: bool = False) -> None:
        """Wait for a token."""
        if urgent:
            await self._wait_until_free(needed=-self._burst)
            return
        async with self._queue:
            await self._wait_until_free(needed=1)

    async def _wait_until_free(self, needed: float) -> None:
        while (wait := self._wait(needed)) > 0:
            await self._sleep(wait)
        self._tokens -= 1

    def _wait(self, needed: float) -> float:
        now = self._clock()
        earned = (now - self._counted_at) * self._per_second
        self._tokens = min(self._burst, self._tokens + earned)
        self._counted_at = now
        return max(self._paused_until - now, (needed - self._tokens) / self._per_second)

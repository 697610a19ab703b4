"""Our own limits at one provider: requests at once, requests and tokens a minute.

Token buckets of our own: a limiter has to say how long a wait would be before anybody waits, so
that another provider can be asked instead; the libraries for it only wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """None is "as many as anybody likes"."""

    concurrent: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


class _Bucket:
    """Fills up evenly within a minute; may be overdrawn, and is then waited for."""

    def __init__(self, a_minute: float, clock: Callable[[], float]) -> None:
        self._size = a_minute
        self._clock = clock
        self._level = a_minute
        self._at = clock()

    def wait(self, amount: float) -> float:
        """Return the seconds until so much is there; more than fits needs a full bucket."""
        self._fill()
        missing = min(amount, self._size) - self._level
        return max(0.0, missing * _MINUTE / self._size)

    def take(self, amount: float) -> None:
        self._fill()
        self._level -= amount

    def give_back(self, amount: float) -> None:
        self._fill()
        self._level = min(self._size, self._level + amount)

    def _fill(self) -> None:
        now = self._clock()
        self._level = min(self._size, self._level + (now - self._at) * self._size / _MINUTE)
        self._at = now


class Limiter:
    """Times are seconds of the given clock. A place that was got is given up by `leave`."""

    def __init__(self, limits: RateLimits, clock: Callable[[], float]) -> None:
        self._places = limits.concurrent
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._requests = _bucket(limits.requests_per_minute, clock)
        self._tokens = _bucket(limits.tokens_per_minute, clock)

    @property
    def free(self) -> bool:
        """Whether a place could be had at once."""
        return self._places is None or (self._taken < self._places and not self._waiting)

    def wait(self, tokens: int) -> float:
        """Return the seconds until the rates allow a request of so many tokens."""
        waits = [0.0]
        if self._requests is not None:
            waits.append(self._requests.wait(1))
        if self._tokens is not None:
            waits.append(self._tokens.wait(tokens))
        return max(waits)

    def take(self, tokens: int) -> None:
        """Count a request now, whenever it is sent: who comes next waits for longer."""
        if self._requests is not None:
            self._requests.take(1)
        if self._tokens is not None:
            self._tokens.take(tokens)

    def undo(self, tokens: int) -> None:
        """Take back a request that was counted and not sent."""
        if self._requests is not None:
            self._requests.give_back(1)
        self.correct(tokens, 0)

    def correct(self, estimated: int, actual: int) -> None:
        """Replace the tokens that were counted by those that the vendor counted."""
        if self._tokens is not None:
            self._tokens.give_back(estimated - actual)

    async def slot(self, seconds: float) -> bool:
        """Wait for a place, first come first served, at most so long; say whether it was got."""
        if self.free:
            self._taken += 1
            return True
        if seconds <= 0:
            return False
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            async with asyncio.timeout(seconds):
                await mine
        except TimeoutError:
            return self._gave_up(mine)
        except asyncio.CancelledError:
            if self._gave_up(mine):
                self.leave()
            raise
        return True

    def leave(self) -> None:
        """Give a place up, to who has waited the longest."""
        while self._waiting:
            next_one = self._waiting.popleft()
            if not next_one.done():
                next_one.set_result(None)
                return
        self._taken = max(0, self._taken - 1)

    def _gave_up(self, mine: asyncio.Future[None]) -> bool:
        """Say whether the place came all the same, in the moment of giving up."""
        if mine.done() and not mine.cancelled():
            return True
        if mine in self._waiting:
            self._waiting.remove(mine)
        return False


def _bucket(a_minute: int | None, clock: Callable[[], float]) -> _Bucket | None:
    return None if a_minute is None else _Bucket(a_minute, clock)

"""When a second provider is asked beside the first: rarely, and within a budget."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

_WINDOW = 200
"""The share is that of the last so many calls: what was saved up long ago is not spent at once.

It then holds for all calls as well: they are windows that each hold it, and a shorter first one.
"""


@dataclass(frozen=True, slots=True)
class Hedging:
    """`share` of the calls, and `day_usd` a UTC day, may go to a second provider.

    No call is hedged before `least_samples` of the first one's answers are known.
    """

    share: float = 0.05
    day_usd: float = 1.0
    least_samples: int = 20


class HedgeBudget:
    """Counts calls and what second requests cost; `wall_clock` gives seconds since 1970.

    Many calls may be late at the same time: ask whether one more is `affordable` when it is about
    to be sent, and tell that it was `hedged` before anything else can run.
    """

    def __init__(self, hedging: Hedging, wall_clock: Callable[[], float]) -> None:
        self._hedging = hedging
        self._wall_clock = wall_clock
        self._calls = 0
        self._hedged_at: deque[int] = deque()
        self._day = self._today()
        self._spent = 0.0

    @property
    def affordable(self) -> bool:
        """Whether one more second request is within the share and the money of the day."""
        self._turn_the_day()
        while self._hedged_at and self._hedged_at[0] <= self._calls - _WINDOW:
            self._hedged_at.popleft()
        share = self._hedging.share * min(self._calls, _WINDOW)
        return len(self._hedged_at) + 1 <= share and self._spent < self._hedging.day_usd

    def patience(self, p95: float | None, samples: int) -> float | None:
        """Return the seconds after which a second one is asked; None is never."""
        if p95 is None or samples < self._hedging.least_samples or not self.affordable:
            return None
        return p95

    def called(self) -> None:
        """Count a call."""
        self._calls += 1

    def hedged(self) -> None:
        """Count a second request."""
        self._hedged_at.append(self._calls)

    def spent(self, usd: float | None) -> None:
        """Count what a second request cost; nothing where no price is known."""
        self._turn_the_day()
        self._spent += usd or 0.0

    def _turn_the_day(self) -> None:
        today = self._today()
        if today != self._day:
            self._day, self._spent = today, 0.0

    def _today(self) -> date:
        return datetime.fromtimestamp(self._wall_clock(), UTC).date()

"""When a second provider is asked beside the first: rarely, and within a budget."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

_WINDOW = 200
"""The share is that of the last so many calls: what was saved up long ago is not spent at once."""


@dataclass(frozen=True, slots=True)
class Hedging:
    """`share` of the calls, and `day_usd` a UTC day, may go to a second provider.

    No call is hedged before `least_samples` of the first one's answers are known.
    """

    share: float = 0.05
    day_usd: float = 1.0
    least_samples: int = 20


class HedgeBudget:
    """Counts calls and what second requests cost; `wall_clock` gives seconds since 1970."""

    def __init__(self, hedging: Hedging, wall_clock: Callable[[], float]) -> None:
        self._hedging = hedging
        self._wall_clock = wall_clock
        self._calls: deque[bool] = deque(maxlen=_WINDOW)
        self._day = self._today()
        self._spent = 0.0

    def patience(self, p95: float | None, samples: int) -> float | None:
        """Return the seconds after which a second one is asked; None is never."""
        if p95 is None or samples < self._hedging.least_samples or not self._affordable:
            return None
        return p95

    def called(self) -> None:
        """Count a call."""
        self._calls.append(False)

    def hedged(self) -> None:
        """Count that the latest call got a second request."""
        if self._calls:
            self._calls[-1] = True

    def spent(self, usd: float | None) -> None:
        """Count what a second request cost; nothing where no price is known."""
        self._turn_the_day()
        self._spent += usd or 0.0

    @property
    def _affordable(self) -> bool:
        self._turn_the_day()
        hedged = sum(self._calls) + 1
        return hedged <= self._hedging.share * len(self._calls) and (
            self._spent < self._hedging.day_usd
        )

    def _turn_the_day(self) -> None:
        today = self._today()
        if today != self._day:
            self._day, self._spent = today, 0.0

    def _today(self) -> date:
        return datetime.fromtimestamp(self._wall_clock(), UTC).date()

"""What may be spent in a UTC day, by all and by each user; the sums are kept by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Budget:
    """USD a UTC day; None is no limit."""

    day_usd: float | None = None
    user_usd: float | None = None


class UsageLedger(Protocol):
    """Keeps what was spent; `user` is "" for all together."""

    def spent(self, day: date, user: str) -> float:
        """Return the USD of a day."""
        ...

    def add(self, day: date, user: str, usd: float) -> None:
        """Add to a day."""
        ...


class MemoryLedger:
    """Knows the day that was added to last, and forgets those before."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._spent: dict[str, float] = {}

    def spent(self, day: date, user: str) -> float:
        """Return the USD of a day."""
        return self._spent.get(user, 0.0) if day == self._day else 0.0

    def add(self, day: date, user: str, usd: float) -> None:
        """Add to a day."""
        if day != self._day:
            self._day, self._spent = day, {}
        self._spent[user] = self._spent.get(user, 0.0) + usd


class BudgetKeeper:
    """Says whether there is money left; `wall_clock` gives seconds since 1970.

    What is under way is not counted yet: a budget may be passed by the requests that run.
    """

    def __init__(
        self, budget: Budget, ledger: UsageLedger, wall_clock: Callable[[], float]
    ) -> None:
        self._budget = budget
        self._ledger = ledger
        self._wall_clock = wall_clock

    def refusal(self, user: str) -> str:
        """Return why nothing more may be spent, in words for a reader, or ""."""
        limit = self._budget.day_usd
        if limit is not None and self._ledger.spent(self._today(), "") >= limit:
            return f"today's budget of ${limit:.2f} is spent"
        limit = self._budget.user_usd
        if user and limit is not None and self._ledger.spent(self._today(), user) >= limit:
            return f"your budget of ${limit:.2f} for today is spent"
        return ""

    def add(self, user: str, usd: float | None) -> None:
        """Count what an attempt cost; one of unknown price counts nothing."""
        if not usd:
            return
        today = self._today()
        self._ledger.add(today, "", usd)
        if user:
            self._ledger.add(today, user, usd)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._wall_clock(), UTC).date()

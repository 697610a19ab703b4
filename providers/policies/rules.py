"""What every call of one manager has in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ParamSpec

from providers.policies.budget import BudgetKeeper
from providers.policies.clocks import ClockPolicy
from providers.policies.hedging import HedgeBudget
from providers.policies.observer import Observer
from providers.pricing import Price

Told = ParamSpec("Told")


@dataclass(frozen=True, slots=True)
class Rules:
    """`clock` gives seconds, `random` [0, 1), `prices` go before the price list's.

    `data_policy` says for a class of data which providers may see it; `hold_back` is in seconds.
    """

    clocks: ClockPolicy
    max_retries: int
    hold_back: float
    data_policy: Mapping[str, frozenset[str]]
    budget: BudgetKeeper
    prices: Mapping[str, Price]
    hedging: HedgeBudget | None
    observer: Observer
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]

    def tell(self, hook: Callable[Told, None], *told: Told.args, **more: Told.kwargs) -> None:
        """Let an observer know, by way of the loop: what it raises cannot break an answer."""
        asyncio.get_running_loop().call_soon(lambda: hook(*told, **more))

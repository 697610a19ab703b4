"""In which order the providers of a chain are asked: by rank, by turns, by speed or by price."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Strategy = Literal["priority", "round_robin", "least_latency", "least_cost"]

EXPLORATION = 0.05
"""How often, by least latency, another than the fastest goes first: speeds change."""

_WEIGHT = 0.3
"""Of the latest value: about the last six make up nine tenths of the average. Our own choice."""


class Ewma:
    """An average in which the latest values count most; `value` is None before the first."""

    def __init__(self) -> None:
        self.value: float | None = None

    def add(self, latest: float) -> None:
        """Take in a value."""
        old = self.value
        self.value = latest if old is None else old + _WEIGHT * (latest - old)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider as an order sees it.

    `usable` says that a request could be sent now, `first_token` is in seconds and None where it
    was never measured, `price` is the USD of a typical call and None where it is not known.
    """

    name: str
    model: str
    usable: bool
    first_token: float | None
    price: float | None


class Router:
    """Keeps whose turn it is. `random` gives numbers in [0, 1)."""

    def __init__(
        self,
        strategy: Strategy,
        random: Callable[[], float],
        exploration: float = EXPLORATION,
    ) -> None:
        self._strategy = strategy
        self._random = random
        self._exploration = exploration
        self._turn = 0

    def order(self, candidates: Sequence[Candidate]) -> list[str]:
        """Return all names in the order to ask; who cannot be asked now comes last."""
        if self._strategy == "priority":
            return [candidate.name for candidate in candidates]
        usable = [candidate for candidate in candidates if candidate.usable]
        others = [candidate for candidate in candidates if not candidate.usable]
        return [candidate.name for candidate in [*self._arranged(usable), *others]]

    def _arranged(self, usable: list[Candidate]) -> list[Candidate]:
        if self._strategy == "round_robin":
            return self._rotated(usable)
        if self._strategy == "least_cost":
            return sorted(usable, key=lambda one: _known_first(one.price))
        return self._by_speed(usable)

    def _rotated(self, usable: list[Candidate]) -> list[Candidate]:
        if not usable:
            return usable
        start = self._turn % len(usable)
        self._turn += 1
        return usable[start:] + usable[:start]

    def _by_speed(self, usable: list[Candidate]) -> list[Candidate]:
        # Nobody is compared before he was measured: the unmeasured go first, in the chain's order.
        unmeasured = [one for one in usable if one.first_token is None]
        measured = sorted(
            (one for one in usable if one.first_token is not None),
            key=lambda one: _known_first(one.first_token),
        )
        if unmeasured or len(measured) < 2 or self._random() >= self._exploration:
            return unmeasured + measured
        chosen = 1 + int(self._random() * (len(measured) - 1))
        return [measured[chosen], *measured[:chosen], *measured[chosen + 1 :]]


def _known_first(value: float | None) -> tuple[bool, float]:
    return (value is None, value or 0.0)

"""How long anybody is waited for: one deadline for the chain, and clocks for each attempt.

What was given is never adapted; only a default follows what a model was seen to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

from providers.errors import ProviderError

DEADLINE_SECONDS = 90.0
FIRST_CONTENT_SECONDS = 12.0
ENOUGH_SAMPLES = 20
"""So many first contents must have been seen before the patience for the next one follows them."""

_CONNECT_SECONDS = 3.0
_CONTENT_GAP_SECONDS = 15.0
_THROUGHPUT_WINDOW_SECONDS = 10.0
_COLD_FACTOR = 4.0
_P95_FACTOR = 4.0
_ADAPTED_SECONDS = (6.0, 36.0)
_RESERVE_SHARE = 0.15
_LEAST_SHARE_OF_RESERVE = 0.1


class DeadlineExceededError(ProviderError):
    """The attempt's share of the chain's deadline is spent."""

    kind = "deadline"
    phrase = "ran out of time"


@dataclass(frozen=True, slots=True)
class Clocks:
    """What somebody asked for, in seconds and tokens a second; None is "not given"."""

    connect: float | None = None
    first_content: float | None = None
    content_gap: float | None = None
    min_throughput: float | None = None
    throughput_window: float | None = None

    def over(self, general: Clocks) -> Clocks:
        """Return these where they were given, else the general ones."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(general, **{name: it for name, it in given.items() if it is not None})


@dataclass(frozen=True, slots=True)
class Limits:
    """The clocks of one attempt: seconds, and `min_throughput` in tokens a second, 0 for none."""

    connect: float = _CONNECT_SECONDS
    first_content: float = FIRST_CONTENT_SECONDS
    content_gap: float = _CONTENT_GAP_SECONDS
    min_throughput: float = 0.0
    throughput_window: float = _THROUGHPUT_WINDOW_SECONDS


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model was seen to begin; `cold` says that it may have to be loaded first."""

    p95_first_content: float | None = None
    samples: int = 0
    cold: bool = False


class ClockPolicy:
    """Settles the clocks of each attempt; `by_provider` goes before `general`."""

    def __init__(
        self, deadline: float, general: Clocks, by_provider: Mapping[str, Clocks] | None = None
    ) -> None:
        self.deadline = deadline
        self._general = general
        self._by_provider = by_provider or {}

    @property
    def reserve(self) -> float:
        """Seconds that are kept for each provider that may still follow: a fair chance."""
        first_content = self._general.first_content or FIRST_CONTENT_SECONDS
        return min(_RESERVE_SHARE * self.deadline, first_content)

    def limits(self, provider: str, pace: Pace) -> Limits:
        """Return the clocks for an attempt at a provider, by its name in the chain."""
        given = self._by_provider.get(provider, Clocks()).over(self._general)
        usual = Limits(first_content=_patience(pace))
        named = {field.name: getattr(given, field.name) for field in fields(given)}
        return replace(usual, **{name: it for name, it in named.items() if it is not None})


def _patience(pace: Pace) -> float:
    if pace.cold:
        return _COLD_FACTOR * FIRST_CONTENT_SECONDS
    if pace.p95_first_content is None or pace.samples < ENOUGH_SAMPLES:
        return FIRST_CONTENT_SECONDS
    shortest, longest = _ADAPTED_SECONDS
    return min(longest, max(shortest, _P95_FACTOR * pace.p95_first_content))


class Deadline:
    """The end of one call, divided so that every provider still to come stays reachable.

    `used` are the seconds that an earlier part of the call has taken.
    """

    def __init__(self, policy: ClockPolicy, clock: Callable[[], float], used: float = 0.0) -> None:
        self._reserve = policy.reserve
        self._clock = clock
        self._ends = clock() + policy.deadline - used

    @property
    def remaining(self) -> float:
        """Seconds until the end, never negative."""
        return max(0.0, self._ends - self._clock())

    @property
    def spent(self) -> bool:
        """Whether too little is left to ask anyone."""
        return self.remaining <= self._reserve * _LEAST_SHARE_OF_RESERVE

    @property
    def fair_chance(self) -> float:
        """Seconds of silence after which even a cut-off provider is to blame."""
        return self._reserve

    @property
    def spare(self) -> float:
        """Seconds that may be spent on waiting before somebody is asked at last."""
        return max(0.0, self.remaining - self._reserve)

    def share(self, following: int) -> float:
        """Return the seconds an attempt may take with so many providers to come after it.

        That is all but a reserve for each of those, or an equal part where that is more.
        """
        remaining = self.remaining
        return max(remaining - self._reserve * following, remaining / (following + 1))

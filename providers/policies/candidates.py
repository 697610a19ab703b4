"""Who may still be asked within one call, and in which order."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from providers.errors import ContextOverflowError, ProviderError
from providers.policies.correlation import spread
from providers.policies.route import Route
from providers.policies.windows import fits


class Candidates:
    """The routes of a chain, in the order to ask them; each is handed out once.

    One that could not be asked when its turn came may be put aside, to be asked after all where
    nobody else has an answer.
    """

    def __init__(self, routes: Sequence[Route], *, is_packed: bool = False) -> None:
        self._pending = deque(routes)
        self._is_packed = is_packed
        self._aside: list[Route] = []
        self._overflown: list[int | None] = []

    @property
    def usable(self) -> int:
        """How many of those to come could be sent a request now."""
        return sum(route.usable and self.fits(route) for route in self._pending)

    def next(self) -> Route | None:
        """Hand out the next one."""
        return self._pending.popleft() if self._pending else None

    def put_aside(self, route: Route) -> None:
        """Keep one for the end."""
        self._aside.append(route)

    def fits(self, route: Route) -> bool:
        """Say whether a prompt that was too long for others may fit this one."""
        return fits(route.window, self._overflown, is_packed=self._is_packed)

    def failed(self, route: Route, error: ProviderError) -> None:
        """Put those that fail together with it behind the others."""
        if isinstance(error, ContextOverflowError):
            self._overflown.append(route.window)
        pending = {other.name: other for other in self._pending}
        domains = [(other.name, other.domain) for other in self._pending]
        self._pending = deque(pending[name] for name in spread(domains, route.domain, error.kind))

    def soonest(self, within: float) -> tuple[Route, float] | None:
        """Hand out who can be asked in a while, and in how many seconds, if it is not too long.

        Only a limit passes by waiting; an outage does not.
        """
        waits = [(ready_in(route), number) for number, route in enumerate(self._aside)]
        known = [(wait, number) for wait, number in waits if wait is not None and wait <= within]
        if not known:
            return None
        wait, number = min(known)
        return self._aside.pop(number), wait

    def least_closed(self) -> Route | None:
        """Hand out the one whose breaker lets somebody pass the soonest."""
        if not self._aside:
            return None
        route = min(self._aside, key=lambda aside: aside.breaker.reopens_in)
        self._aside.remove(route)
        return route


def ready_in(route: Route) -> float | None:
    """Return the seconds until a limit is over; None where something else stands in the way."""
    limited = route.limiter.wait(0)
    if route.breaker.admits:
        return limited
    if route.breaker.cause != "rate_limited":
        return None
    return max(limited, route.breaker.reopens_in)

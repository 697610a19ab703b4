"""One question's way along the chain: repeat, fail over or give up, and tell it as events."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, cast

from providers.base import (
    Attempt,
    AttemptStarted,
    Finished,
    LLMMessage,
    RequestScope,
    Restarted,
    StreamEvent,
)
from providers.errors import AllProvidersFailedError, ProviderError
from providers.policies.attempt import LiveAttempt
from providers.policies.breaker import Permit
from providers.policies.clocks import Deadline, DeadlineExceededError, Limits
from providers.policies.retry import Situation, wait_before_repeat
from providers.policies.route import Route

BREAKER_OPEN = "breaker_open"
_BREAKER_OPEN_PHRASE = "failed too often just now"


@dataclass(frozen=True, slots=True)
class Rules:
    """What every call of one manager has in common; `clock` gives seconds, `random` [0, 1)."""

    limits: Limits
    max_retries: int
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]


class Failover:
    """One call; `stream` may be iterated once."""

    def __init__(self, routes: Sequence[Route], rules: Rules) -> None:
        self._pending = deque(routes)
        self._passed_over: list[Route] = []
        self._rules = rules
        self._began = rules.clock()
        self._deadline = Deadline(rules.limits, rules.clock)
        self._attempts: list[Attempt] = []
        self._repeated: list[str] = []
        self._sent = 0
        self._held: tuple[Route, Permit] | None = None

    async def stream(
        self, messages: Sequence[LLMMessage], scope: RequestScope | None
    ) -> AsyncIterator[StreamEvent]:
        """Yield the events of each attempt and, at last, `Finished` with all of them.

        Raises AllProvidersFailedError, or the error itself where asking elsewhere would not do.
        """
        failure: ProviderError | None = None
        try:
            live = await self._next_attempt()
            while live is not None:
                yield self._started(live)
                try:
                    async with aclosing(cast("Any", live.events(messages, scope))) as events:
                        async for event in events:
                            # Settled now: whoever has the end may never ask for more.
                            yield self._end(live, event) if isinstance(event, Finished) else event
                    return
                except ProviderError as error:
                    failure = error
                attempt = self._settle_failure(live, failure)
                wait = self._wait_before_repeat(live, failure)
                following = await self._next_attempt() if wait is None else None
                if wait is not None or following is not None:
                    yield _restarted(attempt)
                live = following if wait is None else await self._repeat(live.route, wait)
        finally:
            self._release()
        raise AllProvidersFailedError(tuple(self._attempts)) from failure

    async def _next_attempt(self) -> LiveAttempt | None:
        self._repeated.clear()
        while self._pending:
            route = self._pending.popleft()
            permit = await self._admit(route)
            if permit is not None:
                return self._live(route, permit)
        return self._last_resort()

    async def _admit(self, route: Route) -> Permit | None:
        if self._deadline.spent:
            self._skip(route, DeadlineExceededError.kind, DeadlineExceededError.phrase)
            return None
        try:
            await route.initialize()
        except ProviderError as error:
            self._skip(route, error.kind, error.phrase)
            return None
        permit = route.breaker.acquire()
        if permit is None:
            self._passed_over.append(route)
            self._skip(route, BREAKER_OPEN, _BREAKER_OPEN_PHRASE)
        return permit

    def _last_resort(self) -> LiveAttempt | None:
        if self._sent or not self._passed_over or self._deadline.spent:
            return None
        route = min(self._passed_over, key=lambda route: route.breaker.reopens_in)
        permit = route.breaker.acquire(last_resort=True)
        return self._live(route, permit) if permit else None

    async def _repeat(self, route: Route, wait: float) -> LiveAttempt | None:
        await self._rules.sleep(wait)
        permit = route.breaker.acquire(last_resort=not self._alternatives)
        if permit is not None:
            return self._live(route, permit)
        self._skip(route, BREAKER_OPEN, _BREAKER_OPEN_PHRASE)
        return await self._next_attempt()

    def _wait_before_repeat(self, live: LiveAttempt, error: ProviderError) -> float | None:
        alternatives = self._alternatives
        situation = Situation(
            content_seen=live.content_seen,
            repeated=tuple(self._repeated),
            max_retries=self._rules.max_retries,
            alternative=alternatives > 0,
            budget=self._deadline.share(alternatives),
        )
        wait = wait_before_repeat(error, situation, self._rules.random)
        if wait is None or (alternatives and live.route.breaker.reopens_in > wait):
            return None
        self._repeated.append(error.kind)
        return wait

    @property
    def _alternatives(self) -> int:
        return sum(route.usable for route in self._pending)

    def _live(self, route: Route, permit: Permit) -> LiveAttempt:
        self._held = (route, permit)
        self._sent += 1
        route.health.started()
        return LiveAttempt(
            route,
            permit,
            limits=self._rules.limits,
            share=self._deadline.share(self._alternatives),
            clock=self._rules.clock,
        )

    def _settle_failure(self, live: LiveAttempt, error: ProviderError) -> Attempt:
        attempt = live.record(error.kind, error.phrase)
        self._attempts.append(attempt)
        self._held = None
        live.route.failed(live.permit, attempt, error)
        if not error.failover:
            error.attempts = tuple(self._attempts)
            raise error
        return attempt

    def _end(self, live: LiveAttempt, finished: Finished) -> Finished:
        attempt = live.record("ok")
        self._attempts.append(attempt)
        self._held = None
        live.route.succeeded(live.permit, attempt)
        latency = self._rules.clock() - self._began
        before_attempt = latency - attempt.seconds
        first_token = attempt.time_to_first_token
        return replace(
            finished,
            provider=live.route.name,
            latency_seconds=latency,
            time_to_first_token=None if first_token is None else before_attempt + first_token,
            cost_usd=_total_cost(self._attempts),
            attempts=tuple(self._attempts),
        )

    def _started(self, live: LiveAttempt) -> AttemptStarted:
        return AttemptStarted(live.route.name, live.route.provider.model, self._sent)

    def _skip(self, route: Route, outcome: str, phrase: str) -> None:
        model = route.provider.model
        self._attempts.append(Attempt(route.name, model, outcome, phrase=phrase, skipped=True))

    def _release(self) -> None:
        if self._held is not None:
            route, permit = self._held
            route.breaker.release(permit)


def _total_cost(attempts: Sequence[Attempt]) -> float | None:
    known = [attempt.cost_usd for attempt in attempts if attempt.cost_usd is not None]
    return sum(known) if known else None


def _restarted(failed: Attempt) -> Restarted:
    return Restarted(failed.provider, failed.outcome, failed.phrase, failed.discarded_characters)

"""One question's way along the chain: repeat, fail over or give up, and tell it as events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from providers.base import (
    Attempt,
    AttemptStarted,
    Finished,
    Restarted,
    StreamEvent,
)
from providers.errors import AllProvidersFailedError, ProviderError
from providers.policies.admission import (
    BREAKER_OPEN,
    LIMIT,
    Admission,
    Skip,
    may_see,
    user_of,
)
from providers.policies.attempt import LiveAttempt, Question
from providers.policies.candidates import Candidates
from providers.policies.clocks import Deadline
from providers.policies.holdback import HoldBack
from providers.policies.race import Race
from providers.policies.rejection import restarted, way_to
from providers.policies.retry import Situation, wait_before_repeat
from providers.policies.route import Pass, Route
from providers.policies.rules import Rules
from providers.prompts import Prompt

CANCELLED = "cancelled"


class Failover:
    """One call; `stream` may be iterated once."""

    def __init__(self, routes: Sequence[Route], rules: Rules, question: Question) -> None:
        self._rules = rules
        self._question = question
        rejected = question.rejected
        used = rejected.latency_seconds if rejected else 0.0
        self._began = rules.clock() - used
        self._deadline = Deadline(rules.clocks, rules.clock, used)
        self._trail: list[Attempt] = list(way_to(rejected)) if rejected else []
        is_packed = isinstance(question.messages, Prompt)
        self._candidates = Candidates(self._allowed(routes), is_packed=is_packed)
        self._admission = Admission(rules, question, self._deadline, self._candidates)
        self._repeated: list[str] = []
        self._sent = sum(not attempt.skipped for attempt in self._trail)
        self._in_flight: list[LiveAttempt] = []

    async def stream(self) -> AsyncIterator[StreamEvent]:
        """Yield the events of each attempt and, at last, `Finished` with the whole trail.

        Raises AllProvidersFailedError, or the error itself where asking elsewhere would not do.
        """
        failure: ProviderError | None = None
        try:
            live = await self._next()
            if self._question.rejected and live is not None:
                self._tell_failover(self._trail[-1], live)
                yield restarted(self._question.rejected)
            while live is not None:
                hold = HoldBack(self._rules.hold_back, self._rules.clock)
                yield self._started(live)
                try:
                    async with aclosing(cast("Any", self._events(live))) as events:
                        async with aclosing(cast("Any", hold.first(events))) as firsts:
                            async for event in firsts:
                                yield self._told(event)
                        async for event in events:
                            yield self._told(event)
                    return
                except ProviderError as error:
                    failure = error
                live = self._in_flight[-1]
                shown = live.characters if hold.released else 0
                attempt = self._settle(live, failure)
                wait = self._wait_before_repeat(live, failure)
                following = await self._next() if wait is None else None
                if wait is not None or following is not None:
                    self._tell_failover(attempt, following)
                    yield _restarted(attempt, shown)
                live = following if wait is None else await self._repeat(live.route, wait)
        finally:
            self._abandon()
        raise self._given_up(AllProvidersFailedError(tuple(self._trail))) from failure

    def _allowed(self, routes: Sequence[Route]) -> list[Route]:
        allowed = []
        rejected = self._question.rejected
        for route in routes:
            if rejected and route.name == rejected.provider:
                continue
            skip = may_see(route, self._rules, self._question.scope)
            if skip is None:
                allowed.append(route)
            else:
                self._skip(route, skip)
        return allowed

    async def _next(self, reason: str = "next") -> LiveAttempt | None:
        self._repeated.clear()
        while (route := self._candidates.next()) is not None:
            granted = await self._admission.admit(route)
            if isinstance(granted, Pass):
                return self._begin(route, granted, reason)
            self._pass_over(route, granted)
        return await self._last_resort()

    async def _last_resort(self) -> LiveAttempt | None:
        """Ask who was passed over: after its limit is over, or through an open breaker."""
        if self._deadline.spent:
            return None
        route, wait = self._candidates.soonest(self._deadline.spare) or (None, 0.0)
        if route is None and not self._sent:
            route = self._candidates.least_closed()
        if route is None:
            return None
        if wait:
            await self._rules.sleep(wait)
        granted = await self._admission.grant(
            route, patience=self._deadline.remaining, last_resort=True
        )
        if isinstance(granted, Skip):
            return None
        waited = replace(granted, waited=granted.waited + wait)
        return self._begin(route, waited, "last_resort")

    async def _repeat(self, route: Route, wait: float) -> LiveAttempt | None:
        await self._rules.sleep(wait)
        granted = await self._admission.grant(
            route,
            patience=self._deadline.share(self._candidates.usable),
            last_resort=not self._candidates.usable,
        )
        if isinstance(granted, Skip):
            self._skip(route, granted)
            return await self._next()
        waited = replace(granted, waited=granted.waited + wait)
        return self._begin(route, waited, "repeat")

    def _wait_before_repeat(self, live: LiveAttempt, error: ProviderError) -> float | None:
        alternatives = self._candidates.usable
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

    def _begin(self, route: Route, granted: Pass, reason: str) -> LiveAttempt:
        self._sent += 1
        if granted.permit.trial:
            reason = "trial"
        elif self._sent == 1 and not self._trail:
            reason = "first"
        live = LiveAttempt(
            route,
            granted,
            self._question,
            rules=self._rules,
            deadline=self._deadline,
            following=self._candidates.usable,
            reason=reason,
        )
        self._in_flight.append(live)
        return live

    def _events(self, live: LiveAttempt) -> AsyncIterator[StreamEvent]:
        hedging, pace = self._rules.hedging, live.route.pace
        if hedging is None:
            return live.events()
        if self._sent == 1:
            hedging.called()
        patience = hedging.patience(pace.p95_first_content, pace.samples)
        if patience is None or not self._candidates.usable:
            return live.events()
        return self._raced(live, patience)

    async def _raced(self, live: LiveAttempt, patience: float) -> AsyncIterator[StreamEvent]:
        race = Race(live, patience, self._hedge, self._dropped)
        async with aclosing(cast("Any", race.events(self._started))) as events:
            async for event in events:
                yield event

    async def _hedge(self) -> LiveAttempt | None:
        hedging = self._rules.hedging
        # Asked anew: others that are late too may have used up what there was.
        if hedging is None or not hedging.affordable:
            return None
        route = self._candidates.next()
        if route is None:
            return None
        first = self._in_flight[-1]
        hedging.hedged()
        granted = await self._admission.admit(route)
        if isinstance(granted, Skip):
            self._pass_over(route, granted)
            return None
        second = self._begin(route, granted, "hedge")
        # Now: whoever loses has said nothing, and its vendor tells nobody what that cost.
        hedging.spent(max(first.prompt_cost or 0.0, second.prompt_cost or 0.0))
        return second

    def _dropped(self, live: LiveAttempt, error: ProviderError | None) -> None:
        if error is not None:
            self._record(live, error)
            return
        attempt = live.record(CANCELLED, "was overtaken")
        self._in_flight.remove(live)
        live.route.abandoned(live.granted, attempt)
        self._note(attempt)

    def _settle(self, live: LiveAttempt, error: ProviderError) -> Attempt:
        attempt = self._record(live, error)
        self._candidates.failed(live.route, error)
        if not error.failover:
            error.attempts = tuple(self._trail)
            raise self._given_up(error)
        return attempt

    def _record(self, live: LiveAttempt, error: ProviderError) -> Attempt:
        attempt = live.record(error.kind, error.phrase)
        self._in_flight.remove(live)
        live.route.failed(live.granted, attempt, error)
        self._note(attempt)
        return attempt

    def _told(self, event: StreamEvent) -> StreamEvent:
        # Settled now: whoever has the end may never ask for more.
        return self._end(event) if isinstance(event, Finished) else event

    def _end(self, finished: Finished) -> Finished:
        live = self._in_flight.pop()
        attempt = live.record("ok")
        live.route.succeeded(live.granted, attempt)
        self._note(attempt)
        latency = self._rules.clock() - self._began
        before_attempt = latency - attempt.seconds
        first_token = attempt.time_to_first_token
        whole = replace(
            finished,
            provider=live.route.name,
            latency_seconds=latency,
            time_to_first_token=None if first_token is None else before_attempt + first_token,
            cost_usd=total_cost(self._trail),
            attempts=tuple(self._trail),
        )
        self._rules.tell(self._rules.observer.answered, whole)
        return whole

    def _note(self, attempt: Attempt) -> None:
        self._trail.append(attempt)
        self._rules.budget.add(user_of(self._question.scope), attempt.cost_usd)
        self._rules.tell(self._rules.observer.attempt_ended, attempt)

    def _pass_over(self, route: Route, skip: Skip) -> None:
        self._skip(route, skip)
        if skip.outcome in (BREAKER_OPEN, LIMIT):
            self._candidates.put_aside(route)

    def _skip(self, route: Route, skip: Skip) -> None:
        attempt = Attempt(
            route.name,
            route.provider.model,
            skip.outcome,
            phrase=skip.phrase,
            skipped=True,
            deadline_left=self._deadline.remaining,
        )
        self._note(attempt)

    def _started(self, live: LiveAttempt) -> AttemptStarted:
        return AttemptStarted(
            live.route.name, live.route.provider.model, self._sent, live.granted.window
        )

    def _tell_failover(self, failed: Attempt, following: LiveAttempt | None) -> None:
        if following is not None:
            self._rules.tell(self._rules.observer.failed_over, failed, following.route.name)

    def _given_up(self, error: ProviderError) -> ProviderError:
        self._rules.tell(self._rules.observer.gave_up, error)
        return error

    def _abandon(self) -> None:
        for live in self._in_flight:
            attempt = live.record(CANCELLED, "was not waited for")
            live.route.abandoned(live.granted, attempt)
            self._note(attempt)
        self._in_flight.clear()


def total_cost(attempts: Sequence[Attempt]) -> float | None:
    """Return the USD of all attempts together, the wasted ones too; None where none is known."""
    known = [attempt.cost_usd for attempt in attempts if attempt.cost_usd is not None]
    return sum(known) if known else None


def _restarted(failed: Attempt, shown: int) -> Restarted:
    return Restarted(failed.provider, failed.outcome, failed.phrase, shown)

"""A chain of language models that answers as one: `stream()` and `generate()` with fallback."""

from __future__ import annotations

import asyncio
import random as randomness
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, aclosing
from types import TracebackType
from typing import Any, Self, cast

from providers.base import (
    Attempt,
    BaseLLMProvider,
    Finished,
    LLMMessage,
    LLMProvider,
    LLMProviderFactory,
    LLMResponse,
    ProviderHealth,
    RequestScope,
    StreamEvent,
    fold,
    now,
)
from providers.errors import ConfigurationError
from providers.policies.attempt import Question
from providers.policies.breaker import Breaker
from providers.policies.budget import Budget, BudgetKeeper, MemoryLedger, UsageLedger
from providers.policies.cached import Cached
from providers.policies.chain import Choice, order, unique_names
from providers.policies.clocks import DEADLINE_SECONDS, ClockPolicy, Clocks
from providers.policies.correlation import warnings
from providers.policies.drill import drill
from providers.policies.failover import Failover
from providers.policies.health import HealthRecord, ProviderStatus
from providers.policies.hedging import HedgeBudget, Hedging
from providers.policies.limits import Limiter, RateLimits
from providers.policies.observer import Observer, Silent
from providers.policies.route import Route, StateChange, Watchers
from providers.policies.routing import Candidate, Router, Strategy
from providers.policies.rules import Rules
from providers.pricing import Price, typical_price

HOLD_BACK_SECONDS = 0.75


class LLMProviderManager:
    """Asks one provider after the other until one has answered.

    Either `providers` are asked, in that order, or `primary_provider` and what follows it: the
    `fallbacks`, by default OpenAI and Anthropic where they have a key, then Ollama. Providers are
    opened on first use and closed by `close`. `strategy` may change the order from call to call.

    Timeouts are in seconds; `deadline` is that of a whole call. The clocks of an attempt are 3 s
    to connect, 12 s until content, which adapts to what a model is seen to do, and 15 s between
    contents; what is given here, or by `clocks` for a provider's name, is never adapted.
    `min_throughput` is in tokens a second over `throughput_window`; 0 is off. `max_retries`
    bounds the repeats at one provider. An attempt's first text is held back for `hold_back`.

    `data_policy` names the providers that may see a class of data (`RequestScope.data_class`);
    a class that it does not name may go to all. Answers are kept for `cache_seconds`, requests
    with a scope only; `prompt_version` is part of what makes two of them the same. `limits` are
    ours, by provider name; `budget` is in USD a UTC day, kept in `ledger`; `prices` go before
    the price list's, by model. `on_state_change` may be set later; the event loop calls it and
    the `observer`, so they must not block.

    `clock`, `wall_clock` (seconds since 1970), `sleep` and `random` are there to be replaced in
    tests. Raises ConfigurationError for a provider that does not exist.
    """

    def __init__(
        self,
        primary_provider: LLMProvider | str | None = None,
        primary_model: str | None = None,
        *,
        providers: Sequence[BaseLLMProvider] | None = None,
        fallbacks: Iterable[tuple[str, str | None]] | None = None,
        max_retries: int = 2,
        deadline: float = DEADLINE_SECONDS,
        connect_timeout: float | None = None,
        first_content_timeout: float | None = None,
        content_gap_timeout: float | None = None,
        min_throughput: float | None = None,
        throughput_window: float | None = None,
        clocks: Mapping[str, Clocks] | None = None,
        hold_back: float = HOLD_BACK_SECONDS,
        strategy: Strategy = "priority",
        data_policy: Mapping[str, Collection[str]] | None = None,
        cache_seconds: float = 0.0,
        prompt_version: str = "",
        limits: Mapping[str, RateLimits] | None = None,
        budget: Budget | None = None,
        ledger: UsageLedger | None = None,
        prices: Mapping[str, Price] | None = None,
        hedging: Hedging | None = None,
        observer: Observer | None = None,
        on_state_change: StateChange | None = None,
        clock: Callable[[], float] = now,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = randomness.random,
    ) -> None:
        general = Clocks(
            connect_timeout,
            first_content_timeout,
            content_gap_timeout,
            min_throughput,
            throughput_window,
        )
        self._rules = Rules(
            clocks=ClockPolicy(deadline, general, clocks),
            max_retries=max_retries,
            hold_back=hold_back,
            data_policy={name: frozenset(seen_by) for name, seen_by in (data_policy or {}).items()},
            budget=BudgetKeeper(budget or Budget(), ledger or MemoryLedger(), wall_clock),
            prices=prices or {},
            hedging=HedgeBudget(hedging, wall_clock) if hedging else None,
            observer=observer or Silent(),
            clock=clock,
            sleep=sleep,
            random=random,
        )
        self._wall_clock = wall_clock
        self.on_state_change = on_state_change
        self._strategy = strategy
        self._router = Router(strategy, random)
        self._cached: Cached | None = None
        if cache_seconds:
            self._cached = Cached(cache_seconds, prompt_version, clock, self._answered_again)
        if providers is not None and (primary_provider or fallbacks):
            raise ConfigurationError("give either providers or a primary provider and fallbacks")
        if providers is None:
            providers = _create(_choose(primary_provider, primary_model, fallbacks))
            configured = [provider.configured() for provider in providers]
        else:
            configured = [True] * len(providers)
        names = unique_names(provider.name for provider in providers)
        self._routes = {
            name: self._route(name, provider, (limits or {}).get(name, RateLimits()), known)
            for name, provider, known in zip(names, providers, configured, strict=True)
        }

    @property
    def providers(self) -> list[str]:
        """The names of the chain, in its order; a second one of a name is "vllm-2"."""
        return list(self._routes)

    def stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        scope: RequestScope | None = None,
        fresh: bool = False,
        instead_of: Finished | None = None,
    ) -> AsyncIterator[StreamEvent]:
        """Yield an answer's events over all attempts; the last one is `Finished`.

        An async generator: iterate it under `contextlib.aclosing`; closing it ends the request at
        once and is nobody's failure. `Finished` has the time and the cost of the whole call; one
        from the cache has a `cache_age`. `fresh` asks anew, past the cache. `instead_of` is an
        answer of the same call that would not do: its provider is not asked again and not to
        blame, its time counts towards the deadline, its attempts come first in the trail.

        Messages may be a `Prompt`: it is packed for the window of each provider that is asked.
        Raises AllProvidersFailedError with the attempts, or the error of a provider where asking
        the next one would not do; its `attempts` are set too.
        """

        def ask() -> AsyncIterator[StreamEvent]:
            routes = [self._routes[name] for name in self._order()]
            return Failover(routes, self._rules, Question(messages, scope, instead_of)).stream()

        if self._cached is None or scope is None or fresh:
            return ask()
        models = [f"{name}={route.provider.model}" for name, route in self._routes.items()]
        rejected = instead_of.provider if instead_of else ""
        return self._cached.stream(messages, scope, ",".join(models), ask, rejected)

    async def generate(
        self,
        messages: Sequence[LLMMessage],
        *,
        scope: RequestScope | None = None,
        fresh: bool = False,
    ) -> LLMResponse:
        """Return the whole answer. Raises what `stream` raises."""
        events = self.stream(messages, scope=scope, fresh=fresh)
        async with aclosing(cast("Any", events)) as closing:
            return await fold(closing)

    def get_provider_health_status(self) -> dict[str, ProviderStatus]:
        """Return what traffic and probes have shown so far, by name; asks nobody."""
        return {name: route.status() for name, route in self._routes.items()}

    async def check_health(self, *, idle_for: float = 0.0) -> dict[str, ProviderHealth]:
        """Probe, without spending tokens, those that had no request for so many seconds.

        All at once; a probe never gates a call. For the others live traffic says more.
        """
        idle = [route for route in self._routes.values() if route.idle_for(idle_for)]
        async with asyncio.TaskGroup() as group:
            probes = {route.name: group.create_task(route.probe()) for route in idle}
        return {name: probe.result() for name, probe in probes.items()}

    async def drill(self, name: str) -> Attempt:
        """Ask one provider a short real question, past its breaker; costs a few tokens.

        The attempt's outcome is "ok" where it answered: that closes its breaker. Raises KeyError
        for a name that is not in the chain.
        """
        return await drill(self._routes[name], self._rules)

    def proved(self, name: str, at: float) -> None:
        """Note that a provider answered a real request at that time, in seconds since 1970."""
        health = self._routes[name].health
        health.last_proved = max(at, health.last_proved or 0.0)

    def warnings(self) -> list[str]:
        """Return what an operator should know of a chain that goes down together."""
        return warnings([(name, route.domain) for name, route in self._routes.items()])

    def open_breaker(self, name: str, seconds: float | None = None) -> None:
        """Take a provider out, for so long or until it is put back. Raises KeyError."""
        self._routes[name].open_by_hand(seconds)

    def close_breaker(self, name: str) -> None:
        """Put a provider back. Raises KeyError."""
        self._routes[name].close_by_hand()

    async def close(self) -> None:
        """Close every provider, also when one of them fails to. Idempotent."""
        async with AsyncExitStack() as stack:
            for route in reversed(self._routes.values()):
                stack.push_async_callback(route.provider.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _order(self) -> list[str]:
        if self._strategy == "priority":
            return list(self._routes)
        return self._router.order([self._candidate(route) for route in self._routes.values()])

    def _candidate(self, route: Route) -> Candidate:
        provider, prices = route.provider, self._rules.prices
        return Candidate(
            name=route.name,
            model=provider.model,
            usable=route.usable,
            first_token=route.health.first_token_average,
            price=0.0 if provider.local else typical_price(provider.name, provider.model, prices),
        )

    def _route(
        self, name: str, provider: BaseLLMProvider, limits: RateLimits, configured: bool
    ) -> Route:
        return Route(
            name,
            provider,
            breaker=Breaker(self._rules.clock, self._rules.random),
            health=HealthRecord(self._wall_clock),
            watchers=Watchers(self._state_changed, self._rules.observer),
            limiter=Limiter(limits, self._rules.clock),
            wall_clock=self._wall_clock,
            configured=configured,
        )

    def _answered_again(self, finished: Finished) -> None:
        self._rules.tell(self._rules.observer.answered, finished)

    def _state_changed(self, name: str, old: str, new: str) -> None:
        if self.on_state_change is not None:
            self.on_state_change(name, old, new)


def _choose(
    primary: LLMProvider | str | None,
    model: str | None,
    fallbacks: Iterable[tuple[str, str | None]] | None,
) -> list[Choice]:
    named = None if fallbacks is None else [Choice(str(name), model) for name, model in fallbacks]
    return order(Choice(str(primary), model) if primary else None, named, _configured)


def _configured(name: str) -> bool:
    return LLMProviderFactory.provider_class(name).configured()


def _create(choices: Iterable[Choice]) -> list[BaseLLMProvider]:
    created: dict[tuple[str, str], BaseLLMProvider] = {}
    for choice in choices:
        arguments = {"model": choice.model} if choice.model else {}
        provider = LLMProviderFactory.create(choice.name, **arguments)
        # Only now is it known which model the environment names.
        created.setdefault((provider.name, provider.model), provider)
    return list(created.values())

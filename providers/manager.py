"""A chain of language models that answers as one: `stream()` and `generate()` with fallback."""

from __future__ import annotations

import asyncio
import random as randomness
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing
from types import TracebackType
from typing import Any, Self, cast

from providers.base import (
    BaseLLMProvider,
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
from providers.policies.breaker import Breaker
from providers.policies.chain import Choice, order, unique_names
from providers.policies.clocks import Limits
from providers.policies.failover import Failover, Rules
from providers.policies.health import HealthRecord, ProviderStatus
from providers.policies.route import Route, StateChange


class LLMProviderManager:
    """Asks one provider after the other until one has answered.

    Either `providers` are asked, in that order, or `primary_provider` and what follows it: the
    `fallbacks`, by default OpenAI and Anthropic where they have a key, then Ollama. Providers are
    opened on first use and closed by `close`. Timeouts are in seconds; `deadline` is that of a
    whole call. `max_retries` bounds the repeats at one provider. `on_state_change` may be set
    later; the event loop calls it, so it must not block.

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
        deadline: float = 90.0,
        connect_timeout: float = 3.0,
        first_content_timeout: float = 12.0,
        content_gap_timeout: float = 15.0,
        on_state_change: StateChange | None = None,
        clock: Callable[[], float] = now,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = randomness.random,
    ) -> None:
        limits = Limits(deadline, connect_timeout, first_content_timeout, content_gap_timeout)
        self._rules = Rules(limits, max_retries, clock, sleep, random)
        self._wall_clock = wall_clock
        self.on_state_change = on_state_change
        if providers is not None and (primary_provider or fallbacks):
            raise ConfigurationError("give either providers or a primary provider and fallbacks")
        if providers is None:
            providers = _create(_choose(primary_provider, primary_model, fallbacks))
            configured = [provider.configured() for provider in providers]
        else:
            configured = [True] * len(providers)
        names = unique_names(provider.name for provider in providers)
        self._routes = tuple(map(self._route, names, providers, configured))

    @property
    def providers(self) -> list[str]:
        """The names of the chain, in its order; a second one of a name is "vllm-2"."""
        return [route.name for route in self._routes]

    def stream(
        self, messages: Sequence[LLMMessage], *, scope: RequestScope | None = None
    ) -> AsyncIterator[StreamEvent]:
        """Yield an answer's events over all attempts; the last one is `Finished`.

        An async generator: iterate it under `contextlib.aclosing`; closing it ends the request at
        once and is nobody's failure. `Finished` has the time and the cost of the whole call.
        Raises AllProvidersFailedError with the attempts, or the error of a provider where asking
        the next one would not do; its `attempts` are set too.
        """
        return Failover(self._routes, self._rules).stream(messages, scope)

    async def generate(
        self, messages: Sequence[LLMMessage], *, scope: RequestScope | None = None
    ) -> LLMResponse:
        """Return the whole answer. Raises what `stream` raises."""
        async with aclosing(cast("Any", self.stream(messages, scope=scope))) as events:
            return await fold(events)

    def get_provider_health_status(self) -> dict[str, ProviderStatus]:
        """Return what traffic and probes have shown so far, by name; asks nobody."""
        return {route.name: route.status() for route in self._routes}

    async def check_health(self) -> dict[str, ProviderHealth]:
        """Probe all providers at once without spending tokens; a probe never gates a call."""
        async with asyncio.TaskGroup() as group:
            probes = {route.name: group.create_task(route.probe()) for route in self._routes}
        return {name: probe.result() for name, probe in probes.items()}

    async def close(self) -> None:
        """Close every provider, also when one of them fails to. Idempotent."""
        async with AsyncExitStack() as stack:
            for route in reversed(self._routes):
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

    def _route(self, name: str, provider: BaseLLMProvider, configured: bool) -> Route:
        return Route(
            name,
            provider,
            breaker=Breaker(self._rules.clock, self._rules.random),
            health=HealthRecord(self._wall_clock),
            configured=configured,
            on_state_change=self._state_changed,
        )

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

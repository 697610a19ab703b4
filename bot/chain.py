"""From the settings to the chain of models: which providers answer, in which order, and why."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.classification import strictest
from bot.settings import Settings
from providers.base import BaseLLMProvider, LLMProviderFactory
from providers.manager import LLMProviderManager
from providers.policies.budget import Budget
from providers.policies.hedging import Hedging
from providers.policies.observer import Observer

logger = logging.getLogger(__name__)

LOCAL_SERVERS = ("ollama", "vllm", "lmstudio")
"""Asked on their usual ports where no primary is named; the first that has a model wins."""

NO_MODEL = (
    "no model is configured and no local model server was found, so rules alone will answer; "
    "start Ollama, vLLM or LM Studio, or set ANTHROPIC_API_KEY or OPENAI_API_KEY"
)


@dataclass(frozen=True, slots=True)
class Chain:
    """The models in their order, and a sentence that says how it came about.

    `practice` says that a script answers, and no model. `strictest` is the class of data of a
    text that comes from no channel, "" where there are no classes.
    """

    manager: LLMProviderManager
    description: str
    practice: bool = False
    strictest: str = ""

    def take_out(self, name: str, user: str) -> None:
        """Let nobody ask a provider until it is put back; a name of an older chain is ignored."""
        if name in self.names:
            logger.warning("provider %s was taken out by %s", name, user)
            self.manager.open_breaker(name)

    def put_back(self, name: str, user: str) -> None:
        """Let a provider be asked again."""
        if name in self.names:
            logger.warning("provider %s was put back by %s", name, user)
            self.manager.close_breaker(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The providers in their order; empty means that rules answer."""
        return tuple(self.manager.providers)


async def build_chain(
    settings: Settings, *, only: str | None = None, observer: Observer | None = None
) -> Chain:
    """Return the chain that the settings describe; `only` names a single provider.

    Local servers are looked for only where no primary is set. Raises ConfigurationError for an
    unknown provider.
    """
    manager, description = await _managed(settings, only, _policies(settings, observer))
    return Chain(manager, description, strictest=strictest(settings.data_classes))


async def _managed(
    settings: Settings, only: str | None, policies: dict[str, Any]
) -> tuple[LLMProviderManager, str]:
    if only is not None:
        provider = LLMProviderFactory.create(only)
        return LLMProviderManager(providers=[provider], **policies), f"{only} alone, as asked"
    primary, model = settings.rca_primary_provider, settings.rca_primary_model
    found = await find_local_server() if primary is None else None
    if found is not None:
        primary, model = found
    if primary is None and settings.fallbacks is None and not _has_key():
        return LLMProviderManager(providers=[], **policies), NO_MODEL
    manager = LLMProviderManager(primary, model, fallbacks=settings.fallbacks, **policies)
    order = ", then ".join(manager.providers)
    how = f" ({found[0]} was found on its usual port, with {found[1]})" if found else ""
    return manager, f"{order}{how}"


def practice_chain(
    settings: Settings,
    addresses: Mapping[str, str],
    model: str,
    observer: Observer | None = None,
) -> Chain:
    """Return the chain of practice providers, by name and base URL."""
    providers = [
        LLMProviderFactory.create(name, model=model, base_url=address)
        for name, address in addresses.items()
    ]
    # Nothing is kept: whoever breaks a provider wants to see what happens then.
    policies = _policies(settings, observer) | {"cache_seconds": 0.0}
    manager = LLMProviderManager(providers=providers, **policies)
    order = ", then ".join(manager.providers)
    return Chain(manager, f"{order}: for practice, {model}", practice=True)


async def find_local_server() -> tuple[str, str] | None:
    """Return (name, model) of a local model server that lists a model, or None."""
    answers = await asyncio.gather(*(_first_model(name) for name in LOCAL_SERVERS))
    found = zip(LOCAL_SERVERS, answers, strict=True)
    return next(((name, model) for name, model in found if model), None)


async def _first_model(name: str) -> str | None:
    provider: BaseLLMProvider = LLMProviderFactory.create(name, connect_timeout=1.0)
    async with provider:
        health = await provider.health_check()
    if not health.ok or not health.models:
        return None
    # A model that the operator named is the one to use, if the server has it.
    return provider.model if provider.model in health.models else health.models[0]


def _has_key() -> bool:
    vendors = (LLMProviderFactory.provider_class(name) for name in ("openai", "anthropic"))
    return any(vendor.configured() for vendor in vendors)


_CLOCKS = {
    "rca_connect_seconds": "connect_timeout",
    "rca_first_content_seconds": "first_content_timeout",
    "rca_content_gap_seconds": "content_gap_timeout",
    "rca_min_throughput": "min_throughput",
}


def _policies(settings: Settings, observer: Observer | None) -> dict[str, Any]:
    # A clock that was set is never adapted; one that was not may be.
    clocks = {
        argument: getattr(settings, name)
        for name, argument in _CLOCKS.items()
        if name in settings.model_fields_set
    }
    share = settings.rca_hedging_share
    return {
        **clocks,
        "max_retries": settings.rca_max_retries,
        "deadline": settings.rca_deadline_seconds,
        "clocks": settings.provider_clocks,
        "hold_back": settings.rca_hold_back_seconds,
        "strategy": settings.rca_strategy,
        "data_policy": settings.data_policy,
        "cache_seconds": settings.rca_cache_seconds,
        "limits": settings.limits,
        "budget": Budget(settings.rca_budget_day_usd, settings.rca_budget_user_usd),
        "prices": settings.prices,
        "hedging": Hedging(share, settings.rca_hedging_day_usd) if share else None,
        "observer": observer,
    }

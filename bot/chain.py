"""From the settings to the chain of models: which providers answer, in which order, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.settings import Settings
from providers.base import BaseLLMProvider, LLMProviderFactory
from providers.manager import LLMProviderManager

LOCAL_SERVERS = ("ollama", "vllm", "lmstudio")
"""Asked on their usual ports where no primary is named; the first that has a model wins."""

NO_MODEL = (
    "no model is configured and no local model server was found, so rules alone will answer; "
    "start Ollama, vLLM or LM Studio, or set ANTHROPIC_API_KEY or OPENAI_API_KEY"
)


@dataclass(frozen=True, slots=True)
class Chain:
    """The models in their order, and a sentence that says how it came about."""

    manager: LLMProviderManager
    description: str

    @property
    def names(self) -> tuple[str, ...]:
        """The providers in their order; empty means that rules answer."""
        return tuple(self.manager.providers)


async def build_chain(settings: Settings, *, only: str | None = None) -> Chain:
    """Return the chain that the settings describe; `only` names a single provider.

    Local servers are looked for only where no primary is set. Raises ConfigurationError for an
    unknown provider.
    """
    clocks = _clocks(settings)
    if only is not None:
        provider = LLMProviderFactory.create(only)
        return Chain(LLMProviderManager(providers=[provider], **clocks), f"{only} alone, as asked")
    primary, model = settings.rca_primary_provider, settings.rca_primary_model
    found = await find_local_server() if primary is None else None
    if found is not None:
        primary, model = found
    if primary is None and settings.fallbacks is None and not _has_key():
        return Chain(LLMProviderManager(providers=[], **clocks), NO_MODEL)
    manager = LLMProviderManager(primary, model, fallbacks=settings.fallbacks, **clocks)
    order = ", then ".join(manager.providers)
    how = f" ({found[0]} was found on its usual port, with {found[1]})" if found else ""
    return Chain(manager, f"{order}{how}")


def practice_chain(settings: Settings, addresses: Mapping[str, str], model: str) -> Chain:
    """Return the chain of practice providers, by name and base URL."""
    providers = [
        LLMProviderFactory.create(name, model=model, base_url=address)
        for name, address in addresses.items()
    ]
    manager = LLMProviderManager(providers=providers, **_clocks(settings))
    return Chain(manager, f"{', then '.join(manager.providers)}: for practice, {model}")


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


def _clocks(settings: Settings) -> dict[str, Any]:
    return {
        "max_retries": settings.rca_max_retries,
        "deadline": settings.rca_deadline_seconds,
        "connect_timeout": settings.rca_connect_seconds,
        "first_content_timeout": settings.rca_first_content_seconds,
        "content_gap_timeout": settings.rca_content_gap_seconds,
    }

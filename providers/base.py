"""The types that every provider shares, and the one primitive: `stream()`.

Nothing here knows a vendor, Slack, or the application that asks.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, ClassVar, Literal, Self, cast

from providers.errors import ConfigurationError, StreamInterruptedError

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class LLMMessage:
    """One message of a prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class RequestScope:
    """All that a provider may know of its caller; without one nothing is cached or budgeted."""

    tenant: str
    channel: str = ""
    user: str = ""
    data_class: str = ""


class StopReason(StrEnum):
    """Why a model stopped, in one vocabulary; the vendor's own word is kept beside it."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    CONTEXT_OVERFLOW = "context_overflow"
    PAUSED = "paused"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the vendor counted them; `None` is "not told", which is not zero.

    `prompt_tokens` includes cached ones, `completion_tokens` includes reasoning. `estimated` says
    that one of both was not told and is our guess from the length of the text.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    estimated: bool = False

    @property
    def total_tokens(self) -> int | None:
        """The sum, where both parts were told."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Attempt:
    """One decision about one provider, and how it ended. Free of prompt and vendor text.

    `outcome` is "ok" or the `kind` of the error; `skipped` attempts sent nothing, and their
    outcome says why. `reason` says why a provider was asked: "first", "next", "repeat", "trial",
    "last_resort" or "hedge". Times are seconds: `waited` was spent before the request,
    `longest_gap` is the longest silence between two contents, `deadline_left` what the whole
    call still had. `cost_usd` is None where no price is known. `discarded_characters` were
    received for nothing; the tokens of an attempt that is not "ok" were wasted.
    """

    provider: str
    model: str
    outcome: str
    seconds: float = 0.0
    time_to_first_token: float | None = None
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    discarded_characters: int = 0
    phrase: str = ""
    skipped: bool = False
    reason: str = ""
    waited: float = 0.0
    longest_gap: float | None = None
    deadline_left: float | None = None


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """A provider is being asked; `number` counts the attempts of this call from 1.

    `window` is how many tokens its prompt may have; None where that is not known.
    """

    provider: str
    model: str
    number: int = 1
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model made progress that is not part of its answer."""

    characters: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """An attempt failed and another follows: forget the text seen since the attempt started.

    `reason` is the error's kind and `phrase` its words for a reader ("is overloaded").
    """

    provider: str
    reason: str
    phrase: str
    discarded_characters: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of every good stream; where it is missing, the answer is not whole.

    `model` is the one that was asked for, `model_version` the one the vendor says answered;
    `raw_stop_reason` is the vendor's word. Times are seconds. `cache_age` is how old an answer
    from the cache is; None is "not from the cache".
    """

    provider: str
    model: str
    model_version: str
    stop_reason: StopReason
    raw_stop_reason: str
    usage: Usage
    latency_seconds: float
    time_to_first_token: float | None
    request_id: str | None = None
    cost_usd: float | None = None
    attempts: tuple[Attempt, ...] = ()
    cache_age: float | None = None


StreamEvent = AttemptStarted | Thinking | TextDelta | Restarted | Finished


@dataclass(frozen=True, slots=True)
class LLMResponse:
    """A whole answer: a stream folded up."""

    content: str
    provider: str
    model: str
    model_version: str
    stop_reason: StopReason
    raw_stop_reason: str
    usage: Usage
    latency_seconds: float
    time_to_first_token: float | None
    request_id: str | None = None
    cost_usd: float | None = None
    attempts: tuple[Attempt, ...] = ()
    cache_age: float | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        """The same facts as plain values, for logs and for callers who prefer a dict."""
        return {
            "latency_seconds": self.latency_seconds,
            "time_to_first_token": self.time_to_first_token,
            "model_version": self.model_version,
            "stop_reason": self.raw_stop_reason,
            "request_id": self.request_id,
            "cost_usd": self.cost_usd,
            "usage": {
                "prompt_tokens": self.usage.prompt_tokens,
                "completion_tokens": self.usage.completion_tokens,
                "total_tokens": self.usage.total_tokens,
                "estimated": self.usage.estimated,
            },
            "attempts": self.attempts,
        }


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """What a probe saw. A probe spends no tokens and never gates a call."""

    ok: bool
    checked: str
    detail: str = ""
    latency_seconds: float | None = None
    models: tuple[str, ...] = ()


async def fold(events: AsyncIterator[StreamEvent]) -> LLMResponse:
    """Consume a stream and return its answer.

    Raises whatever the stream raises, and StreamInterruptedError where `Finished` never came.
    """
    parts: list[str] = []
    async for event in events:
        if isinstance(event, TextDelta):
            parts.append(event.text)
        elif isinstance(event, Restarted):
            parts.clear()
        elif isinstance(event, Finished):
            return LLMResponse(
                content="".join(parts),
                provider=event.provider,
                model=event.model,
                model_version=event.model_version,
                stop_reason=event.stop_reason,
                raw_stop_reason=event.raw_stop_reason,
                usage=event.usage,
                latency_seconds=event.latency_seconds,
                time_to_first_token=event.time_to_first_token,
                request_id=event.request_id,
                cost_usd=event.cost_usd,
                attempts=event.attempts,
                cache_age=event.cache_age,
            )
    raise StreamInterruptedError("no terminal event")


class BaseLLMProvider(ABC):
    """One model behind one vendor's wire. Five methods; wrappers need wrap only `stream`.

    Constructor arguments that are left out come from the vendor's environment variables
    (`ANTHROPIC_MODEL` and so on); `base_url` is accepted with and without `/v1`.
    """

    name: str
    local: bool = False
    """True where the model runs on the user's own machines: no price, no key needed."""

    loads_on_demand: bool = False
    """True where the first request after a while waits until the server has loaded the model."""

    cloud: str = ""
    """Whose machines answer, such as "aws": what goes down with it goes down together."""

    settings_class: ClassVar[Any] = None
    """The pydantic-settings class that reads the vendor's variables, where there is one."""

    model: str

    @property
    def prompt_tokens(self) -> int | None:
        """How many tokens a prompt may have beside its answer; None where that is not known."""
        return None

    @classmethod
    def configured(cls) -> bool:
        """Say whether the environment has what this provider needs; makes no request."""
        return False

    async def initialize(self) -> None:  # noqa: B027 - not every provider has something to open
        """Open what is needed. Idempotent; no request that can fail a later call.

        Raises ConfigurationError where a key or another setting is missing.
        """

    @abstractmethod
    def stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        scope: RequestScope | None = None,
        connect_timeout: float | None = None,
    ) -> AsyncIterator[StreamEvent]:
        """Yield the answer's events; the last one is `Finished`.

        An async generator: iterate it under `contextlib.aclosing`, closing it ends the request
        at once. `connect_timeout` (seconds) overrides the provider's own. Raises ProviderError.
        """
        ...

    async def generate(
        self,
        messages: Sequence[LLMMessage],
        *,
        scope: RequestScope | None = None,
        connect_timeout: float | None = None,
    ) -> LLMResponse:
        """Return the whole answer. Raises what `stream` raises."""
        events = self.stream(messages, scope=scope, connect_timeout=connect_timeout)
        async with aclosing(cast("Any", events)) as closing:
            return await fold(closing)

    @abstractmethod
    async def health_check(self) -> ProviderHealth:
        """Probe the provider without spending tokens; never raises ProviderError."""
        ...

    async def close(self) -> None:  # noqa: B027 - nor to close
        """Release what `initialize` opened. Idempotent; running streams are ended."""

    async def __aenter__(self) -> Self:
        await self.initialize()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class LLMProvider(StrEnum):
    """The providers that ship with this package."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    BEDROCK = "bedrock"
    OLLAMA = "ollama"
    VLLM = "vllm"
    LMSTUDIO = "lmstudio"
    AZURE = "azure"
    VERTEX = "vertex"
    COHERE = "cohere"
    HUGGINGFACE = "huggingface"


class LLMProviderFactory:
    """Finds `providers/<name>.py` by itself: a module is a provider if it declares its `name`.

    So is a name for which the environment has `RCA_COMPATIBLE_<NAME>_BASE_URL`.
    """

    @staticmethod
    def provider_class(name: LLMProvider | str) -> type[BaseLLMProvider]:
        """Return the class behind a name. Raises ConfigurationError for an unknown one."""
        wanted = str(name)
        if wanted.isidentifier() and _declares_name(wanted):
            module = importlib.import_module(f"providers.{wanted}")
            for value in vars(module).values():
                if _is_provider(value, wanted):
                    return cast("type[BaseLLMProvider]", value)
        if (compatible := _compatible(wanted)) is not None:
            return compatible
        known = ", ".join(LLMProviderFactory.names())
        raise ConfigurationError(
            f"{wanted!r} is no provider; known are {known}, "
            "and any name with RCA_COMPATIBLE_<NAME>_BASE_URL"
        )

    @staticmethod
    def create(name: LLMProvider | str, **arguments: Any) -> BaseLLMProvider:
        """Return a provider; arguments are those of its constructor, `model` among them."""
        return LLMProviderFactory.provider_class(name)(**arguments)

    @staticmethod
    def names() -> list[str]:
        """Return the names of all modules here that declare `name = "<name>"`, sorted."""
        # Here, not above: its path is known only once it is imported.
        import providers

        return sorted(
            module.name
            for module in pkgutil.iter_modules(providers.__path__)
            if not module.ispkg and _declares_name(module.name)
        )


def _is_provider(value: object, name: str) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, BaseLLMProvider)
        and vars(value).get("name") == name
    )


def _compatible(name: str) -> type[BaseLLMProvider] | None:
    # Only for a name that no file here has: it needs the settings library and an HTTP client.
    compatible = importlib.import_module("providers.compatible")
    return cast("type[BaseLLMProvider] | None", compatible.provider_named(name))


def _declares_name(module: str) -> bool:
    # Read, not imported: asking for the list of names must not load a vendor's SDK.
    spec = importlib.util.find_spec(f"providers.{module}")
    loader = spec.loader if spec else None
    source = loader.get_source(f"providers.{module}") if hasattr(loader, "get_source") else None  # type: ignore[union-attr]
    return source is not None and f'    name = "{module}"' in source


def now() -> float:
    """Return the clock by which durations are measured, in seconds."""
    return time.monotonic()

"""What every adapter does the same way: settings, the model's name, negotiation, signed errors."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import SecretStr

from providers.answer import Answer
from providers.base import (
    BaseLLMProvider,
    LLMMessage,
    ProviderHealth,
    RequestScope,
    StopReason,
    StreamEvent,
    now,
)
from providers.capabilities import Capabilities, capabilities_of
from providers.errors import ConfigurationError, ModelNotFoundError, ProviderError
from providers.lifecycle import notice
from providers.model_lists import chat_models, record_of, window_in
from providers.prompts import fitted
from providers.settings import Effort, ProviderSettings, load_settings
from providers.signals import ParameterRefusedError, Signal, error_for, refused_parameter
from providers.wire import is_address

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as an adapter is to send it; `without` are parameters the model refuses."""

    messages: Sequence[LLMMessage]
    connect_timeout: float
    without: frozenset[str]
    answer: Answer


class ConfiguredProvider(BaseLLMProvider):
    """An adapter fills in `_open`, `_events`, `_listed_models`, `_probe` and `close`."""

    settings_class: ClassVar[type[ProviderSettings]]
    stop_reasons: ClassVar[dict[str, StopReason]]
    probe_description: ClassVar[str] = "GET /v1/models"
    key_optional: ClassVar[bool] = False
    sends_effort: ClassVar[bool] = False
    """True where the wire has a field for the reasoning effort."""
    connect_timeout = 5.0
    probe_timeout = 5.0
    read_timeout = 300.0
    """Seconds of silence on the socket after which even a caller without clocks is told.

    Long, since a local server may load a model first; whoever has clocks sets shorter ones.
    """

    def __init__(
        self,
        *,
        model: str | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        reasoning_effort: Effort | None = None,
        connect_timeout: float | None = None,
    ) -> None:
        settings = load_settings(self.settings_class)
        self.settings = settings
        self.model = model or settings.model or ""
        self.base_url = base_url or settings.base_url
        self.temperature = settings.temperature if temperature is None else temperature
        self.max_tokens = max_tokens or settings.max_tokens
        self.reasoning_effort = reasoning_effort or settings.reasoning_effort
        self.connect_timeout = connect_timeout or self.connect_timeout
        self._api_key = SecretStr(api_key) if api_key else settings.api_key
        self._model_was_found = False
        self._refused: set[str] = set()
        self._record: Mapping[str, Any] = {}
        self._told: set[tuple[str, str]] = set()

    @classmethod
    def configured(cls) -> bool:
        return cls.local or bool(_secret(load_settings(cls.settings_class).api_key))

    @property
    def prompt_tokens(self) -> int | None:
        window = self._window()
        if window is None:
            return None
        # Servers refuse a prompt that leaves no room for all that the answer may have.
        return window - min(self._capabilities().token_limit(self.max_tokens), window // 2)

    @property
    def key(self) -> str:
        """The key itself, for the one header that carries it."""
        return _secret(self._api_key)

    async def initialize(self) -> None:
        try:
            self._check_settings()
            await self._open()
        except ConfigurationError as error:
            self._sign(error)
            raise

    async def stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        scope: RequestScope | None = None,  # noqa: ARG002 - nothing of the caller goes to a vendor
        connect_timeout: float | None = None,
    ) -> AsyncIterator[StreamEvent]:
        try:
            await self.initialize()
            seconds = connect_timeout or self.connect_timeout
            started = now()
            await self._settle_model(seconds)
            async with aclosing(self._negotiated(messages, seconds, started)) as events:
                async for event in events:
                    yield event
        except ProviderError as error:
            self._sign(error)
            raise

    async def health_check(self) -> ProviderHealth:
        started = now()
        try:
            await self.initialize()
            models = await self._probe()
        except ProviderError as error:
            self._sign(error)
            return self._health(started, str(error), ok=False)
        missing = bool(self.model) and not self._lists(models)
        detail = self._listing_detail(models, missing=missing)
        return self._health(started, detail, ok=bool(models) and not missing, models=models)

    def _health(
        self, started: float, detail: str, *, ok: bool, models: tuple[str, ...] = ()
    ) -> ProviderHealth:
        end = notice(self.name, self.model, self._record)
        return ProviderHealth(
            ok=ok and not end.retired,
            checked=self.probe_description,
            detail="; ".join(part for part in (detail, end.text) if part),
            latency_seconds=now() - started,
            models=models,
        )

    @abstractmethod
    async def _open(self) -> None:
        """Open a client if there is none; no request. Idempotent."""

    @abstractmethod
    def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        """Send one request and yield its events; `Finished` comes from the request's answer."""

    @abstractmethod
    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        """Return the ids of the server's models that can chat, asking for so many seconds."""

    async def _probe(self) -> tuple[str, ...]:
        """Ask for what a health check needs: the listed models."""
        return await self._listed_models(self.probe_timeout)

    def _read_list(self, body: object, list_name: str, id_name: str) -> tuple[str, ...]:
        """Return the ids in a list of models, and keep what it says of the configured one."""
        models = chat_models(body, list_name, id_name)
        # Without a model of its own it will be the first one's.
        self._record = record_of(self.model or "".join(models[:1]), body, list_name, id_name)
        return models

    def _lists(self, models: tuple[str, ...]) -> bool:
        return self.model in models

    def _listing_detail(self, models: tuple[str, ...], *, missing: bool) -> str:
        if missing:
            return f"the model {self.model!r} is not listed"
        return "" if models else "no model is listed"

    async def _negotiated(
        self, messages: Sequence[LLMMessage], connect_timeout: float, started: float
    ) -> AsyncGenerator[StreamEvent, None]:
        prompt, unfit = fitted(messages, self._capabilities())
        self._say_left_out(*unfit, *self._unfit_parameters())
        without = set(self._refused)
        while True:
            answer = self._new_answer(started, prompt)
            request = Request(prompt, connect_timeout, frozenset(without), answer)
            try:
                async with aclosing(self._events(request)) as events:
                    async for event in events:
                        yield event
                return
            except ParameterRefusedError as refusal:
                # Each parameter is refused once at most: what is not sent cannot be named again.
                without.add(refusal.parameter)
                if refusal.lasting:
                    self._refused.add(refusal.parameter)
                self._say_left_out(refusal.parameter)

    def _capabilities(self) -> Capabilities:
        """Return what the model takes."""
        return capabilities_of(self.model)

    def _window(self) -> int | None:
        """Return the window of prompt and answer; what the server told goes before our table."""
        return window_in(self._record) or self._capabilities().context_tokens

    @property
    def _temperature(self) -> float | None:
        """The temperature to send: none where the model takes none."""
        return self.temperature if self._capabilities().sampling else None

    @property
    def _effort(self) -> Effort | None:
        """The reasoning effort to send: none where wire or model have no such level."""
        levels = self._capabilities().efforts
        knows_it = self.sends_effort and (levels is None or self.reasoning_effort in levels)
        return self.reasoning_effort if knows_it else None

    def _unfit_parameters(self) -> Iterator[str]:
        if self._temperature != self.temperature:
            yield "temperature"
        if self._effort != self.reasoning_effort:
            yield f"reasoning effort {self.reasoning_effort}"

    def _say_left_out(self, *parameters: str) -> None:
        """Warn once a model and parameter that a request goes without it."""
        for parameter in parameters:
            if (self.model, parameter) not in self._told:
                self._told.add((self.model, parameter))
                logger.warning("%s does not take %s: left out", self.model, parameter)

    def _new_answer(self, started: float, prompt: Sequence[LLMMessage]) -> Answer:
        return Answer(
            provider=self.name,
            model=self.model,
            started=started,
            stop_reasons=self.stop_reasons,
            local=self.local,
            prompt=prompt,
        )

    async def _settle_model(self, connect_timeout: float) -> None:
        if self.model:
            return
        models = await self._listed_models(connect_timeout)
        if not models:
            raise ModelNotFoundError("the server lists no model")
        self.model, self._model_was_found = models[0], True

    def _failure(self, signal: Signal, optional: Sequence[str] = ()) -> ProviderError:
        """Return the error for a signal; `optional` are the parameters that can be left out."""
        return refused_parameter(signal, optional) or error_for(signal)

    def _sign(self, error: ProviderError) -> None:
        error.provider = error.provider or self.name
        error.model = error.model or self.model
        if isinstance(error, ModelNotFoundError) and self._model_was_found:
            # The server has other models by now: ask it again next time.
            self.model, self._model_was_found = "", False

    def _check_settings(self) -> None:
        prefix = self.settings_class.model_config.get("env_prefix", "")
        if not self.key and not (self.local or self.key_optional):
            raise ConfigurationError(f"{prefix}API_KEY is not set")
        if not (self.key.isascii() and self.key.isprintable()):
            # It could not be a header: refused here, where the reason can be said.
            raise ConfigurationError(f"{prefix}API_KEY is malformed")
        if not self.base_url:
            raise ConfigurationError(f"{prefix}BASE_URL is not set")
        if not is_address(self.base_url):
            raise ConfigurationError(f"{prefix}BASE_URL is malformed")


def wire_messages(messages: Sequence[LLMMessage]) -> list[dict[str, str]]:
    """Return the messages as role and content."""
    return [{"role": message.role, "content": message.content} for message in messages]


def _secret(key: SecretStr | None) -> str:
    return key.get_secret_value().strip() if key else ""

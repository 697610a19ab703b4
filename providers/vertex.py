"""Google's Vertex AI: Gemini, and Anthropic's models by their own wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import AliasChoices, Field, SecretStr

from providers import anthropic_messages, gemini, pricing, transport
from providers.adapter import Request
from providers.answer import Answer
from providers.base import StreamEvent
from providers.chat_completions import wait_for_usage
from providers.errors import (
    AuthenticationError,
    ConfigurationError,
    MalformedResponseError,
    ProviderError,
)
from providers.framing import EventFrames, json_objects
from providers.google_credentials import TokenSource
from providers.http_adapter import HttpProvider
from providers.settings import ProviderSettings, load_settings, settings_config
from providers.signals import Signal
from providers.wire import is_address, versioned_url

_ANTHROPIC_VERSION = "vertex-2023-10-16"


class VertexSettings(ProviderSettings):
    """The `VERTEX_*` variables; Google's own variables are read where those are not set."""

    model_config = settings_config("VERTEX_")

    model: str | None = Field("gemini-3.8-flash", description="Model to ask: Gemini or Claude")
    base_url: str = Field("", description="Address of a gateway; unset: that of the location")
    api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("VERTEX_API_KEY", "GOOGLE_API_KEY"),
        description="API key, or GOOGLE_API_KEY; never logged",
    )
    access_token: SecretStr | None = Field(
        None, description="OAuth token; read for every request; goes before the key"
    )
    credentials_file: str | None = Field(
        None,
        validation_alias=AliasChoices("VERTEX_CREDENTIALS_FILE", "GOOGLE_APPLICATION_CREDENTIALS"),
        description="Service account's file, or GOOGLE_APPLICATION_CREDENTIALS; needs google-auth",
    )
    project: str | None = Field(
        None,
        validation_alias=AliasChoices("VERTEX_PROJECT", "GOOGLE_CLOUD_PROJECT"),
        description="Project, or GOOGLE_CLOUD_PROJECT; not needed with an API key",
    )
    location: str = Field(
        "global",
        validation_alias=AliasChoices("VERTEX_LOCATION", "GOOGLE_CLOUD_LOCATION"),
        description="Region, us, eu or global; or GOOGLE_CLOUD_LOCATION",
    )


@dataclass(frozen=True, slots=True)
class _Call:
    """What one of the two wires sends, and how its events are read."""

    action: str
    body: dict[str, Any]
    optional: tuple[str, ...]
    read: Callable[[Mapping[str, Any], Answer], list[StreamEvent]]


class VertexProvider(HttpProvider):
    """A model on Vertex AI, or Gemini behind an address that ends with `/v1beta`."""

    name = "vertex"
    cloud = "google"
    settings_class = VertexSettings
    stop_reasons = {**gemini.STOP_REASONS, **anthropic_messages.STOP_REASONS}  # noqa: RUF012
    probe_description = "GET /v1/publishers/{publisher}/models/{model}"
    sends_effort = True

    def __init__(
        self,
        *,
        api_key: str | None = None,
        project: str | None = None,
        location: str | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(api_key=api_key, **arguments)
        assert isinstance(self.settings, VertexSettings)
        self.project = project or self.settings.project or ""
        self.location = location or self.settings.location
        self._given_key = api_key or ""
        self._tokens = TokenSource()

    @classmethod
    def configured(cls) -> bool:
        settings = load_settings(VertexSettings)
        return any((settings.api_key, settings.access_token, settings.project))

    @property
    def _is_claude(self) -> bool:
        return self.model.startswith("claude")

    async def _open(self) -> None:
        await super()._open()
        await asyncio.to_thread(pricing.prepare)

    async def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        answer = request.answer
        call = self._claude_call(request) if self._is_claude else self._gemini_call(request)
        url = f"{self.model_url(within_project=True)}:{call.action}"
        async with self._posted(url, call.body, request, call.optional) as response:
            read = transport.reader(response, answer)
            async with aclosing(json_objects(read, EventFrames())) as chunks:
                async for chunk in chunks:
                    for event in call.read(chunk, answer):
                        yield event
                    if answer.complete:
                        break
                await wait_for_usage(chunks, answer, call.read)
        yield answer.finished()

    def _gemini_call(self, request: Request) -> _Call:
        limit = self._capabilities().token_limit(self.max_tokens)
        wanted: dict[str, Any] = {"maxOutputTokens": limit}
        if self._temperature is not None:
            wanted["temperature"] = self._temperature
        if thinking := self._thinking():
            wanted["thinkingConfig"] = thinking
        generation = _without(wanted, request.without)
        body = gemini.generate_body(request.messages, generation)
        return _Call("streamGenerateContent?alt=sse", body, tuple(generation), gemini.read_chunk)

    def _thinking(self) -> dict[str, Any]:
        # Thoughts are progress: without them a model that thinks for long looks dead.
        shown = {"includeThoughts": True} if self._capabilities().thinks else {}
        return {**shown, "thinkingLevel": self._effort.upper()} if self._effort else shown

    def _claude_call(self, request: Request) -> _Call:
        wanted: dict[str, Any] = {}
        if self._temperature is not None:
            wanted["temperature"] = self._temperature
        if self._effort is not None:
            wanted["output_config"] = {"effort": self._effort}
        optional = _without(wanted, request.without)
        body = {
            "anthropic_version": _ANTHROPIC_VERSION,
            "max_tokens": self._capabilities().token_limit(self.max_tokens),
            "stream": True,
            **anthropic_messages.prompt(request.messages),
            **optional,
        }
        return _Call("streamRawPredict", body, tuple(optional), anthropic_messages.read_message)

    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        """Ask for the configured model alone: its id, or ModelNotFoundError."""
        model = await self._get(self.model_url(within_project=False), seconds)
        if not isinstance(model, Mapping) or not isinstance(model.get("name"), str):
            raise MalformedResponseError("no model")
        return (self.model,)

    async def _authorization(self, method: str, url: str, body: bytes) -> Mapping[str, str]:  # noqa: ARG002
        return await asyncio.to_thread(self._authorized)

    def _authorized(self) -> Mapping[str, str]:
        if self._given_key:
            return {"x-goog-api-key": self._given_key}
        # Read anew: tokens expire within the hour, and whoever renews them sets the variable.
        settings = load_settings(VertexSettings)
        if token := _header_value(settings.access_token, "VERTEX_ACCESS_TOKEN"):
            return {"Authorization": f"Bearer {token}"}
        if key := _header_value(settings.api_key, "VERTEX_API_KEY"):
            return {"x-goog-api-key": key}
        return self._tokens.headers(settings.credentials_file)

    def _signal(self, status: int, body: Any, headers: Mapping[str, str]) -> Signal:
        return gemini.google_signal(status, body, headers)

    def _sign(self, error: ProviderError) -> None:
        super()._sign(error)
        if isinstance(error, AuthenticationError):
            self._tokens.forget()

    def _check_settings(self) -> None:
        if not (self.key.isascii() and self.key.isprintable()):
            raise ConfigurationError("VERTEX_API_KEY is malformed")
        if self.base_url and not is_address(self.base_url):
            raise ConfigurationError("VERTEX_BASE_URL is malformed")
        if not (self.project or self.key):
            raise ConfigurationError("VERTEX_PROJECT is not set")

    @property
    def _address(self) -> str:
        return self.base_url or _location_url(self.location)

    def model_url(self, *, within_project: bool) -> str:
        """Return the address of the model, to which an action is added by a colon."""
        address = versioned_url(self._address)
        model = quote(self.model, safe="")
        if address.endswith("/v1beta"):
            # The Gemini API proper: the same wire, without projects and publishers.
            return f"{address}/models/{model}"
        publisher = "anthropic" if self._is_claude else "google"
        place = f"projects/{quote(self.project)}/locations/{quote(self.location)}/"
        within = place if within_project and self.project else ""
        return f"{address}/{within}publishers/{publisher}/models/{model}"


def _without(wanted: Mapping[str, Any], refused: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if name not in refused}


def _location_url(location: str) -> str:
    if location == "global":
        return "https://aiplatform.googleapis.com"
    if location in ("us", "eu"):
        return f"https://aiplatform.{location}.rep.googleapis.com"
    return f"https://{location}-aiplatform.googleapis.com"


def _header_value(secret: SecretStr | None, name: str) -> str:
    """Return a secret that a header can carry. Raises ConfigurationError where none can."""
    value = secret.get_secret_value().strip() if secret else ""
    if not (value.isascii() and value.isprintable()):
        raise ConfigurationError(f"{name} is malformed")
    return value

"""Anthropic, by its official SDK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic import Field

from providers.adapter import Request
from providers.anthropic_messages import STOP_REASONS, prompt, read_message
from providers.base import StreamEvent
from providers.errors import MalformedResponseError
from providers.sdk import SdkProvider
from providers.settings import ProviderSettings, settings_config
from providers.wire import server_url

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic


class AnthropicSettings(ProviderSettings):
    """The `ANTHROPIC_*` variables."""

    model_config = settings_config("ANTHROPIC_")

    model: str | None = Field("claude-sonnet-5-5", description="Model to ask")
    base_url: str = Field("https://api.anthropic.com", description="Address of the API or gateway")
    api_version: str | None = Field(
        None, description="Value of the anthropic-version header, for gateways that need another"
    )


class AnthropicProvider(SdkProvider):
    """A model of Anthropic's, or behind a gateway that speaks its Messages API."""

    name = "anthropic"
    cloud = "anthropic"
    settings_class = AnthropicSettings
    request_id_header = "request-id"
    sends_effort = True
    probe_description = "GET /v1/models/{model}"
    stop_reasons = STOP_REASONS

    def _load(self) -> tuple[ModuleType, ModuleType]:
        import anthropic
        import httpx2

        return anthropic, httpx2

    def _build_client(self, http_client: Any) -> AsyncAnthropic:
        from anthropic import AsyncAnthropic

        assert isinstance(self.settings, AnthropicSettings)
        version = self.settings.api_version
        return AsyncAnthropic(
            api_key=self.key,
            base_url=server_url(self.base_url),
            max_retries=0,
            http_client=http_client,
            default_headers={"anthropic-version": version} if version else None,
        )

    async def _create(self, arguments: Mapping[str, Any], timeout: Any) -> Any:
        return await self._client.messages.create(**arguments, stream=True, timeout=timeout)

    async def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        answer = request.answer
        optional = self._optional(request)
        arguments = {
            "model": self.model,
            "max_tokens": self._capabilities().token_limit(self.max_tokens),
            # The SDK has no such parameters any more; the older models still do.
            "extra_body": optional,
            **prompt(request.messages),
        }
        async with aclosing(self._objects(request, arguments, tuple(optional))) as messages:
            async for message in messages:
                for event in read_message(message, answer):
                    yield event
                if answer.complete:
                    break
        yield answer.finished()

    def _optional(self, request: Request) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        if self._temperature is not None:
            wanted["temperature"] = self._temperature
        if self._effort is not None:
            wanted["output_config"] = {"effort": self._effort}
        return {name: value for name, value in wanted.items() if name not in request.without}

    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        """Ask for the configured model alone: its id, or ModelNotFoundError."""
        model = await self._get(f"/v1/models/{quote(self.model, safe='')}", seconds)
        if not isinstance(model, Mapping) or not isinstance(model.get("id"), str):
            raise MalformedResponseError("no model")
        self._record = model
        # An alias is answered with the model that it stands for.
        return (self.model, model["id"])

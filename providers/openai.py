"""OpenAI, by its official SDK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from providers.adapter import Request, wire_messages
from providers.base import StreamEvent
from providers.capabilities import UNKNOWN, Capabilities
from providers.chat_completions import (
    STOP_REASONS,
    optional_parameters,
    read_chunk,
    wait_for_usage,
)
from providers.sdk import SdkProvider
from providers.settings import ProviderSettings, settings_config
from providers.wire import versioned_url

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# What this API takes for a model that the table does not know.
_NEWEST = Capabilities(limit_field="max_completion_tokens")


class OpenAISettings(ProviderSettings):
    """The `OPENAI_*` variables."""

    model_config = settings_config("OPENAI_")

    model: str | None = Field("gpt-6-sol", description="Model to ask")
    base_url: str = Field("https://api.openai.com/v1", description="Address of the API or gateway")


class OpenAIProvider(SdkProvider):
    """A model of OpenAI's, or behind a gateway that speaks its API."""

    name = "openai"
    cloud = "openai"
    settings_class: ClassVar[type[ProviderSettings]] = OpenAISettings
    stop_reasons = STOP_REASONS
    sends_effort = True
    request_id_header = "x-request-id"

    def _load(self) -> tuple[ModuleType, ModuleType]:
        import httpx2
        import openai

        return openai, httpx2

    def _build_client(self, http_client: Any) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        return AsyncOpenAI(
            api_key=self.key,
            base_url=versioned_url(self.base_url),
            max_retries=0,
            http_client=http_client,
        )

    async def _create(self, arguments: Mapping[str, Any], timeout: Any) -> Any:
        # The events as they came: the SDK's models would be built and taken apart for each piece.
        return await self._client.post(
            "/chat/completions",
            body={**arguments, "stream": True},
            options={"timeout": timeout},
            cast_to=object,
            stream=True,
            stream_cls=self._sdk.AsyncStream[object],
        )

    async def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        answer = request.answer
        optional = self._optional(request)
        arguments = {
            "model": self._served_model,
            "messages": wire_messages(request.messages),
            **optional,
        }
        async with aclosing(self._objects(request, arguments, tuple(optional))) as chunks:
            async for chunk in chunks:
                for event in read_chunk(chunk, answer):
                    yield event
                if answer.complete:
                    break
            await wait_for_usage(chunks, answer)
        yield answer.finished()

    @property
    def _served_model(self) -> str:
        """The name by which the server knows the model."""
        return self.model

    def _capabilities(self) -> Capabilities:
        known = super()._capabilities()
        return _NEWEST if known is UNKNOWN else known

    def _optional(self, request: Request) -> dict[str, Any]:
        return optional_parameters(
            self._capabilities(),
            max_tokens=self.max_tokens,
            temperature=self._temperature,
            effort=self._effort,
            without=request.without,
        )

    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        return self._read_list(await self._get("/models", seconds), "data", "id")

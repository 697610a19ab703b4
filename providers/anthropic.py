"""Anthropic, by its official SDK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from providers.adapter import Request, wire_messages
from providers.answer import Answer
from providers.base import LLMMessage, StopReason, StreamEvent, Usage
from providers.capabilities import capabilities_of
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
    settings_class = AnthropicSettings
    request_id_header = "request-id"
    probe_description = "GET /v1/models/{model}"
    stop_reasons: ClassVar[dict[str, StopReason]] = {
        "end_turn": StopReason.STOP,
        "stop_sequence": StopReason.STOP,
        "max_tokens": StopReason.LENGTH,
        "tool_use": StopReason.TOOL_CALLS,
        "refusal": StopReason.CONTENT_FILTER,
        "model_context_window_exceeded": StopReason.CONTEXT_OVERFLOW,
        "pause_turn": StopReason.PAUSED,
    }

    def _load(self) -> tuple[ModuleType, ModuleType]:
        import anthropic
        import httpx2

        return anthropic, httpx2

    def _build_client(self) -> AsyncAnthropic:
        from anthropic import AsyncAnthropic

        assert isinstance(self.settings, AnthropicSettings)
        version = self.settings.api_version
        return AsyncAnthropic(
            api_key=self.key,
            base_url=server_url(self.base_url),
            max_retries=0,
            default_headers={"anthropic-version": version} if version else None,
        )

    async def _create(self, arguments: Mapping[str, Any], timeout: Any) -> Any:
        return await self._client.messages.create(**arguments, stream=True, timeout=timeout)

    async def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        answer = request.answer
        optional = self._optional(request)
        arguments = {
            "model": self.model,
            "max_tokens": capabilities_of(self.model).token_limit(self.max_tokens),
            # The SDK has no such parameters any more; the older models still do.
            "extra_body": optional,
            **_prompt(request.messages),
        }
        async with aclosing(self._objects(request, arguments, tuple(optional))) as messages:
            async for message in messages:
                for event in _read_message(message, answer):
                    yield event
                if answer.complete:
                    break
        yield answer.finished()

    def _optional(self, request: Request) -> dict[str, Any]:
        takes_it = capabilities_of(self.model).sampling and "temperature" not in request.without
        return (
            {"temperature": self.temperature} if takes_it and self.temperature is not None else {}
        )

    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        """Ask for the configured model alone: its id, or ModelNotFoundError."""
        model = await self._get(f"/v1/models/{quote(self.model, safe='')}", seconds)
        if not isinstance(model, Mapping) or not isinstance(model.get("id"), str):
            raise MalformedResponseError("no model")
        # An alias is answered with the model that it stands for.
        return (self.model, model["id"])


def _prompt(messages: Sequence[LLMMessage]) -> dict[str, Any]:
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    turns = [message for message in messages if message.role != "system"]
    prompt: dict[str, Any] = {"messages": wire_messages(turns)}
    return {**prompt, "system": system} if system else prompt


def _read_message(message: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    match message.get("type"):
        case "message_start":
            _read_start(message.get("message"), answer)
        case "content_block_delta":
            return _read_delta(message.get("delta"), answer)
        case "message_delta":
            _read_end(message, answer)
        case "message_stop":
            answer.complete = True
    return []


def _read_start(start: object, answer: Answer) -> None:
    if not isinstance(start, Mapping):
        return
    if isinstance(model := start.get("model"), str):
        answer.model_version = model
    answer.usage = _merged_usage(answer.usage, start.get("usage"))


def _read_delta(delta: object, answer: Answer) -> list[StreamEvent]:
    if not isinstance(delta, Mapping):
        return []
    if isinstance(thinking := delta.get("thinking"), str) and thinking:
        return [answer.thinking(thinking)]
    if isinstance(text := delta.get("text"), str) and text:
        return [answer.text(text)]
    return []


def _read_end(message: Mapping[str, Any], answer: Answer) -> None:
    delta = message.get("delta")
    if isinstance(delta, Mapping) and isinstance(reason := delta.get("stop_reason"), str):
        answer.raw_stop_reason = reason
    answer.usage = _merged_usage(answer.usage, message.get("usage"))


def _merged_usage(usage: Usage, told: object) -> Usage:
    """Return the usage with what was told anew; counts are cumulative, parts may be missing."""
    if not isinstance(told, Mapping):
        return usage
    fresh, read, written = (
        told.get(name)
        for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    )
    output = told.get("output_tokens")
    if isinstance(fresh, int) and (usage.prompt_tokens is None or isinstance(read, int)):
        # The vendor's input count leaves cached tokens out; ours has them in.
        usage = replace(usage, prompt_tokens=fresh + (read or 0) + (written or 0))
    if isinstance(read, int):
        usage = replace(usage, cached_tokens=read)
    return replace(usage, completion_tokens=output) if isinstance(output, int) else usage

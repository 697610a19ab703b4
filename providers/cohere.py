"""Cohere's second chat API, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar

from pydantic import AliasChoices, Field, SecretStr

from providers import transport
from providers.adapter import Request, wire_messages
from providers.answer import Answer
from providers.base import StopReason, StreamEvent, Usage
from providers.framing import EventFrames, json_objects
from providers.http_adapter import HttpProvider
from providers.settings import ProviderSettings, settings_config
from providers.signals import error_for, read_signal
from providers.wire import server_url


class CohereSettings(ProviderSettings):
    """The `COHERE_*` variables."""

    model_config = settings_config("COHERE_")

    model: str | None = Field("command-a-plus-05-2026", description="Model to ask")
    base_url: str = Field("https://api.cohere.com", description="Address of the API or gateway")
    api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("COHERE_API_KEY", "CO_API_KEY"),
        description="Key; CO_API_KEY is read too; never logged",
    )


class CohereProvider(HttpProvider):
    """A model of Cohere's."""

    name = "cohere"
    cloud = "cohere"
    settings_class = CohereSettings
    stop_reasons: ClassVar[dict[str, StopReason]] = {
        "COMPLETE": StopReason.STOP,
        "STOP_SEQUENCE": StopReason.STOP,
        "MAX_TOKENS": StopReason.LENGTH,
        "TOOL_CALL": StopReason.TOOL_CALLS,
        "ERROR": StopReason.ERROR,
        "TIMEOUT": StopReason.ERROR,
    }

    async def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        answer = request.answer
        optional = self._optional(request)
        body = {
            "model": self.model,
            "messages": wire_messages(request.messages),
            "stream": True,
            **optional,
        }
        async with self._posted(self._url("v2/chat"), body, request, tuple(optional)) as response:
            read = transport.reader(response, answer)
            async with aclosing(json_objects(read, EventFrames())) as messages:
                async for message in messages:
                    for event in _read_message(message, answer):
                        yield event
                    if answer.complete:
                        break
        yield answer.finished()

    def _optional(self, request: Request) -> dict[str, Any]:
        limit = self._capabilities().token_limit(self.max_tokens)
        wanted: dict[str, Any] = {"max_tokens": limit}
        if self._temperature is not None:
            wanted["temperature"] = self._temperature
        return {name: value for name, value in wanted.items() if name not in request.without}

    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        body = await self._get(self._url("v1/models?endpoint=chat&page_size=1000"), seconds)
        return self._read_list(body, "models", "name")

    def _url(self, path: str) -> str:
        # Each call has a version of its own: the address has none.
        return f"{server_url(self.base_url).removesuffix('/v2').rstrip('/')}/{path}"


def _read_message(message: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    delta = _part(message, "delta")
    match message.get("type"):
        case "content-start" | "content-delta":
            return _read_content(_part(_part(delta, "message"), "content"), answer)
        case "tool-plan-delta":
            return _read_content({"thinking": _part(delta, "message").get("tool_plan")}, answer)
        case "message-end":
            _read_end(delta, answer)
        case None:
            # An error has no type of event: it is the body that a status would have had.
            raise error_for(read_signal(None, message))
    return []


def _read_content(content: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    events: list[StreamEvent] = []
    if isinstance(thinking := content.get("thinking"), str) and thinking:
        events.append(answer.thinking(thinking))
    if isinstance(text := content.get("text"), str) and text:
        events.append(answer.text(text))
    return events


def _read_end(delta: Mapping[str, Any], answer: Answer) -> None:
    """Take in the last event. Raises what an error in it stands for."""
    if error := delta.get("error"):
        raise error_for(read_signal(None, {"message": error}))
    reason = delta.get("finish_reason")
    if isinstance(reason, str) and reason:
        answer.raw_stop_reason, answer.complete = reason, True
    usage = _part(delta, "usage")
    tokens = _part(usage, "tokens")
    answer.usage = Usage(
        prompt_tokens=_count(tokens, "input_tokens"),
        completion_tokens=_count(tokens, "output_tokens"),
        cached_tokens=_count(usage, "cached_tokens"),
    )


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}


def _count(part: Mapping[str, Any], name: str) -> int | None:
    # The API counts in floating-point numbers.
    value = part.get(name)
    return int(value) if isinstance(value, int | float) else None

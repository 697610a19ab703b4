"""Ollama by its native chat: its OpenAI wire hides truncated prompts and broken answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar

from pydantic import Field

from providers import transport
from providers.adapter import Request, wire_messages
from providers.answer import Answer
from providers.base import StopReason, StreamEvent, Usage
from providers.framing import LineFrames, json_objects
from providers.http_adapter import HttpProvider
from providers.settings import Effort, ProviderSettings, settings_config
from providers.signals import error_for, read_signal
from providers.wire import server_url


class OllamaSettings(ProviderSettings):
    """The `OLLAMA_*` variables; without a model the server's first one is asked."""

    model_config = settings_config("OLLAMA_")

    base_url: str = Field("http://localhost:11434", description="Address of the Ollama server")
    num_ctx: int = Field(
        8192, gt=0, description="Context window in tokens; another size reloads the model"
    )
    keep_alive: str | None = Field(
        None, description="How long the model stays loaded, such as 30m; -1: for ever"
    )


class OllamaProvider(HttpProvider):
    """A model behind Ollama. The context window is always named and never cut silently."""

    name = "ollama"
    local = True
    loads_on_demand = True
    settings_class = OllamaSettings
    probe_description = "GET /api/tags"
    stream_types = ("application/x-ndjson", "application/json")
    stop_reasons: ClassVar[dict[str, StopReason]] = {
        "stop": StopReason.STOP,
        "length": StopReason.LENGTH,
    }

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
        num_ctx: int | None = None,
    ) -> None:
        super().__init__(
            model=model,
            base_url=base_url,
            api_key=api_key,
            temperature=temperature,
            max_tokens=max_tokens,
            reasoning_effort=reasoning_effort,
            connect_timeout=connect_timeout,
        )
        assert isinstance(self.settings, OllamaSettings)
        self.num_ctx = num_ctx or self.settings.num_ctx

    def _window(self) -> int:
        return self.num_ctx

    async def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        answer = request.answer
        options = self._options(request)
        body = {
            "model": self.model,
            "messages": wire_messages(request.messages),
            "stream": True,
            "truncate": False,
            "shift": False,
            "options": {"num_ctx": self.num_ctx, **options},
            **self._stay(),
        }
        url = f"{server_url(self.base_url)}/api/chat"
        async with self._posted(url, body, request, tuple(options)) as response:
            read = transport.reader(response, answer)
            async with aclosing(json_objects(read, LineFrames())) as lines:
                async for line in lines:
                    for event in _read_line(line, answer):
                        yield event
                    if line.get("done"):
                        break
        yield answer.finished()

    def _stay(self) -> dict[str, Any]:
        assert isinstance(self.settings, OllamaSettings)
        stay = self.settings.keep_alive
        if stay is None:
            return {}
        # A number is one of seconds, and a word needs its unit.
        return {"keep_alive": int(stay) if stay.lstrip("-").isdigit() else stay}

    def _options(self, request: Request) -> dict[str, Any]:
        limit = self._capabilities().token_limit(self.max_tokens)
        wanted = {"num_predict": limit, "temperature": self._temperature}
        return {
            name: value
            for name, value in wanted.items()
            if value is not None and name not in request.without
        }

    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        body = await self._get(f"{server_url(self.base_url)}/api/tags", seconds)
        return self._read_list(body, "models", "name")

    def _lists(self, models: tuple[str, ...]) -> bool:
        # "gemma4" and "gemma4:latest" are one model to Ollama.
        return self.model in models or f"{self.model}:latest" in models


def _read_line(line: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    if line.get("error"):
        raise error_for(read_signal(None, line))
    if isinstance(model := line.get("model"), str):
        answer.model_version = model
    message = line.get("message")
    events = _read_message(message, answer) if isinstance(message, Mapping) else []
    if line.get("done"):
        _end(line, answer)
        events += answer.rest_of_tagged_text()
    return events


def _read_message(message: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    events: list[StreamEvent] = []
    if isinstance(thinking := message.get("thinking"), str) and thinking:
        events.append(answer.thinking(thinking))
    if isinstance(content := message.get("content"), str) and content:
        events += answer.tagged_text(content)
    return events


def _end(line: Mapping[str, Any], answer: Answer) -> None:
    reason = line.get("done_reason")
    # Done without a reason is how Ollama reports that its runner went away.
    answer.complete = isinstance(reason, str) and bool(reason)
    answer.raw_stop_reason = reason if isinstance(reason, str) else ""
    answer.usage = Usage(
        prompt_tokens=_count(line.get("prompt_eval_count")),
        completion_tokens=_count(line.get("eval_count")),
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None

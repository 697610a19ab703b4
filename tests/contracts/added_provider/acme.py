"""A vendor that nobody else has: each line of its answer is an object with one name."""

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
from providers.settings import ProviderSettings, settings_config
from providers.signals import error_for, read_signal
from providers.wire import versioned_url


class AcmeSettings(ProviderSettings):
    """The `ACME_*` variables."""

    model_config = settings_config("ACME_")

    model: str | None = Field("acme-1", description="Model to ask")
    base_url: str = Field("https://api.acme.example", description="Address of the API")


class AcmeProvider(HttpProvider):
    """A model of Acme's."""

    name = "acme"
    settings_class = AcmeSettings
    stream_types = ("application/x-ndjson",)
    stop_reasons: ClassVar[dict[str, StopReason]] = {
        "done": StopReason.STOP,
        "full": StopReason.LENGTH,
        "refused": StopReason.CONTENT_FILTER,
        "broken": StopReason.ERROR,
    }

    async def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        answer = request.answer
        wanted = {"max_tokens": self.max_tokens, "temperature": self._temperature}
        optional = {
            name: value
            for name, value in wanted.items()
            if value is not None and name not in request.without
        }
        body = {"model": self.model, "turns": wire_messages(request.messages), **optional}
        url = f"{versioned_url(self.base_url)}/say"
        async with self._posted(url, body, request, tuple(optional)) as response:
            read = transport.reader(response, answer)
            async with aclosing(json_objects(read, LineFrames())) as lines:
                async for line in lines:
                    for event in _read_line(line, answer):
                        yield event
                    if answer.complete:
                        break
        yield answer.finished()

    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        body = await self._get(f"{versioned_url(self.base_url)}/models", seconds)
        return self._read_list(body, "data", "id")


def _read_line(line: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    if line.get("error"):
        raise error_for(read_signal(None, line))
    if thought := line.get("thought"):
        return [answer.thinking(thought)]
    if words := line.get("words"):
        return [answer.text(words)]
    if end := line.get("end"):
        answer.raw_stop_reason, answer.model_version = end, line["model"]
        answer.usage = Usage(*line["counts"])
        answer.complete = True
    return []

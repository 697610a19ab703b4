"""One careful client for servers that speak OpenAI's chat completions over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from providers import transport
from providers.adapter import Request, wire_messages
from providers.base import StreamEvent
from providers.chat_completions import (
    STOP_REASONS,
    optional_parameters,
    read_chunk,
    wait_for_usage,
)
from providers.framing import EventFrames, json_objects
from providers.http_adapter import HttpProvider
from providers.wire import versioned_url


class OpenAICompatibleProvider(HttpProvider):
    """Base of the adapters whose server speaks this wire; a subclass has a name and settings."""

    stop_reasons = STOP_REASONS
    sends_effort = True

    async def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        answer = request.answer
        optional = self._optional(request)
        body = {
            "model": self.model,
            "messages": wire_messages(request.messages),
            "stream": True,
            **optional,
        }
        url = f"{versioned_url(self.base_url)}/chat/completions"
        async with self._posted(url, body, request, tuple(optional)) as response:
            read = transport.reader(response, answer)
            async with aclosing(json_objects(read, EventFrames())) as chunks:
                async for chunk in chunks:
                    for event in read_chunk(chunk, answer):
                        yield event
                    if answer.complete:
                        break
                await wait_for_usage(chunks, answer)
        yield answer.finished()

    def _optional(self, request: Request) -> dict[str, Any]:
        own = self._own_parameters()
        return {
            **optional_parameters(
                self._capabilities(),
                max_tokens=self.max_tokens,
                temperature=self._temperature,
                effort=self._effort,
                without=request.without,
            ),
            **{
                name: value
                for name, value in own.items()
                if value is not None and name not in request.without
            },
        }

    def _own_parameters(self) -> dict[str, Any]:
        """Return what this server takes beyond the wire; None is "not sent"."""
        return {}

    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        body = await self._get(f"{versioned_url(self.base_url)}/models", seconds)
        return self._read_list(body, "data", "id")

"""Our own client for OpenAI's wire, where it differs from the SDK's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from providers.errors import ContextOverflowError, MalformedResponseError


def selects(wire: Any) -> bool:
    return wire.chat_path == "/v1/chat/completions" and wire.provider != "openai"


async def test_an_error_in_a_plain_answer_is_read(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    """Some servers report an overflow as JSON under status 200."""
    server.fails(200, {"error": "The prompt exceeds the context length"})
    with pytest.raises(ContextOverflowError):
        await make().generate(messages)


async def test_the_last_event_may_lack_its_blank_line(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    last = wire.terminal().rstrip(b"\n")
    server.answers(wire.text("Hello"), last)
    assert (await make().generate(messages)).content == "Hello"


async def test_what_is_not_http_is_unreadable(wire: Any, make: Any, messages: Any) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail server ready\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(MalformedResponseError):
            await make(base_url=f"http://127.0.0.1:{port}").generate(messages)


async def test_a_vllm_whose_engine_is_dead_is_not_healthy(
    wire: Any, server: Any, make: Any
) -> None:
    server.routes = {**wire.models(wire.model), "/health": 503}
    health = await make().health_check()
    assert health.ok is (wire.provider != "vllm")

"""Our own client for OpenAI's wire, where it differs from the SDK's."""

from __future__ import annotations

import asyncio
import contextlib
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


async def test_a_server_that_closes_after_each_answer_without_saying_so(
    wire: Any, make: Any, messages: Any
) -> None:
    """A new request may be on its way when the end of the connection arrives: none is lost."""
    body = b"".join([*wire.opening(), wire.text("Hello"), *wire.closing()])
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            asked = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(asked.lower().split(b"content-length: ")[1].split()[0]))
            writer.write(head + b"\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        provider = make(base_url=f"http://127.0.0.1:{port}")
        for _ in range(20):
            assert (await provider.generate(messages)).content == "Hello"
        await provider.close()


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

"""Whoever has just connected when a server ends is hung up on, not left hanging."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from bot.serving import served


@pytest.mark.parametrize("turns", range(6))
async def test_a_connection_is_closed_however_young(turns):
    async with served(web.Application(), "127.0.0.1", 0) as url:
        client = socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=5)
        for _ in range(turns):
            await asyncio.sleep(0)
    with client:
        await asyncio.sleep(0)  # what is closed goes to the network in the next turn
        assert await asyncio.to_thread(_rest, client) == b""


async def test_a_port_in_use_is_an_error_of_the_system():
    async with served(web.Application(), "127.0.0.1", 0) as url:
        with pytest.raises(OSError, match="in use"):
            async with served(web.Application(), "127.0.0.1", urlsplit(url).port or 0):
                pass


def _rest(client: socket.socket) -> bytes:
    try:
        return client.recv(1)
    except ConnectionResetError:
        return b""

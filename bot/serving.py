"""One HTTP server, and an end that leaves no connection behind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

# Accepting takes a task, then a callback, each a turn of the loop.
_TURNS_TO_ACCEPT = 3


@asynccontextmanager
async def served(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve for as long as the block lasts; yield the address, with the port that 0 became.

    What a request still does when the block ends gets two seconds. Raises OSError where the
    address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            name = f"[{host}]" if ":" in host else host
            yield f"http://{name}:{listener.getsockname()[1]}"
        finally:
            await _let_in(listener)
            await runner.cleanup()


async def _let_in(listener: socket.socket) -> None:
    """Take nobody new, and let whoever was accepted arrive where they can be hung up on.

    CPython 3.11 drops a connection that it accepts while the server closes, without closing it.
    """
    asyncio.get_running_loop().remove_reader(listener.fileno())
    for _ in range(_TURNS_TO_ACCEPT):
        await asyncio.sleep(0)

"""A model server on loopback that answers each chat request with the next script it was given."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import CIMultiDict


@dataclass(frozen=True)
class Script:
    """One answer: headers at once, then bytes, pauses in seconds, CUT or HANG, then the end."""

    steps: tuple[Any, ...] = ()
    status: int = 200
    content_type: str = "text/event-stream"
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: CIMultiDict[str]
    body: Any
    peer: Any = None
    """The other end of the connection, which tells connections apart."""
    raw_path: str = ""
    raw: bytes = b""
    at: float = 0.0
    """When, by the loop's clock."""


class ModelServer:
    """Scripts are played in order and the last one repeats; `routes` answer what costs nothing."""

    CUT = object()
    """The connection is reset here."""
    HANG = object()
    """Nothing more comes, and the connection stays open."""

    def __init__(self, content_type: str) -> None:
        self.content_type = content_type
        self.routes: dict[str, Any] = {}
        self.requests: list[Received] = []
        self.asked = asyncio.Event()
        self.disconnected = asyncio.Event()
        self.url = ""
        self._scripts: list[Script] = []
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def answers(self, *steps: Any, **headers: str) -> None:
        """Queue a stream; keyword arguments are headers, with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._scripts.append(Script(steps, headers=named, content_type=self.content_type))

    def fails(self, status: int, body: Any = None, **headers: str) -> None:
        """Queue an answer that is an error."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._scripts.append(Script(status=status, json=body, headers=named))

    def sends_page(self, text: str, status: int = 200) -> None:
        """Queue a page of HTML."""
        self._scripts.append(Script((text.encode(),), content_type="text/html", status=status))

    def resets(self) -> None:
        """Queue a connection that is reset before a byte of an answer."""
        self._scripts.append(Script((self.CUT,), status=0))

    def fails_halfway(self, status: int) -> None:
        """Queue an error of which only a part comes."""
        steps = (b'{"error": ', self.HANG)
        self._scripts.append(Script(steps, status=status, content_type="application/json"))

    def hangs(self) -> None:
        """Queue an answer of which not even the headers come."""
        self._scripts.append(Script((self.HANG,), status=0))

    def forget(self) -> None:
        """Drop what was queued."""
        self._scripts.clear()

    @property
    def chats(self) -> list[Received]:
        return [request for request in self.requests if not _asks_for_facts(request)]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        peer = request.transport.get_extra_info("peername") if request.transport else None
        raw = await request.read()
        received = Received(
            request.method,
            request.path,
            request.headers.copy(),
            body,
            peer,
            request.raw_path,
            raw,
            asyncio.get_running_loop().time(),
        )
        self.requests.append(received)
        if _asks_for_facts(request):
            return self._route(request.path)
        self.asked.set()
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        return await self._play(request, script)

    def _route(self, path: str) -> web.Response:
        found = self.routes.get(path, 404)
        if isinstance(found, int):
            return web.json_response({"error": {"message": "secret text"}}, status=found)
        if isinstance(found, tuple):
            return web.json_response(found[1], status=found[0])
        if isinstance(found, str):
            return web.Response(text=found, content_type="text/html")
        return web.json_response(found)

    async def _play(self, request: web.Request, script: Script) -> web.StreamResponse:
        if script.status == 0:
            await self._step(request, web.StreamResponse(), script.steps[0])
            return web.Response()
        if script.json is not None or (script.status != 200 and not script.steps):
            return web.json_response(script.json, status=script.status, headers=script.headers)
        response = web.StreamResponse(status=script.status, headers=script.headers)
        response.content_type = script.content_type
        await response.prepare(request)
        for step in script.steps:
            if not await self._step(request, response, step):
                break
        return response

    async def _step(self, request: web.Request, response: web.StreamResponse, step: Any) -> bool:
        if isinstance(step, bytes):
            await response.write(step)
        elif isinstance(step, float):
            await asyncio.sleep(step)
        elif step is self.CUT:
            # What was written has to arrive before the reset does.
            await asyncio.sleep(0.02)
            assert request.transport is not None
            request.transport.abort()
            return False
        else:
            await self._until_disconnected(request)
        return True

    async def _until_disconnected(self, request: web.Request) -> None:
        while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        self.disconnected.set()


def _asks_for_facts(request: Received | web.Request) -> bool:
    return request.method == "GET" or request.path.endswith("/count-tokens")

"""Socket Mode: the app's own connections, and one payload to one of them."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from typing import Any

import aiohttp
from aiohttp import web

from bot.workspace.clock import Clock
from bot.workspace.delivery import ACK_SECONDS, Answer, Payload

MAX_CONNECTIONS = 10
MAX_FRAME = 4 * 1024 * 1024


class Sockets:
    """The open connections of the app and what each has not acknowledged yet."""

    def __init__(self, clock: Clock, app_id: str) -> None:
        self._clock = clock
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._open: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._any_open = asyncio.Event()
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Any]]] = {}

    @property
    def connections(self) -> int:
        return len(self._open)

    def new_ticket(self) -> str:
        """Return the part of a connection's address that opens it, once."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Run one connection until either side ends it."""
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(max_msg_size=MAX_FRAME)
        await socket.prepare(request)
        if len(self._open) >= MAX_CONNECTIONS:
            await self._refuse(socket, "too_many_websockets")
        else:
            await self._converse(socket, request.transport)
        return socket

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Announce the end of every connection; the client is expected to open a new one."""
        for socket in list(self._open):
            await socket.send_json(_disconnect_frame(reason))

    def cut(self) -> int:
        """Break every connection without a word, as a network does; returns how many."""
        broken = list(self._open.items())
        for socket, transport in broken:
            self._forget(socket)
            if transport is not None:
                transport.abort()
        return len(broken)

    async def ready(self) -> None:
        """Return once a connection is open."""
        await self._any_open.wait()

    async def close(self) -> None:
        for socket in list(self._open):
            await socket.close()

    async def send(self, payload: Payload, attempt: int, reason: str) -> Answer:
        """Hand the payload to one connection, arbitrarily chosen, and wait for its ack."""
        if not self._open:
            return Answer("dispatch_failed")
        socket = random.choice(list(self._open))  # noqa: S311 - no secret hangs on the choice
        envelope_id = secrets.token_hex(16)
        acked: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (socket, acked)
        try:
            await socket.send_json(_envelope(envelope_id, payload, attempt, reason))
            return await self._answer(acked)
        except ConnectionError:
            return Answer("connection_failed")
        finally:
            self._waiting.pop(envelope_id, None)

    async def _answer(self, acked: asyncio.Future[Any]) -> Answer:
        limit = asyncio.ensure_future(self._clock.sleep(ACK_SECONDS))
        try:
            await asyncio.wait({acked, limit}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            limit.cancel()
        return Answer(payload=acked.result()) if acked.done() else Answer("timeout")

    async def _converse(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport | None
    ) -> None:
        self._open[socket] = transport
        try:
            await socket.send_json(self._hello())
            self._any_open.set()
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledge(frame.data)
        except ConnectionError:
            pass  # the client left while it was greeted; its payloads are failed below
        finally:
            self._forget(socket)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": "workspace", "approximate_connection_time": 18_060},
        }

    def _acknowledge(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return  # Slack drops what it cannot read
        envelope_id = frame.get("envelope_id") if isinstance(frame, dict) else None
        _, acked = self._waiting.get(str(envelope_id), (None, None))
        if acked is not None and not acked.done():
            acked.set_result(frame.get("payload"))

    def _forget(self, socket: web.WebSocketResponse) -> None:
        self._open.pop(socket, None)
        if not self._open:
            self._any_open.clear()
        for owner, acked in list(self._waiting.values()):
            if owner is socket and not acked.done():
                acked.set_exception(ConnectionResetError("the connection ended before the ack"))

    async def _refuse(self, socket: web.WebSocketResponse, reason: str) -> None:
        await socket.send_json(_disconnect_frame(reason))
        await socket.close()


def _disconnect_frame(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "workspace"}}


def _envelope(envelope_id: str, payload: Payload, attempt: int, reason: str) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "envelope_id": envelope_id,
        "type": payload.kind,
        "payload": payload.body,
        "accepts_response_payload": payload.kind != "events_api",
    }
    if payload.kind == "events_api":
        envelope |= {"retry_attempt": attempt, "retry_reason": reason}
    return envelope

"""Loopback only: who may reach the workspace, and which pages may drive it."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from bot.workspace.errors import NotLoopbackError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_loopback(host: str | None) -> bool:
    """Tell whether a host name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def require_loopback(url: str) -> None:
    """Raise NotLoopbackError unless the address can only be reached from this machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not is_loopback(parts.hostname):
        raise NotLoopbackError(
            f"the local workspace is for this machine alone: {url!r} is no http address "
            "on 127.0.0.1, ::1 or localhost"
        )


def local(handler: Handler) -> Handler:
    """Let nobody in from another machine, nor under a name that is not this machine's."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        host = urlsplit(f"//{request.host}").hostname
        if not (is_loopback(request.remote) and is_loopback(host)):
            raise web.HTTPForbidden(text="the local workspace answers on this machine only")
        return await handler(request)

    return guarded


def same_origin(handler: Handler) -> Handler:
    """Let no foreign web page drive the workspace through its reader's browser."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            raise web.HTTPForbidden(text="this origin may not control the workspace")
        if request.method == "POST" and request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="the body must be application/json")
        return await handler(request)

    return local(guarded)

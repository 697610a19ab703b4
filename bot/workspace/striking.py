"""How a fault shows on the wire."""

from __future__ import annotations

from aiohttp import web

from bot.workspace.clock import Clock
from bot.workspace.faults import Fault

_PAGE = "<!DOCTYPE html><html><body><h1>Server Error</h1></body></html>"


async def strike(fault: Fault, request: web.Request, clock: Clock) -> web.Response | None:
    """Return the answer that takes the place of the real one, or None where work goes on."""
    if fault.kind == "slow":
        await clock.sleep(fault.seconds)
        return None
    if fault.kind == "drop_before":
        return _drop(request)
    return _refused(fault)


def struck_after(fault: Fault | None, request: web.Request) -> web.Response | None:
    """Lose the answer to a call that was carried out, where the fault says so."""
    if fault is not None and fault.kind == "drop_after_accept":
        return _drop(request)
    return None


def _refused(fault: Fault) -> web.Response | None:
    if fault.kind == "rate_limited":
        return web.json_response(
            {"ok": False, "error": "ratelimited"},
            status=429,
            headers={"Retry-After": str(fault.retry_after)},
        )
    if fault.kind == "status":
        return web.Response(status=fault.status)
    if fault.kind == "html":
        return web.Response(status=fault.status, text=_PAGE, content_type="text/html")
    if fault.kind == "not_ok":
        return web.json_response({"ok": False, "error": fault.error})
    return None


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()

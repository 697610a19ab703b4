"""The one port: health for Kubernetes, Slack over HTTP, and what else is mounted on it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib.metadata import version

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot.health import HealthReport

APP_NAME = "RCA Insight Engine"
VERSION = version("rca-insight-engine")

_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Site:
    """The routes and what they ask. Everything may be set until the server is started.

    `reasons` returns what is not ready, in words; `bolt` is None where Slack does not come in
    over HTTP; `report` gathers the health of providers, Slack and runs, `metrics` returns what a
    scrape wants and its content type.
    """

    def __init__(self) -> None:
        self.reasons: Callable[[], list[str]] = lambda: ["starting"]
        self.report: Callable[[], Awaitable[HealthReport]] | None = None
        self.metrics: Callable[[], tuple[bytes, str]] | None = None
        self.bolt: AsyncApp | None = None
        self.front_page = f"{APP_NAME} {VERSION}"
        self.app = web.Application()
        self.app.add_routes(
            [
                web.get("/api/health/live", self._live),
                web.get("/api/health/healthz", self._live),
                web.get("/api/health/ready", self._ready),
                web.get("/api/health/readyz", self._ready),
                web.get("/api/health/report", self._report),
                web.get("/metrics", self._metrics),
                web.post("/slack/events", self._slack_events),
            ]
        )

    def show_front_page(self) -> None:
        """Say at `/` what runs here; the local workspace has a page of its own there."""
        self.app.router.add_get("/", self._front)

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "app": APP_NAME, "version": VERSION})

    async def _ready(self, request: web.Request) -> web.Response:
        reasons = self.reasons()
        if not reasons:
            return await self._live(request)
        body = {"status": "not ready", "app": APP_NAME, "version": VERSION, "reasons": reasons}
        return web.json_response(body, status=503)

    async def _report(self, _request: web.Request) -> web.Response:
        if self.report is None:
            return web.json_response({"status": "starting"}, status=503)
        return web.json_response(asdict(await self.report()))

    async def _metrics(self, _request: web.Request) -> web.Response:
        if self.metrics is None:
            return web.Response(status=503, text="starting\n")
        body, content_type = self.metrics()
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _front(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.front_page + "\n")

    async def _slack_events(self, request: web.Request) -> web.Response:
        if self.bolt is None:
            return web.json_response({"error": "Slack does not come in over HTTP here"}, status=404)
        if not await _well_formed(request):
            return web.json_response({"error": "not a signed request of Slack's"}, status=401)
        bolt_request = await to_bolt_request(request)
        return await to_aiohttp_response(await self.bolt.async_dispatch(bolt_request))


async def _well_formed(request: web.Request) -> bool:
    # Bolt answers 500 to each of these, and Slack's senders never make them.
    stamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not (stamp.isascii() and stamp.isdigit() and _SIGNATURE.fullmatch(signature)):
        return False
    try:
        (await request.read()).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

"""The workspace's page: its files as package data, and what it must know of the app."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import PurePath

from aiohttp import web

from bot.workspace.backend import Backend
from bot.workspace.downloads import Downloads

# No inline script or style, no foreign address: what a message says cannot run or be fetched.
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class CommandHint:
    """A slash command as the composer offers it."""

    command: str
    description: str
    usage_hint: str = ""


@dataclass(frozen=True, slots=True)
class MessageShortcut:
    """An entry of the app's in a message's menu."""

    callback_id: str
    name: str


@dataclass(frozen=True, slots=True)
class AppDescription:
    """What the page offers of the app; `person` is the id of whoever sits before it."""

    person: str = ""
    commands: Sequence[CommandHint] = ()
    shortcuts: Sequence[MessageShortcut] = ()


class Pages:
    """Serves the page, its parts, and what it shows of files."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._downloads = Downloads(backend)
        self._parts = _read_parts()
        self.description = AppDescription()

    async def front(self, request: web.Request) -> web.StreamResponse:
        """Answer with the page itself; it finds what to show from its own address."""
        return self._answer(request, "index.html")

    async def part(self, request: web.Request) -> web.StreamResponse:
        """Answer with one of the page's scripts, styles or pictures."""
        return self._answer(request, request.match_info["name"])

    async def permalink(self, request: web.Request) -> web.StreamResponse:
        """Answer a browser with the page, and anybody else with the message itself."""
        if "text/html" in request.headers.get("Accept", ""):
            return await self.front(request)
        return await self._downloads.permalink(request)

    async def app(self, request: web.Request) -> web.Response:
        """Answer with what the page offers of the app, and whether models can be practised on."""
        addresses = {resource.canonical for resource in request.app.router.resources()}
        return web.json_response(
            {
                **asdict(self.description),
                "base_url": self._backend.state.base_url,
                "practice": "/control/practice" in addresses,
            }
        )

    async def file(self, request: web.Request) -> web.Response:
        """Answer with a file as plain text, whatever it is; the page shows nothing else."""
        file = self._backend.state.files.get(request.match_info["file"])
        if file is None:
            raise web.HTTPNotFound
        text = file.content.decode("utf-8", errors="replace")
        return web.Response(text=text, headers=_HEADERS)

    def _answer(self, request: web.Request, name: str) -> web.Response:
        content = self._parts.get(name)
        if content is None:
            raise web.HTTPNotFound
        # Under its own tag a part is fetched again only once it has changed.
        tag = hashlib.sha256(content).hexdigest()[:16]
        if any(known.value == tag for known in request.if_none_match or ()):
            return web.Response(status=304, headers={**_HEADERS, "ETag": f'"{tag}"'})
        return web.Response(
            body=content,
            content_type=_TYPES[PurePath(name).suffix],
            charset="utf-8",
            headers={**_HEADERS, "ETag": f'"{tag}"'},
        )


def _read_parts() -> dict[str, bytes]:
    folder = resources.files("bot.workspace") / "page"
    return {
        part.name: part.read_bytes()
        for part in folder.iterdir()
        if PurePath(part.name).suffix in _TYPES
    }

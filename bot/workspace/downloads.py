"""Files and response addresses: the two doors of Slack that are not methods."""

from __future__ import annotations

import json

from aiohttp import web

from bot.workspace.backend import Backend
from bot.workspace.entities import micros
from bot.workspace.errors import SlackError
from bot.workspace.rendering import message_view
from bot.workspace.striking import strike, struck_after

_LOGIN = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"


class Downloads:
    """Serves what is fetched by address: files, permalinks; and takes replies by address."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Answer with the bytes, or, without a good token, with a login page and 200."""
        fault = self._backend.faults.next_for("files")
        struck = await strike(fault, request, self._backend.clock) if fault else None
        if struck is not None:
            return struck
        bearer = f"Bearer {self._backend.state.identity.bot_token}"
        allowed = request.headers.get("Authorization") == bearer
        if not allowed or "files:read" not in self._backend.state.scopes:
            return web.Response(text=_LOGIN, content_type="text/html")
        file = self._backend.state.files.get(request.match_info["file"])
        if file is None:
            raise web.HTTPNotFound
        response = web.Response(body=file.content, content_type=file.mimetype)
        return struck_after(fault, request) or response

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Take one reply to a command, a shortcut or a button."""
        fault = self._backend.faults.next_for("response_url")
        struck = await strike(fault, request, self._backend.clock) if fault else None
        if struck is not None:
            return struck
        try:
            body = json.loads(await request.text())
            if not isinstance(body, dict):
                raise SlackError("invalid_payload")
            self._backend.responses.use(request.match_info["secret"], body)
        except SlackError as refusal:
            spent = refusal.error in ("used_url", "expired_url", "invalid_url")
            return web.json_response(refusal.body(), status=404 if spent else 400)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        return struck_after(fault, request) or web.Response(text="ok")

    async def permalink(self, request: web.Request) -> web.StreamResponse:
        """Answer with the message that a permalink means."""
        channel = self._backend.state.channels.get(request.match_info["channel"])
        ts = _ts_of_link(request.match_info["message"])
        message = channel.messages.get(ts) if channel else None
        if channel is None or message is None:
            raise web.HTTPNotFound
        view = message_view(self._backend.state, channel, message)
        return web.json_response({"channel": channel.id, "message": view})


def _ts_of_link(part: str) -> str:
    ts = f"{part[1:-6]}.{part[-6:]}"
    try:
        micros(ts)
    except ValueError as error:
        raise web.HTTPNotFound from error
    return ts

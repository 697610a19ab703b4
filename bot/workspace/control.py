"""The control API: what people do, and faults, as JSON under /control/."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from bot.workspace.backend import Backend
from bot.workspace.errors import SlackError
from bot.workspace.rendering import channel_view, user_view

Action = Callable[..., Any]


class Control:
    """Calls an action with the fields of a JSON body as its arguments."""

    def __init__(self, backend: Backend, actions: Mapping[str, Action]) -> None:
        self._backend = backend
        self._actions = dict(actions)

    async def act(self, request: web.Request) -> web.Response:
        """Do one action: 404 for an unknown one, 400 with the reason for a wrong call."""
        name = request.match_info["action"]
        action = self._actions.get(name)
        if action is None:
            return _refused(404, f"no action {name!r}; there are {', '.join(self._actions)}")
        try:
            arguments = _arguments(await request.text())
            inspect.signature(action).bind(**arguments)
        except (TypeError, ValueError, KeyError) as error:
            return _refused(400, str(error))
        try:
            result = action(**arguments)
            result = await result if inspect.isawaitable(result) else result
        except (LookupError, ValueError, SlackError) as error:
            return _refused(400, str(error))
        return web.json_response({"ok": True, "result": _plain(result)})

    async def state(self, _request: web.Request) -> web.Response:
        """Answer with who and what there is, without the messages."""
        state, own = self._backend.state, self._backend.state.identity
        channels = [
            {**channel_view(state, channel), "members": channel.members}
            for channel in state.channels.values()
        ]
        return web.json_response(
            {
                "team_id": own.team_id,
                "bot_user_id": own.bot_user_id,
                "bot_id": own.bot_id,
                "connections": self._backend.sockets.connections,
                "users": [user_view(state, user) for user in state.users.values()],
                "channels": channels,
            }
        )

    async def calls(self, _request: web.Request) -> web.Response:
        """Answer with the Web API calls of the app, oldest first."""
        calls = [dataclasses.asdict(call) for call in self._backend.calls]
        return web.json_response({"calls": calls}, dumps=_dumps)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream what happens as server-sent events until the reader leaves."""
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "text/event-stream"
        with self._backend.feed.watch() as happenings:
            await response.prepare(request)
            await response.write(b": ready\nretry: 1000\n\n")
            # A reader may leave between two happenings.
            with contextlib.suppress(ConnectionResetError):
                async for happening in happenings:
                    text = _dumps(dataclasses.asdict(happening))
                    await response.write(f"event: {happening.kind}\ndata: {text}\n\n".encode())
        return response


def decoded_files(files: list[Mapping[str, str]]) -> list[tuple[str, bytes, str]]:
    """Turn uploads of {name, content (base64), mimetype} into what `say` takes."""
    return [
        (
            file["name"],
            base64.b64decode(file["content"], validate=True),
            file.get("mimetype", "text/plain"),
        )
        for file in files
    ]


def _arguments(text: str) -> dict[str, Any]:
    arguments = json.loads(text) if text else {}
    if not isinstance(arguments, dict):
        raise ValueError("the body must be a JSON object")
    if "files" in arguments:
        arguments["files"] = decoded_files(arguments["files"])
    return arguments


def _plain(result: Any) -> Any:
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return dataclasses.asdict(result)
    return result


def _refused(status: int, reason: str) -> web.Response:
    return web.json_response({"ok": False, "error": reason}, status=status)


def _dumps(value: Any) -> str:
    return json.dumps(value, default=str)

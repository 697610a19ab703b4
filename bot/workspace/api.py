"""The Web API's door: faults, token, scopes, rate, arguments, then the method."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.workspace.arguments import checked, read_raw
from bot.workspace.backend import ApiCall, Backend
from bot.workspace.errors import RateLimitedError, SlackError
from bot.workspace.faults import Fault
from bot.workspace.methods import Call, Method
from bot.workspace.methods_chat import CHAT
from bot.workspace.methods_conversations import CONVERSATIONS
from bot.workspace.methods_directory import DIRECTORY
from bot.workspace.methods_reading import READING
from bot.workspace.methods_views import VIEWS
from bot.workspace.striking import strike, struck_after

METHODS: dict[str, Method] = {**CHAT, **CONVERSATIONS, **READING, **DIRECTORY, **VIEWS}


@dataclass(slots=True)
class _Reply:
    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class WebApi:
    """Answers `/slack/api/<method>` and keeps a record of every call."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        known = METHODS.get(name)
        try:
            raw = await read_raw(request, reads_json=known is None or known.reads_json)
        except SlackError as refusal:
            return self._finish(name, {}, _Reply(refusal.body()))
        fault = self._backend.faults.next_for(name)
        if fault is not None:
            struck = await strike(fault, request, self._backend.clock)
            if struck is not None:
                self._record(name, raw, _fault_name(fault))
                return struck
        response = self._finish(name, raw, self._answer(name, known, request, raw))
        return struck_after(fault, request) or response

    def _answer(
        self, name: str, known: Method | None, request: web.Request, raw: dict[str, Any]
    ) -> _Reply:
        if known is None:
            return _Reply({"ok": False, "error": "unknown_method", "req_method": name})
        headers: dict[str, str] = {}
        try:
            headers = self._authorised(known, request, raw)
            self._backend.rates.take(name, known.rate)
            answer = known.run(Call(self._backend, checked(known.arguments, raw)))
        except RateLimitedError as refusal:
            retry = {"Retry-After": str(refusal.retry_after)}
            return _Reply(refusal.body(), 429, {**headers, **retry})
        except SlackError as refusal:
            return _Reply(refusal.body(), headers=headers)
        return _Reply({"ok": True, **answer}, headers=headers)

    def _authorised(
        self, known: Method, request: web.Request, raw: dict[str, Any]
    ) -> dict[str, str]:
        """Return the headers that name the token's scopes; raise where it may not do this."""
        if known.caller == "anyone":
            return {}
        own = self._backend.state.identity
        kinds = {own.bot_token: "bot", own.app_token: "app"}
        kind = kinds.get(_token(request, raw))
        if kind is None:
            raise SlackError("invalid_auth")
        if kind != known.caller:
            raise SlackError("not_allowed_token_type")
        if kind == "app":
            return {"x-oauth-scopes": "connections:write"}
        self._backend.state.require_scope(*known.scopes)
        return {
            "x-oauth-scopes": ",".join(sorted(self._backend.state.scopes)),
            "x-accepted-oauth-scopes": ",".join(known.scopes),
        }

    def _finish(self, name: str, raw: dict[str, Any], reply: _Reply) -> web.Response:
        self._record(name, raw, "" if reply.body["ok"] else reply.body["error"])
        return web.json_response(reply.body, status=reply.status, headers=reply.headers)

    def _record(self, name: str, raw: dict[str, Any], error: str) -> None:
        args = {key: value for key, value in raw.items() if key != "token"}
        call = ApiCall(name, args, error, self._backend.clock.time())
        self._backend.calls.append(call)
        self._backend.feed.publish("call", "", {"method": name, "error": error})


def _token(request: web.Request, raw: dict[str, Any]) -> str:
    """Return the token that was sent: a form's field first, then the header.

    One in the address spoils the call whatever else was sent; any scheme but exactly "Bearer"
    is no credential at all.
    """
    if "token" in request.query:
        raise SlackError("invalid_auth")
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = raw.get("token") or (bearer if scheme == "Bearer" else "")
    if not token:
        raise SlackError("not_authed")
    return str(token)


def _fault_name(fault: Fault) -> str:
    if fault.kind == "not_ok":
        return fault.error
    if fault.kind in ("status", "html"):
        return f"http {fault.status}"
    return "ratelimited" if fault.kind == "rate_limited" else fault.kind

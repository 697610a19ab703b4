"""HTTP mode: signed requests to the app's own address."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.workspace.clock import Clock
from bot.workspace.delivery import ACK_SECONDS, Answer, Payload


class Webhooks:
    """Posts payloads as Slack does and reads the answer as Slack does."""

    def __init__(self, clock: Clock, signing_secret: str, address: Callable[[], str]) -> None:
        self._clock = clock
        self._secret = signing_secret
        self._address = address
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, payload: Payload, attempt: int, reason: str) -> Answer:
        posting = asyncio.ensure_future(self._post(payload, attempt, reason))
        limit = asyncio.ensure_future(self._clock.sleep(ACK_SECONDS))
        try:
            await asyncio.wait({posting, limit}, return_when=asyncio.FIRST_COMPLETED)
            return posting.result() if posting.done() else Answer("http_timeout")
        finally:
            posting.cancel()
            limit.cancel()
            await asyncio.gather(posting, limit, return_exceptions=True)

    async def _post(self, payload: Payload, attempt: int, reason: str) -> Answer:
        body, content_type = _encoded(payload)
        headers = {"Content-Type": content_type, **signature_headers(self._secret, body)}
        if attempt:
            headers |= {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        try:
            async with self._session.post(
                self._address(), data=body, headers=headers, allow_redirects=False
            ) as response:
                return _answer(response, await response.text())
        except aiohttp.ClientError:
            return Answer("connection_failed")


def signature_headers(secret: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """Sign a body as of now, or as of another time to get one that is stale.

    The machine's time, not the workspace's: the app compares it with its own.
    """
    stamp = str(int(time.time() if at is None else at))
    signed = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={signed.hexdigest()}",
    }


def _encoded(payload: Payload) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    if payload.kind == "events_api":
        return json.dumps(payload.body).encode(), "application/json"
    if payload.kind == "slash_commands":
        return urlencode(payload.body).encode(), form
    return urlencode({"payload": json.dumps(payload.body)}).encode(), form


def _answer(response: aiohttp.ClientResponse, text: str) -> Answer:
    if not 200 <= response.status < 300:
        retry = response.headers.get("x-slack-no-retry") != "1"
        return Answer("http_error", retry=retry)
    return Answer(payload=_parsed(response, text))


def _parsed(response: aiohttp.ClientResponse, text: str) -> Any:
    if not text:
        return None
    if response.content_type != "application/json":
        return {"text": text}
    try:
        return json.loads(text)
    except ValueError:
        return None

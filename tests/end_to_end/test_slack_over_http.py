"""Requests to /slack/events that Slack would never send are turned away, and nothing runs."""

from __future__ import annotations

import hashlib
import hmac
import time

import aiohttp
import pytest
from staging import staged


def signed(secret: str, body: bytes, stamp: str | None = None) -> dict[str, str]:
    stamp = stamp or str(int(time.time()))
    base = b"v0:" + stamp.encode() + b":" + body
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature,
        "content-type": "application/json",
    }


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-slack-request-timestamp": "now", "x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-request-timestamp": "1", "x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-request-timestamp": str(int(time.time())), "x-slack-signature": "v0=xyz"},
        {"x-slack-request-timestamp": str(int(time.time())), "x-slack-signature": "v0=" + "0" * 64},
    ],
    ids=["none", "no number", "stale", "no signature", "wrong signature"],
)
async def test_unsigned_requests_are_refused(headers):
    async with staged(mode="http") as stage, aiohttp.ClientSession() as session:
        url = f"{stage.application.url}/slack/events"
        async with session.post(url, json={"type": "event_callback"}, headers=headers) as answer:
            assert answer.status == 401


async def test_a_body_that_is_no_text_is_refused():
    async with staged(mode="http") as stage, aiohttp.ClientSession() as session:
        body = b"\xff\xfe"
        headers = signed(stage.workspace.signing_secret, body)
        url = f"{stage.application.url}/slack/events"
        async with session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 401


async def test_the_address_is_verified_as_slack_does():
    async with staged(mode="http") as stage, aiohttp.ClientSession() as session:
        body = b'{"type": "url_verification", "challenge": "c-1"}'
        headers = signed(stage.workspace.signing_secret, body)
        url = f"{stage.application.url}/slack/events"
        async with session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200
            assert "c-1" in await answer.text()


async def test_an_event_that_nobody_listens_to_is_acknowledged():
    async with staged(mode="http") as stage, aiohttp.ClientSession() as session:
        body = b'{"type": "event_callback", "team_id": "T", "event": {"type": "pin_added"}}'
        headers = signed(stage.workspace.signing_secret, body)
        url = f"{stage.application.url}/slack/events"
        async with session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200


async def test_in_socket_mode_there_is_no_address_for_events():
    async with (
        staged(mode="socket") as stage,
        aiohttp.ClientSession() as session,
        session.post(f"{stage.application.url}/slack/events", json={}) as answer,
    ):
        assert answer.status == 404

"""Payloads on their way to the app: sockets, signed requests, acknowledgements, retries."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.workspace.clock import ManualClock
from bot.workspace.server import Workspace, serve_workspace
from bot.workspace.webhooks import signature_headers

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with serve_workspace(ManualClock()) as served:
        served.add_channel("inc-1", members=[served.add_user("ada")])
        yield served


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def address(workspace: Workspace, session: aiohttp.ClientSession) -> str:
    client = AsyncWebClient(base_url=workspace.api_url, session=session)
    return str((await client.apps_connections_open(app_token=workspace.app_token))["url"])


async def connected(
    workspace: Workspace, session: aiohttp.ClientSession
) -> aiohttp.ClientWebSocketResponse:
    socket = await session.ws_connect(await address(workspace, session))
    assert (await socket.receive_json(timeout=2))["type"] == "hello"
    return socket


async def take(socket: aiohttp.ClientWebSocketResponse, payload: Any = None) -> dict[str, Any]:
    """Receive one envelope and acknowledge it."""
    envelope = await socket.receive_json(timeout=2)
    answer = {"envelope_id": envelope["envelope_id"]}
    await socket.send_json({**answer, "payload": payload} if payload else answer)
    return dict(envelope)


async def test_hello_counts_the_connections_and_an_address_opens_one(workspace, session) -> None:
    url = await address(workspace, session)
    async with session.ws_connect(url) as socket:
        hello = await socket.receive_json(timeout=2)
        assert hello["num_connections"] == workspace.connections == 1
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(url)
        assert caught.value.status == 403


async def test_an_event_envelope_says_for_whom_and_where(workspace, session) -> None:
    socket = await connected(workspace, session)
    ts = await workspace.say("ada", "inc-1", "hello")
    envelope = await take(socket)
    assert envelope["type"] == "events_api"
    assert (envelope["retry_attempt"], envelope["accepts_response_payload"]) == (0, False)
    payload = envelope["payload"]
    assert payload["event"]["ts"] == payload["event"]["event_ts"] == ts
    assert payload["event"]["channel_type"] == "channel"
    assert payload["authorizations"][0]["user_id"] == workspace.bot_user_id
    assert payload["is_ext_shared_channel"] is False
    assert payload["event_context"].startswith("4-")
    await socket.close()


async def test_each_payload_goes_to_exactly_one_of_the_sockets(workspace, session) -> None:
    sockets = [await connected(workspace, session) for _ in range(3)]
    seen: list[str] = []

    async def listen(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            envelope = json.loads(frame.data)
            seen.append(envelope["payload"]["event"]["text"])
            await socket.send_json({"envelope_id": envelope["envelope_id"]})

    listening = [asyncio.create_task(listen(socket)) for socket in sockets]
    for number in range(12):
        await workspace.say("ada", "inc-1", f"m{number}")
    await workspace.settle()
    assert sorted(seen) == sorted(f"m{number}" for number in range(12))
    for socket in sockets:
        await socket.close()
    await asyncio.gather(*listening)


async def test_an_event_that_nobody_acknowledges_comes_again_on_schedule(
    workspace, session
) -> None:
    """At once, after a minute and after five more; then never."""
    socket = await connected(workspace, session)
    await workspace.say("ada", "inc-1", "hello")
    attempts = []
    for pause in (0, 0, 60, 300):
        if pause:
            await workspace.clock.until_waiting()
            workspace.clock.advance(pause)
        envelope = await socket.receive_json(timeout=2)
        attempts.append((envelope["retry_attempt"], envelope["retry_reason"]))
        await workspace.clock.until_waiting()
        workspace.clock.advance(3)
    assert attempts == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]
    await socket.close()


async def test_what_a_broken_socket_had_not_acknowledged_is_sent_to_the_next(
    workspace, session
) -> None:
    socket = await connected(workspace, session)
    await workspace.say("ada", "inc-1", "hello")
    first = await socket.receive_json(timeout=2)
    assert workspace.cut_sockets() == 1
    assert (await socket.receive(timeout=2)).type in (
        aiohttp.WSMsgType.CLOSED,
        aiohttp.WSMsgType.CLOSING,
        aiohttp.WSMsgType.ERROR,
    )
    after = await connected(workspace, session)
    again = await take(after)
    assert again["payload"]["event_id"] == first["payload"]["event_id"]
    assert (again["retry_attempt"], again["retry_reason"]) == (1, "connection_failed")
    await after.close()


async def test_events_wait_for_the_app_to_connect(workspace, session) -> None:
    await workspace.say("ada", "inc-1", "early")
    await workspace.settle()
    socket = await connected(workspace, session)
    assert (await take(socket))["payload"]["event"]["text"] == "early"
    await socket.close()


async def test_the_same_event_can_be_sent_twice(workspace, session) -> None:
    socket = await connected(workspace, session)
    workspace.send_twice(1)
    await workspace.say("ada", "inc-1", "hello")
    await workspace.say("ada", "inc-1", "once")
    ids = [(await take(socket))["payload"]["event_id"] for _ in range(3)]
    assert len(set(ids)) == 2
    await socket.close()


async def test_the_workspace_announces_that_a_socket_ends(workspace, session) -> None:
    socket = await connected(workspace, session)
    await workspace.refresh_sockets("warning")
    frame = await socket.receive_json(timeout=2)
    assert (frame["type"], frame["reason"]) == ("disconnect", "warning")
    await socket.close()


async def test_an_eleventh_connection_is_sent_away(workspace, session) -> None:
    sockets = [await connected(workspace, session) for _ in range(10)]
    late = await session.ws_connect(await address(workspace, session))
    assert (await late.receive_json(timeout=2))["reason"] == "too_many_websockets"
    assert (await late.receive(timeout=2)).type == aiohttp.WSMsgType.CLOSE
    for socket in [*sockets, late]:
        await socket.close()


async def test_a_command_in_time_too_late_and_with_nobody_there(workspace, session) -> None:
    nobody = await workspace.command("ada", "inc-1", "/rca", "why?")
    assert (nobody.acked, nobody.error) == (False, "dispatch_failed")
    socket = await connected(workspace, session)
    running = asyncio.create_task(workspace.command("ada", "inc-1", "/rca", "why?"))
    await socket.send_str("not json")
    await socket.send_json({"envelope_id": "unknown"})
    envelope = await take(socket, {"text": "On it."})
    assert (await running).ack == {"text": "On it."}
    body = envelope["payload"]
    assert envelope["accepts_response_payload"] is True
    assert (body["command"], body["text"], body["user_name"]) == ("/rca", "why?", "ada")
    assert body["is_enterprise_install"] == "false"
    assert not {"thread_ts", "message_ts"} & set(body)
    late = asyncio.create_task(workspace.command("ada", "inc-1", "/rca"))
    await socket.receive_json(timeout=2)
    workspace.clock.advance(3)
    assert (await late).error == "operation_timeout"
    assert [note["text"] for note in workspace.ephemerals("ada", "inc-1")] == [
        '/rca failed with the error "dispatch_failed"',
        "On it.",
        '/rca failed with the error "operation_timeout"',
    ]
    await socket.close()


async def received(workspace: Workspace, session: aiohttp.ClientSession, count: int) -> list[Any]:
    socket = await connected(workspace, session)
    events = [(await take(socket))["payload"]["event"] for _ in range(count)]
    await workspace.settle()
    await socket.close()
    return events


async def test_the_app_hears_of_its_own_messages_and_of_every_change(workspace, session) -> None:
    channel = workspace.add_channel("own")
    client = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, session=session)
    posted = await client.chat_postMessage(channel=channel, text="one")
    await client.chat_update(channel=channel, ts=posted["ts"], text="two")
    await client.chat_delete(channel=channel, ts=posted["ts"])
    echo, changed, deleted = await received(workspace, session, 3)
    assert (echo["bot_id"], echo["ts"]) == (workspace.bot_id, posted["ts"])
    assert (changed["subtype"], changed["hidden"]) == ("message_changed", True)
    assert changed["message"]["text"] == "two"
    assert changed["previous_message"]["text"] == "one"
    assert changed["ts"] != posted["ts"]
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", posted["ts"])


async def test_a_mention_with_a_file_gives_two_events_and_one_shows_the_file(
    workspace, session
) -> None:
    mention = f"<@{workspace.bot_user_id}> look"
    ts = await workspace.say("ada", "inc-1", mention, files=[("a.log", b"boom", "text/plain")])
    events = {event["type"]: event for event in await received(workspace, session, 2)}
    assert {event["ts"] for event in events.values()} == {ts}
    assert events["message"]["subtype"] == "file_share"
    assert events["message"]["files"][0]["name"] == "a.log"
    assert not {"files", "subtype"} & set(events["app_mention"])


async def test_who_is_heard_and_who_is_not(workspace, session) -> None:
    """A DM has no app_mention; a channel without the app is silent; other bots are heard."""
    mention = f"<@{workspace.bot_user_id}> hi"
    away = workspace.add_channel("away", bot_member=False)
    await workspace.say("ada", away, mention)
    await workspace.say("ada", workspace.open_dm("ada"), mention)
    await workspace.say_as_bot("Alerts", "inc-1", text=mention)
    direct, *from_bot = await received(workspace, session, 3)
    assert (direct["type"], direct["channel_type"]) == ("message", "im")
    assert {event["type"] for event in from_bot} == {"message", "app_mention"}
    assert from_bot[0]["subtype"] == "bot_message"


async def test_no_scope_or_subscription_no_event(workspace, session) -> None:
    workspace.scopes.discard("channels:history")
    workspace.subscriptions.update({"app_home_opened", "member_joined_channel"})
    await workspace.say("ada", "inc-1", "unheard")
    await workspace.open_home("ada", "messages")
    workspace.invite("inc-1", workspace.add_user("ben"))
    home, joined = await received(workspace, session, 2)
    assert (home["type"], home["tab"]) == ("app_home_opened", "messages")
    assert (joined["type"], joined["channel_type"]) == ("member_joined_channel", "C")


class Receiver:
    """An app's HTTP address whose answers a test decides."""

    def __init__(self, *answers: Reply) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.arrival = asyncio.Condition()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        async with self.arrival:
            self.requests.append((headers, body))
            self.arrival.notify_all()
        return await (self.answers.pop(0) if self.answers else answering(200))(request)

    async def arrived(self, count: int) -> None:
        async with asyncio.timeout(2), self.arrival:
            await self.arrival.wait_for(lambda: len(self.requests) >= count)


def answering(status: int, **fields: Any) -> Reply:
    async def reply(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, **fields)

    return reply


async def hanging_up(request: web.Request) -> web.StreamResponse:
    request.transport.abort()
    return web.Response()


@pytest.fixture
async def receiver(workspace: Workspace) -> AsyncIterator[Receiver]:
    listening, app = Receiver(), web.Application()
    app.router.add_post("/slack/events", listening.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    workspace.events_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield listening
    workspace.clock.advance(3)
    await runner.cleanup()


async def test_a_request_is_signed_over_its_raw_body(workspace, receiver) -> None:
    await workspace.say("ada", "inc-1", "hello")
    await workspace.settle()
    ((headers, body),) = receiver.requests
    stamp = headers["x-slack-request-timestamp"]
    base = f"v0:{stamp}:".encode() + body
    expected = hmac.new(workspace.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    assert headers["x-slack-signature"] == f"v0={expected}"
    assert signature_headers("other", body, at=0)["x-slack-request-timestamp"] == "0"
    assert "x-slack-retry-num" not in headers
    assert json.loads(body)["event"]["text"] == "hello"


async def test_a_refused_event_comes_three_times_more_on_schedule(workspace, receiver) -> None:
    receiver.answers = [answering(500), hanging_up, answering(302), answering(404)]
    await workspace.say("ada", "inc-1", "hello")
    for count, pause in ((2, 60), (3, 300)):
        await receiver.arrived(count)
        await workspace.settle()
        await workspace.clock.until_waiting()
        workspace.clock.advance(pause)
    await receiver.arrived(4)
    await workspace.settle()
    retries = [
        (headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason"))
        for headers, _ in receiver.requests
    ]
    assert retries == [
        (None, None),
        ("1", "http_error"),
        ("2", "connection_failed"),
        ("3", "http_error"),
    ]


async def test_an_app_may_ask_for_no_retry(workspace, receiver) -> None:
    receiver.answers = [answering(500, headers={"x-slack-no-retry": "1"})]
    await workspace.say("ada", "inc-1", "hello")
    await workspace.settle()
    assert len(receiver.requests) == 1


async def test_three_seconds_are_too_long_over_http_as_well(workspace, receiver) -> None:
    held = asyncio.Event()

    async def slow(_request: web.Request) -> web.StreamResponse:
        await held.wait()
        return web.Response()

    receiver.answers = [slow]
    await workspace.say("ada", "inc-1", "hello")
    await receiver.arrived(1)
    workspace.clock.advance(3)
    await receiver.arrived(2)
    held.set()
    assert receiver.requests[1][0]["x-slack-retry-reason"] == "http_timeout"


@pytest.mark.parametrize(
    ("answer", "ack"),
    [
        (answering(200, text="Fine."), {"text": "Fine."}),
        (answering(200, text='{"text": "x"}', content_type="application/json"), {"text": "x"}),
        (answering(200, text="{", content_type="application/json"), None),
        (answering(200), None),
    ],
)
async def test_commands_and_buttons_are_forms(workspace, receiver, answer, ack) -> None:
    receiver.answers = [answer]
    assert (await workspace.command("ada", "inc-1", "/rca", "a & b")).ack == ack
    sent = parse_qs(receiver.requests[0][1].decode())
    assert (sent["command"], sent["text"]) == (["/rca"], ["a & b"])
    ts = await workspace.say("ada", "inc-1", "down")
    assert (await workspace.shortcut("ada", "analyse_thread", "inc-1", ts)).acked
    await workspace.settle()
    forms = [
        parse_qs(body.decode())
        for headers, body in receiver.requests[1:]
        if headers["content-type"].endswith("form-urlencoded")
    ]
    shortcut = json.loads(forms[0]["payload"][0])
    assert (shortcut["type"], shortcut["callback_id"]) == ("message_action", "analyse_thread")
    assert shortcut["message"]["ts"] == shortcut["message_ts"] == ts

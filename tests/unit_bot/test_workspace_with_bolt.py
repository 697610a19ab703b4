"""The unmodified Bolt app over Socket Mode against the workspace."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.workspace.server import Workspace, serve_workspace


@contextlib.asynccontextmanager
async def bolt(workspace: Workspace, register: Callable[[AsyncApp], None]) -> AsyncIterator[None]:
    """A connected Bolt app; with `ping_interval` short, so that reconnecting is quick."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token=workspace.bot_token, base_url=workspace.api_url, session=session
        )
        app = AsyncApp(client=client, signing_secret="unused")
        register(app)
        handler = AsyncSocketModeHandler(app, workspace.app_token, ping_interval=0.2)
        await handler.connect_async()
        try:
            yield
        finally:
            await workspace.settle()
            await handler.close_async()
            await asyncio.sleep(0.02)


async def test_a_mention_reaches_the_app_and_its_answer_lands_in_the_thread() -> None:
    async with serve_workspace() as workspace:
        ada, channel = workspace.add_user("ada"), workspace.add_channel("inc-1")
        seen: list[dict[str, Any]] = []
        answered = asyncio.Event()

        def register(app: AsyncApp) -> None:
            @app.event("app_mention")
            async def on_mention(event: dict[str, Any], client: AsyncWebClient) -> None:
                seen.append(event)
                posted = await client.chat_postMessage(
                    channel=event["channel"], thread_ts=event["ts"], text="Looking …"
                )
                await client.chat_update(channel=event["channel"], ts=posted["ts"], text="Done.")
                answered.set()

            @app.event("message")
            async def on_message(event: dict[str, Any]) -> None:
                seen.append(event)

        async with bolt(workspace, register):
            ts = await workspace.say(ada, channel, f"<@{workspace.bot_user_id}> why is it down?")
            await asyncio.wait_for(answered.wait(), 5)
            await workspace.settle()
        root, answer = workspace.messages(channel, ts)
        assert root["reply_count"] == 1
        assert (answer["text"], answer["bot_id"]) == ("Done.", workspace.bot_id)
        assert "subtype" not in answer
        assert {e["type"] for e in seen if e["ts"] == ts} == {"app_mention", "message"}
        assert [v["text"] for v in workspace.history_of(channel, answer["ts"])] == [
            "Looking …",
            "Done.",
        ]


async def test_a_command_is_acknowledged_and_may_answer_by_its_address() -> None:
    async with serve_workspace() as workspace:
        ada, channel = workspace.add_user("ada"), workspace.add_channel("inc-1")
        responded = asyncio.Event()
        await workspace.say(ada, channel, "hello")

        def register(app: AsyncApp) -> None:
            @app.command("/rca")
            async def on_command(ack: Any, respond: Any, command: dict[str, Any]) -> None:
                await ack("On it.")
                await respond(text=f"You asked: {command['text']}", response_type="in_channel")
                responded.set()

            @app.event("message")
            async def on_message() -> None:
                pass

        async with bolt(workspace, register):
            result = await workspace.command(ada, "inc-1", "/rca", "why?")
            assert result.acked
            await asyncio.wait_for(responded.wait(), 5)
        assert [note["text"] for note in workspace.ephemerals(ada, channel)] == ["On it."]
        assert workspace.messages(channel)[-1]["text"] == "You asked: why?"


async def test_a_button_opens_a_modal_that_can_be_submitted() -> None:
    async with serve_workspace() as workspace:
        ada, channel = workspace.add_user("ada"), workspace.add_channel("inc-1")
        client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
        button = {
            "type": "button",
            "text": {"type": "plain_text", "text": "Evidence"},
            "action_id": "rca_evidence",
            "value": "run-1",
        }
        posted = await client.chat_postMessage(
            channel=channel, text="x", blocks=[{"type": "actions", "elements": [button]}]
        )
        view = {
            "type": "modal",
            "callback_id": "evidence",
            "title": {"type": "plain_text", "text": "Evidence"},
            "blocks": [{"type": "divider"}],
        }
        bodies: list[dict[str, Any]] = []

        def register(app: AsyncApp) -> None:
            @app.action("rca_evidence")
            async def on_click(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
                await client.views_open(trigger_id=body["trigger_id"], view=view)
                bodies.append(body)
                await ack()

            @app.view("evidence")
            async def on_submit(ack: Any, body: dict[str, Any]) -> None:
                bodies.append(body)
                await ack(response_action="clear")

        async with bolt(workspace, register):
            assert (await workspace.click(ada, channel, posted["ts"], "rca_evidence")).acked
            (modal,) = workspace.views(ada)
            assert (await workspace.submit_view(ada, modal["id"], {"b": {}})).acked
        assert bodies[0]["actions"][0]["value"] == "run-1"
        assert bodies[0]["message"]["ts"] == posted["ts"]
        assert bodies[1]["view"]["state"] == {"values": {"b": {}}}
        assert workspace.views(ada) == []


async def test_bolt_reconnects_when_it_is_told_to_and_when_it_is_cut_off() -> None:
    async with serve_workspace() as workspace:
        ada, channel = workspace.add_user("ada"), workspace.add_channel("inc-1")
        seen: asyncio.Queue[str] = asyncio.Queue()

        def register(app: AsyncApp) -> None:
            @app.event("message")
            async def on_message(event: dict[str, Any]) -> None:
                await seen.put(event["text"])

        async with bolt(workspace, register):
            await workspace.refresh_sockets("refresh_requested")
            await workspace.say(ada, channel, "after a refresh")
            assert await asyncio.wait_for(seen.get(), 5) == "after a refresh"
            assert workspace.cut_sockets() == 1
            await workspace.say(ada, channel, "after a cut")
            assert await asyncio.wait_for(seen.get(), 5) == "after a cut"


async def test_bolt_over_http_takes_signed_requests() -> None:
    async with serve_workspace() as workspace, aiohttp.ClientSession() as session:
        ada, channel = workspace.add_user("ada"), workspace.add_channel("inc-1")
        client = AsyncWebClient(
            token=workspace.bot_token, base_url=workspace.api_url, session=session
        )
        bolt_app = AsyncApp(client=client, signing_secret=workspace.signing_secret)
        seen: list[str] = []

        @bolt_app.event("app_mention")
        async def on_mention(event: dict[str, Any]) -> None:
            seen.append(event["type"])

        @bolt_app.event("message")
        async def on_message(event: dict[str, Any]) -> None:
            seen.append(event["type"])

        @bolt_app.command("/rca")
        async def on_command(ack: Any) -> None:
            await ack(text="On it.")

        async def receive(request: web.Request) -> web.Response:
            return await to_aiohttp_response(
                await bolt_app.async_dispatch(await to_bolt_request(request))
            )

        site = web.Application()
        site.router.add_post("/slack/events", receive)
        runner = web.AppRunner(site)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        workspace.events_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        await workspace.say(ada, channel, f"<@{workspace.bot_user_id}> why?")
        await workspace.settle()
        result = await workspace.command(ada, channel, "/rca")
        await runner.cleanup()
        assert sorted(seen) == ["app_mention", "message"]
        assert result.acked
        assert [note["text"] for note in workspace.ephemerals(ada, channel)] == ["On it."]

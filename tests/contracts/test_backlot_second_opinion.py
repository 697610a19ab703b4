"""The same calls against the workspace and against backlot, a stand-in measured on slack.com."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.workspace.clock import ManualClock
from bot.workspace.server import serve_workspace
from bot.workspace.state import ALL_SCOPES

BACKLOT = Path(__file__).parents[2] / ".venv-backlot" / "bin" / "backlot"
ADMIN = "admin-service-token"
NOWHERE = "1500000000.000000"
MESSAGES = 5
REPLIES = 3

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(not BACKLOT.exists(), reason="no backlot in .venv-backlot"),
]


@dataclass
class Side:
    """One server with the same content: messages m0 … m4, of which m0 has replies r0 … r2."""

    client: AsyncWebClient
    channel: str
    ts: dict[str, str]


def corpus() -> str:
    def record(minute: int, text: str) -> dict[str, Any]:
        created = f"2026-01-05T10:{minute:02d}:00Z"
        return {"author_email": "ada@example.com", "created": created, "content": text}

    replies = [record(1 + n, f"r{n}") for n in range(REPLIES)]
    place = {"source_type": "slack", "channel": "inc-1", "visibility": "public"}
    roots = [{**place, **record(10 * n, f"m{n}")} for n in range(MESSAGES)]
    roots[0]["replies"] = replies
    return "\n".join(json.dumps(root) for root in roots)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_serving(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(address + "api.test", data=b"", timeout=5).close()
            return
        time.sleep(0.1)
    pytest.fail("backlot did not start")


@pytest.fixture(scope="module")
def backlot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the corpus from a process of its own, without telemetry; the server's address."""
    folder = tmp_path_factory.mktemp("backlot")
    (folder / "corpus.jsonl").write_text(corpus())
    environment = {
        **os.environ,
        "DO_NOT_TRACK": "1",
        "BACKLOT_TELEMETRY": "0",
        "BACKLOT_DATA_DIR": str(folder / "data"),
    }
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    imports = [BACKLOT, "import", folder / "corpus.jsonl"]
    subprocess.run(imports, env=environment, check=True, timeout=60, **quiet)
    port = free_port()
    serves = [BACKLOT, "serve", "--host", "127.0.0.1", "--port", str(port), "--disable-telemetry"]
    with subprocess.Popen(serves, env=environment, **quiet) as process:
        try:
            until_serving(f"http://127.0.0.1:{port}/slack/api/", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


async def content_of(client: AsyncWebClient, channel: str) -> dict[str, str]:
    read = (await client.conversations_history(channel=channel))["messages"]
    root = read[-1]["ts"]
    thread = (await client.conversations_replies(channel=channel, ts=root))["messages"]
    return {message["text"]: message["ts"] for message in [*read, *thread]}


async def theirs(server: str, session: aiohttp.ClientSession) -> Side:
    """Take their side as it was before anything was written."""
    admin = {"Authorization": f"Bearer {ADMIN}"}
    async with session.post(f"{server}/_meta/overlay/reset", headers=admin) as response:
        assert response.status == 200
    client = AsyncWebClient(ADMIN, base_url=f"{server}/slack/api/", session=session)
    channel = (await client.conversations_list())["channels"][0]["id"]
    return Side(client, channel, await content_of(client, channel))


async def both(server: str, call: Callable[[Side], Awaitable[Any]]) -> tuple[Any, Any]:
    """Return what a series of calls gives on our side and on theirs."""
    async with (
        aiohttp.ClientSession() as session,
        serve_workspace(ManualClock()) as workspace,
    ):
        workspace.scopes.update(ALL_SCOPES)
        workspace.rates.enabled = False
        channel = workspace.add_channel("inc-1", members=[workspace.add_user("ada")])
        roots = [await workspace.say("ada", channel, f"m{n}") for n in range(MESSAGES)]
        for n in range(REPLIES):
            await workspace.say("ada", channel, f"r{n}", thread_ts=roots[0])
        client = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, session=session)
        ours = Side(client, channel, await content_of(client, channel))
        return await call(ours), await call(await theirs(server, session))


async def outcome(call: Awaitable[Any]) -> Any:
    try:
        return (await call).data
    except SlackApiError as error:
        return error.response["error"]


async def page(side: Side, method: str, **asked: str) -> Any:
    """Return what a reader relies on in one page."""
    params = {"channel": side.channel, **asked}
    read = await outcome(side.client.api_call(method, http_verb="GET", params=params))
    if isinstance(read, str):
        return read
    return {
        "texts": [message["text"] for message in read["messages"]],
        "has_more": read["has_more"],
        "next": bool(read.get("response_metadata", {}).get("next_cursor")),
        "metadata": "response_metadata" in read,
        "echoed": sorted({"oldest", "latest"} & set(read)),
    }


async def test_history_has_the_same_pages_and_bounds(backlot: str) -> None:
    async def read(side: Side) -> list[Any]:
        first, middle, last = side.ts["m0"], side.ts["m2"], side.ts["m4"]
        asked: list[dict[str, str]] = [
            {},
            {"limit": "2"},
            {"limit": "0"},
            {"limit": "-1"},
            {"oldest": first},
            {"oldest": first, "limit": "2"},
            {"oldest": first, "latest": "1999999999.000000", "limit": "2"},
            {"latest": last},
            {"latest": last, "inclusive": "true"},
            {"oldest": middle, "inclusive": "1"},
            {"oldest": middle, "inclusive": "0"},
            {"oldest": middle, "inclusive": "false"},
            {"latest": "soon"},
            {"oldest": "soon"},
            {"cursor": "nonsense"},
        ]
        return [await page(side, "conversations.history", **each) for each in asked]

    ours, others = await both(backlot, read)
    assert ours == others


async def test_cursors_lead_through_the_same_pages(backlot: str) -> None:
    async def walk(side: Side, **asked: str) -> list[list[str]]:
        pages = await side.client.conversations_history(channel=side.channel, limit=2, **asked)
        return [[message["text"] for message in each["messages"]] async for each in pages]

    async def read(side: Side) -> list[Any]:
        return [await walk(side), await walk(side, oldest=side.ts["m0"])]

    ours, others = await both(backlot, read)
    assert ours == others


async def test_a_thread_reads_the_same(backlot: str) -> None:
    async def read(side: Side) -> list[Any]:
        answers: list[Any] = []
        for ts in (side.ts["m0"], side.ts["r1"], side.ts["m1"], NOWHERE, "soon"):
            call = side.client.conversations_replies(channel=side.channel, ts=ts)
            got = await outcome(call)
            answers.append(
                got
                if isinstance(got, str)
                else [
                    (m["text"], "thread_ts" in m, m.get("reply_count"), "parent_user_id" in m)
                    for m in got["messages"]
                ]
            )
        gone = side.client.conversations_replies(channel="C0NOWHERE", ts=NOWHERE)
        return [*answers, await outcome(gone)]

    ours, others = await both(backlot, read)
    assert ours == others


async def test_posts_land_and_fail_alike(backlot: str) -> None:
    async def post(side: Side) -> list[Any]:
        answers: list[Any] = []
        for sent in (
            {"text": "plain"},
            {"text": " "},
            {"text": ""},
            {},
            {"blocks": []},
            {"text": "x", "blocks": {}},
            {"text": "x", "thread_ts": side.ts["m1"]},
            {"text": "x", "thread_ts": side.ts["r0"]},
            {"text": "x", "thread_ts": NOWHERE},
            {"text": "x", "thread_ts": "soon"},
            {"text": "x", "thread_ts": "600000000.000000"},
            {"text": "x", "channel": "C0NOWHERE"},
            {"text": "x", "channel": ""},
        ):
            body = {"channel": side.channel, **sent}
            got = await outcome(side.client.api_call("chat.postMessage", json=body))
            answers.append(got if isinstance(got, str) else _placed(side, got["message"]))
        answers.append(await outcome(side.client.api_call("chat.postMessage", json={"text": "x"})))
        return answers

    ours, others = await both(backlot, post)
    assert ours == others


def _placed(side: Side, message: dict[str, Any]) -> tuple[str, str | None]:
    names = {ts: text for text, ts in side.ts.items()}
    return message["text"], names.get(message.get("thread_ts", ""))


async def test_updates_and_deletions_answer_alike(backlot: str) -> None:
    async def change(side: Side) -> list[Any]:
        client, channel = side.client, side.channel
        root = (await client.chat_postMessage(channel=channel, text="one"))["ts"]
        reply = (await client.chat_postMessage(channel=channel, text="r", thread_ts=root))["ts"]
        updated = await outcome(client.chat_update(channel=channel, ts=root, text="two"))
        message = updated["message"]
        answers: list[Any] = [
            (updated["text"], message["text"], "ts" in message, "edited" in message),
            await outcome(client.chat_update(channel=channel, ts=NOWHERE, text="x")),
            await outcome(client.chat_update(channel="inc-1", ts=root, text="x")),
            await outcome(client.chat_update(channel="C0NOWHERE", ts=root, text="x")),
            sorted(await outcome(client.chat_delete(channel=channel, ts=root))),
            await outcome(client.chat_delete(channel=channel, ts=root)),
            await outcome(client.chat_update(channel=channel, ts=root, text="x")),
        ]
        thread = await outcome(client.conversations_replies(channel=channel, ts=root))
        answers.append([(m.get("subtype"), m.get("hidden")) for m in thread["messages"]])
        await client.chat_delete(channel=channel, ts=reply)
        answers.append(await outcome(client.conversations_replies(channel=channel, ts=root)))
        return answers

    ours, others = await both(backlot, change)
    assert ours == others


async def test_credentials_fail_alike(backlot: str) -> None:
    async def knock(side: Side) -> list[Any]:
        address = f"{side.client.base_url}auth.test"
        answers = []
        for headers, query in (
            ({}, ""),
            ({"Authorization": "Bearer "}, ""),
            ({"Authorization": "Bearer wrong"}, ""),
            ({"Authorization": f"bearer {side.client.token}"}, ""),
            ({}, f"?token={side.client.token}"),
        ):
            async with (
                aiohttp.ClientSession() as session,
                session.post(address + query, headers=headers) as response,
            ):
                answers.append((await response.json())["error"])
        return answers

    ours, others = await both(backlot, knock)
    assert ours == others

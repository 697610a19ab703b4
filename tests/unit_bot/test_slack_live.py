"""A message that changes: the newest text wins, and the last one always arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SlackUnavailableError, ThreadGoneError
from bot.slack.gateway import Gateway, Outgoing, Posted
from bot.slack.live import LiveMessage

RATE_LIMITED = (429, {"ok": False, "error": "ratelimited"})
BROKEN = (500, {"ok": False})
GONE = (200, {"ok": False, "error": "message_not_found"})
TOO_LONG = (200, {"ok": False, "error": "msg_blocks_too_long"})
POSTED = Posted("C1", "200.000000", "100.000000")


@dataclass
class ChangingSlack:
    """Takes updates and posts; `update_faults` answer updates first, `always` all of them."""

    updates: list[str] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    attempts: int = 0
    update_faults: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    always: tuple[int, dict[str, Any]] | None = None
    refuses_blocks: bool = False
    posts_break: bool = False
    thread_exists: bool = True
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event | None = None

    async def update(self, request: web.Request) -> web.Response:
        arguments = await request.json()
        self.attempts += 1
        self.arrived.set()
        if self.held:
            await self.held.wait()
        fault = self.update_faults.pop(0) if self.update_faults else self.always
        if self.refuses_blocks and arguments["blocks"]:
            fault = TOO_LONG
        if fault:
            status, body = fault
            return web.json_response(body, status=status, headers={"Retry-After": "30"})
        self.updates.append(arguments["text"])
        return web.json_response({"ok": True})

    async def post(self, request: web.Request) -> web.Response:
        arguments = await request.json()
        if self.posts_break:
            return web.json_response({}, status=503)
        if self.refuses_blocks and arguments["blocks"]:
            return web.json_response(TOO_LONG[1])
        self.posts.append(arguments)
        message = {"thread_ts": arguments.get("thread_ts")} if self.thread_exists else {"x": 1}
        answer = {"ok": True, "channel": "C1", "ts": f"{300 + len(self.posts)}.0"}
        return web.json_response({**answer, "message": message})

    async def other(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "messages": []})


class Time:
    """A clock that only sleeping moves; `wakes` lets a test hold the sleepers."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.wakes = asyncio.Event()
        self.wakes.set()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await self.wakes.wait()
        self.now += seconds
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
async def slack() -> ChangingSlack:
    return ChangingSlack()


@pytest.fixture
async def time() -> Time:
    return Time()


@pytest.fixture
async def gateway(slack: ChangingSlack, time: Time) -> AsyncIterator[Gateway]:
    app = web.Application()
    app.router.add_post("/api/chat.update", slack.update)
    app.router.add_post("/api/chat.postMessage", slack.post)
    app.router.add_route("*", "/api/{method}", slack.other)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-test", base_url=base_url, session=session)
        yield Gateway(client, sleep=time.sleep, clock=time)
    await runner.cleanup()


@pytest.fixture
async def live(gateway: Gateway, time: Time) -> AsyncIterator[LiveMessage]:
    message = LiveMessage(gateway, POSTED, key="k", sleep=time.sleep, clock=time)
    yield message
    await message.close()


def text(words: str) -> Outgoing:
    return Outgoing("C1", words, thread_ts="100.000000")


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


async def test_only_the_newest_text_is_sent(
    slack: ChangingSlack, live: LiveMessage, time: Time
) -> None:
    time.wakes.clear()
    for number in range(100):
        live.show(text(f"draft {number}"))
    time.wakes.set()
    await until(lambda: slack.updates)
    assert slack.updates == ["draft 99"]


async def test_updates_slow_down(slack: ChangingSlack, live: LiveMessage, time: Time) -> None:
    for number in range(10):
        live.show(text(f"draft {number}"))
        await until(lambda number=number: len(slack.updates) == number + 1)
    waits = [round(seconds, 1) for seconds in time.slept if seconds]
    assert waits == [1.2] * 4 + [2.0, 4.0, 8.0, 10.0, 10.0]


async def test_a_rate_limit_is_a_pause_and_the_text_comes_after_it(
    slack: ChangingSlack, live: LiveMessage, time: Time
) -> None:
    slack.update_faults = [RATE_LIMITED]
    live.show(text("draft"))
    await until(lambda: slack.updates)
    assert slack.updates == ["draft"]
    assert time.now >= 30


async def test_a_failed_update_costs_only_itself(slack: ChangingSlack, live: LiveMessage) -> None:
    slack.update_faults = [BROKEN]
    live.show(text("lost"))
    await until(lambda: slack.attempts == 1)
    live.show(text("shown"))
    await until(lambda: slack.updates)
    assert slack.updates == ["shown"]


async def test_the_last_text_is_delivered_and_nothing_after_it(
    slack: ChangingSlack, live: LiveMessage
) -> None:
    live.show(text("draft"))
    ended = await live.finish(text("answer"))
    live.show(text("late"))
    await asyncio.sleep(0.01)
    assert ended == POSTED
    assert slack.updates[-1] == "answer"
    assert slack.posts == []


async def test_an_update_under_way_cannot_overtake_the_last_one(
    slack: ChangingSlack, live: LiveMessage
) -> None:
    slack.held = asyncio.Event()
    live.show(text("draft"))
    await slack.arrived.wait()
    finishing = asyncio.create_task(live.finish(text("answer")))
    await asyncio.sleep(0.01)
    assert slack.attempts == 1
    slack.held.set()
    await finishing
    assert slack.updates == ["draft", "answer"]


async def test_the_last_update_waits_out_the_rate_limit(
    slack: ChangingSlack, live: LiveMessage, time: Time
) -> None:
    slack.update_faults = [RATE_LIMITED] * 4 + [BROKEN]
    assert await live.finish(text("answer")) == POSTED
    assert slack.updates == ["answer"]
    assert time.now >= 4 * 30


@pytest.mark.parametrize("fault", [RATE_LIMITED, BROKEN, GONE])
async def test_when_the_last_update_fails_for_ever_a_fresh_message_carries_it(
    slack: ChangingSlack, live: LiveMessage, fault: tuple[int, dict[str, Any]]
) -> None:
    slack.always = fault
    ended = await live.finish(text("answer"))
    assert ended == Posted("C1", "301.0", "100.000000")
    assert [(post["text"], post["thread_ts"]) for post in slack.posts] == [("answer", "100.000000")]
    assert slack.posts[0]["metadata"]["event_payload"] == {"key": "final:k"}
    assert slack.attempts >= (1 if fault is GONE else 5)


async def test_the_old_message_points_to_the_new_one_where_it_still_can(
    slack: ChangingSlack, live: LiveMessage
) -> None:
    slack.update_faults = [BROKEN] * 6
    await live.finish(text("answer"))
    assert len(slack.posts) == 1
    assert "new message" in slack.updates[0]


async def test_blocks_that_slack_refuses_give_way_to_the_text(
    slack: ChangingSlack, live: LiveMessage
) -> None:
    slack.refuses_blocks = True
    out = Outgoing("C1", "summary", ({"type": "divider"},), "100.000000")
    assert await live.finish(out) == POSTED
    assert slack.updates == ["summary"]


async def test_a_text_that_slack_refuses_twice_is_posted_anew(
    slack: ChangingSlack, live: LiveMessage
) -> None:
    slack.always = TOO_LONG
    await live.finish(text("answer"))
    assert [post["text"] for post in slack.posts] == ["answer"]


async def test_what_did_not_fit_follows_as_replies(slack: ChangingSlack, live: LiveMessage) -> None:
    await live.finish(text("first"), text("second"), text("third"))
    assert slack.updates == ["first"]
    assert [(post["text"], post["thread_ts"]) for post in slack.posts] == [
        ("second", "100.000000"),
        ("third", "100.000000"),
    ]


async def test_a_top_level_answer_has_its_replies_in_its_own_thread(
    slack: ChangingSlack, gateway: Gateway, time: Time
) -> None:
    posted = Posted("D1", "200.000000", None)
    live = LiveMessage(gateway, posted, key="k", sleep=time.sleep, clock=time)
    await live.finish(Outgoing("D1", "first"), Outgoing("D1", "second"))
    assert slack.posts[0]["thread_ts"] == "200.000000"


async def test_no_way_at_all_is_told(slack: ChangingSlack, live: LiveMessage) -> None:
    slack.always = BROKEN
    slack.posts_break = True
    with pytest.raises(SlackUnavailableError):
        await live.finish(text("answer"))


async def test_a_thread_that_is_gone_is_told(slack: ChangingSlack, live: LiveMessage) -> None:
    slack.always = GONE
    slack.thread_exists = False
    with pytest.raises(ThreadGoneError):
        await live.finish(text("answer"))


async def test_closing_ends_the_writer_without_a_last_text(
    slack: ChangingSlack, live: LiveMessage, time: Time
) -> None:
    time.wakes.clear()
    live.show(text("draft"))
    await asyncio.sleep(0)
    await live.close()
    await live.close()
    assert slack.attempts == 0

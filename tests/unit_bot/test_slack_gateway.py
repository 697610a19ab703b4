"""The one gate out: what it sends, what it refuses, and that a message goes out exactly once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.budget import RateBudget
from bot.slack.errors import (
    AudienceError,
    MessageGoneError,
    NotInChannelError,
    RateLimitedError,
    RefusedContentError,
    RejectedError,
    SlackUnavailableError,
    ThreadGoneError,
)
from bot.slack.gateway import Gateway, Outgoing, Posted

Fault = Callable[["SmallSlack", str, dict[str, Any]], Awaitable[web.StreamResponse | None]]
OURS = "https://acme.slack.com/archives/C1/p1700000000000100"


@dataclass
class SmallSlack:
    """Just enough of Slack to post, look, change and delete; `faults` answer first, in turn."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    threads: set[str] = field(default_factory=lambda: {"100.000000"})
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = {**request.query}
        if request.can_read_body:
            arguments |= await request.json()
        self.calls.append((method, arguments))
        if self.faults and (answer := await self.faults.pop(0)(self, method, arguments)):
            return answer
        return web.json_response(self.answer(method, arguments))

    def answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        known = getattr(self, "on_" + method.replace(".", "_"), None)
        return known(arguments) if known else {"ok": True}

    def on_chat_postMessage(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        message = {"ts": f"{200 + len(self.messages)}.000000", "text": arguments["text"]}
        message |= {key: arguments[key] for key in ("metadata", "blocks") if key in arguments}
        if arguments.get("thread_ts") in self.threads:
            message["thread_ts"] = arguments["thread_ts"]
        self.messages.append(message)
        shown = {key: value for key, value in message.items() if key != "metadata"}
        return {"ok": True, "channel": "C1", "ts": message["ts"], "message": shown}

    def on_conversations_replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["ts"] not in self.threads:
            return {"ok": False, "error": "thread_not_found"}
        inside = [m for m in self.messages if m.get("thread_ts") == arguments["ts"]]
        first = int(arguments.get("cursor") or 0)
        more = {"response_metadata": {"next_cursor": "1"}} if first == 0 and inside[1:] else {}
        return {"ok": True, "messages": inside[first : first + 1], **more}

    def on_conversations_history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "messages": [m for m in self.messages if "thread_ts" not in m]}

    def on_chat_delete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.messages = [m for m in self.messages if m["ts"] != arguments["ts"]]
        return {"ok": True}

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]


@pytest.fixture
async def slack() -> AsyncIterator[SmallSlack]:
    small = SmallSlack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", small.handle)
    app.router.add_route("*", "/response/{method}", small.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    small.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield small
    await runner.cleanup()


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def gateway(slack: SmallSlack, time: Time) -> AsyncIterator[Gateway]:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-test", base_url=f"{slack.url}/api/", session=session)
        yield Gateway(client, sleep=time.sleep, clock=time, timeout=0.5)


def answers(status: int, body: str = "", **headers: str) -> Fault:
    async def fault(slack: SmallSlack, method: str, arguments: dict[str, Any]) -> web.Response:
        kind = "text/html" if body.startswith("<") else "application/json"
        return web.Response(status=status, text=body, content_type=kind, headers=headers)

    return fault


def says(error: str) -> Fault:
    return answers(200, json.dumps({"ok": False, "error": error}))


LIMITED = answers(429, '{"ok": false, "error": "ratelimited"}', **{"Retry-After": "7"})


async def drops(slack: SmallSlack, method: str, arguments: dict[str, Any]) -> web.Response:
    raise asyncio.CancelledError


async def drops_after_accepting(
    slack: SmallSlack, method: str, arguments: dict[str, Any]
) -> web.StreamResponse:
    slack.answer(method, arguments)
    raise asyncio.CancelledError


async def fails_after_accepting(
    slack: SmallSlack, method: str, arguments: dict[str, Any]
) -> web.StreamResponse:
    slack.answer(method, arguments)
    return web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html")


async def hangs(slack: SmallSlack, method: str, arguments: dict[str, Any]) -> web.StreamResponse:
    slack.answer(method, arguments)
    await asyncio.sleep(1)
    return web.json_response({"ok": True})


async def passes(slack: SmallSlack, method: str, arguments: dict[str, Any]) -> None:
    return None


IN_THREAD = Outgoing("C1", "reading", thread_ts="100.000000")


async def test_a_post_is_quiet_and_carries_its_key(slack: SmallSlack, gateway: Gateway) -> None:
    posted = await gateway.post(IN_THREAD, key="T1:C1:99.1")
    assert posted == Posted("C1", "200.000000", "100.000000")
    _, sent = slack.calls[0]
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["parse"]) == (False, False, "none")
    assert "link_names" not in sent
    assert sent["metadata"] == {"event_type": "rca_run", "event_payload": {"key": "T1:C1:99.1"}}
    assert gateway.status.sent == 1


@pytest.mark.parametrize(
    "faults",
    [
        [LIMITED],
        [LIMITED, LIMITED, LIMITED],
        [answers(500)],
        [answers(502, "<html>Bad gateway</html>")],
        [answers(200, "{not json")],
        [says("internal_error")],
        [drops],
        [drops_after_accepting],
        [fails_after_accepting],
        [hangs],
        [drops_after_accepting, answers(503), answers(503)],
        [passes],
    ],
    ids=range(12),
)
async def test_exactly_one_message_stands_whatever_happens_to_the_answer(
    slack: SmallSlack, gateway: Gateway, faults: list[Fault]
) -> None:
    slack.messages.append({"ts": "150.000000", "text": "other", "thread_ts": "100.000000"})
    slack.faults = list(faults)
    posted = await gateway.post(IN_THREAD, key="k")
    assert [m["ts"] for m in slack.messages if m["text"] == "reading"] == [posted.ts]
    assert posted.thread_ts == "100.000000"


async def test_a_top_level_post_is_found_again_in_the_channel(
    slack: SmallSlack, gateway: Gateway
) -> None:
    slack.faults = [drops_after_accepting]
    posted = await gateway.post(Outgoing("C1", "reading"), key="k")
    assert slack.methods() == ["chat.postMessage", "conversations.history"]
    assert [m["ts"] for m in slack.messages] == [posted.ts]


async def test_where_looking_is_not_allowed_the_message_arrives_all_the_same(
    slack: SmallSlack, gateway: Gateway
) -> None:
    slack.faults = [answers(500), says("missing_scope")]
    await gateway.post(IN_THREAD, key="k")
    assert len(slack.messages) == 1


async def test_a_rate_limit_is_waited_out(slack: SmallSlack, gateway: Gateway, time: Time) -> None:
    slack.faults = [LIMITED]
    await gateway.post(IN_THREAD, key="k")
    assert time.slept == [7.0]
    assert slack.methods() == ["chat.postMessage"] * 2
    assert gateway.status.rate_limited == 1


async def test_a_slack_that_stays_down_ends_at_the_deadline(
    slack: SmallSlack, gateway: Gateway, time: Time
) -> None:
    slack.faults = [answers(503)] * 100
    with pytest.raises(SlackUnavailableError):
        await gateway.post(IN_THREAD, key="k")
    assert time.now <= 1_060
    assert gateway.status.last_error == "SlackUnavailableError"


@pytest.mark.parametrize("fault", [passes, drops_after_accepting])
async def test_a_message_that_strayed_into_the_channel_is_taken_back(
    slack: SmallSlack, gateway: Gateway, fault: Fault
) -> None:
    slack.faults = [fault]
    with pytest.raises(ThreadGoneError):
        await gateway.post(Outgoing("C1", "reading", thread_ts="50.000000"), key="k")
    assert slack.messages == []


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("not_in_channel", NotInChannelError),
        ("channel_not_found", NotInChannelError),
        ("restricted_action", RejectedError),
    ],
)
async def test_a_refusal_is_not_repeated(
    slack: SmallSlack, gateway: Gateway, code: str, error: type[Exception]
) -> None:
    slack.faults = [says(code)]
    with pytest.raises(error):
        await gateway.post(IN_THREAD, key="k")
    assert len(slack.calls) == 1


MESSAGE = Posted("C1", "200.000000", "100.000000")


async def test_an_update_always_sends_text_and_blocks(slack: SmallSlack, gateway: Gateway) -> None:
    await gateway.update(MESSAGE, Outgoing("C1", "x" * 5_000, thread_ts="100.000000"))
    _, sent = slack.calls[0]
    assert len(sent["text"]) <= 3_000
    assert sent["blocks"] == []
    assert sent["parse"] == "none"
    assert "thread_ts" not in sent


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (LIMITED, RateLimitedError),
        (answers(500), SlackUnavailableError),
        (drops, SlackUnavailableError),
        (says("update_failed"), SlackUnavailableError),
        (says("message_not_found"), MessageGoneError),
        (says("cant_update_message"), MessageGoneError),
        (says("msg_too_long"), RejectedError),
    ],
)
async def test_one_failed_update_is_told(
    slack: SmallSlack, gateway: Gateway, fault: Fault, error: type[Exception]
) -> None:
    slack.faults = [fault]
    with pytest.raises(error):
        await gateway.update(MESSAGE, IN_THREAD)
    assert len(slack.calls) == 1


async def test_an_update_is_repeated_as_often_as_it_may(
    slack: SmallSlack, gateway: Gateway, time: Time
) -> None:
    slack.faults = [LIMITED, answers(500), drops]
    await gateway.update(MESSAGE, IN_THREAD, attempts=4)
    assert len(slack.calls) == 4
    assert time.slept[0] == 7.0


async def test_an_hour_of_waiting_is_not_waited(slack: SmallSlack, gateway: Gateway) -> None:
    slack.faults = [answers(429, "{}", **{"Retry-After": "3600"})]
    with pytest.raises(RateLimitedError) as caught:
        await gateway.update(MESSAGE, IN_THREAD, attempts=5)
    assert caught.value.retry_after == 3600


async def test_a_retry_after_that_is_no_number_counts_as_a_second(
    slack: SmallSlack, gateway: Gateway, time: Time
) -> None:
    slack.faults = [answers(429, "{}", **{"Retry-After": "soon"})]
    await gateway.post(IN_THREAD, key="k")
    assert time.slept == [1.0]


async def test_content_of_one_channel_is_not_shown_in_another(
    slack: SmallSlack, gateway: Gateway
) -> None:
    foreign = Outgoing("C1", "secret", origin="C2")
    with pytest.raises(AudienceError):
        await gateway.post(foreign, key="k")
    with pytest.raises(AudienceError):
        await gateway.update(MESSAGE, Outgoing("C2", "secret", origin="C2"))
    with pytest.raises(AudienceError):
        await gateway.ephemeral(foreign, user="U1")
    with pytest.raises(AudienceError):
        await gateway.respond(f"{slack.url}/response/1", foreign)
    with pytest.raises(AudienceError):
        await gateway.open_view("trigger", {"blocks": []}, origin="C2")
    assert slack.calls == []


async def test_one_person_who_may_read_it_is_shown_it(slack: SmallSlack, gateway: Gateway) -> None:
    foreign = Outgoing("C1", "shared", origin="C2")
    await gateway.ephemeral(foreign, user="U1", audience_checked=True)
    await gateway.respond(f"{slack.url}/response/1", foreign, audience_checked=True)
    view = {"type": "modal", "blocks": []}
    await gateway.open_view("trigger", view, origin="C2", audience_checked=True)
    assert slack.methods() == ["chat.postEphemeral", "1", "views.open"]


async def test_an_answer_to_a_command_goes_to_slack_only(
    slack: SmallSlack, gateway: Gateway
) -> None:
    for url in ("https://evil.example/response/1", "http://127.0.0.1:1/response/1"):
        with pytest.raises(RefusedContentError):
            await gateway.respond(url, IN_THREAD)
    slack.faults = [LIMITED]
    await gateway.respond(f"{slack.url}/response/1", IN_THREAD, replace=True)
    _, sent = slack.calls[-1]
    assert (sent["response_type"], sent["replace_original"]) == ("ephemeral", True)
    slack.faults = [answers(404, "used_url")]
    with pytest.raises(Exception, match="404"):
        await gateway.respond(f"{slack.url}/response/1", IN_THREAD)


async def test_slacks_own_response_host_is_accepted(slack: SmallSlack) -> None:
    client = AsyncWebClient("xoxb-test", proxy=slack.url)
    gateway = Gateway(client)
    with pytest.raises(RefusedContentError):
        await gateway.respond("http://hooks.slack.com/commands/1", IN_THREAD)
    with pytest.raises(RefusedContentError):
        await gateway.respond("https://hooks.slack.com.evil.example/1", IN_THREAD)


def sent_blocks(slack: SmallSlack) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = slack.calls[-1][1]["blocks"]
    return blocks


async def test_every_text_is_defused(slack: SmallSlack, gateway: Gateway) -> None:
    ping = "<!channel> <https://evil.example|x>"
    mrkdwn = {"type": "mrkdwn", "text": ping}
    blocks = (
        {"type": "markdown", "text": f"{ping} [E1]({OURS})"},
        {"type": "section", "text": mrkdwn, "fields": [mrkdwn]},
        {"type": "context", "elements": [mrkdwn]},
        {"type": "header", "text": {"type": "plain_text", "text": "<!channel>"}},
    )
    out = Outgoing("C1", ping, blocks, links=frozenset({OURS}))
    await gateway.post(out, key="k")
    markdown, section, context, header = sent_blocks(slack)
    assert markdown["text"] == f"&lt;!channel&gt; x `https://evil.example` [E1]({OURS})"
    for element in (section["text"], section["fields"][0], context["elements"][0]):
        assert element["text"].startswith("&lt;!channel&gt; x (https:\u200b//")
        assert element["verbatim"] is True
    assert slack.calls[-1][1]["text"].startswith("&lt;!channel&gt;")
    assert header["text"]["text"] == "<!channel>"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image", "image_url": "https://evil.example/x.png", "alt_text": "x"},
        {"type": "section", "accessory": {"type": "image", "image_url": "x", "alt_text": "x"}},
        {"type": "actions", "elements": [{"type": "button", "url": "https://evil.example"}]},
        {"type": "rich_text", "elements": [{"elements": [{"type": "user", "user_id": "U1"}]}]},
        {"type": "rich_text", "elements": [{"elements": [{"type": "broadcast", "range": "here"}]}]},
        {"type": "rich_text", "elements": [{"type": "link", "url": "https://evil.example"}]},
    ],
)
async def test_what_no_builder_makes_is_refused(
    slack: SmallSlack, gateway: Gateway, block: dict[str, Any]
) -> None:
    with pytest.raises(RefusedContentError):
        await gateway.post(Outgoing("C1", "x", (block,)), key="k")
    assert slack.calls == []


async def test_links_to_trusted_hosts_and_own_messages_pass(slack: SmallSlack, time: Time) -> None:
    button = {"type": "button", "url": "https://runbooks.acme.example/1"}
    link = {"type": "link", "url": OURS}
    blocks = ({"type": "actions", "elements": [button]}, {"type": "rich_text", "elements": [link]})
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-test", base_url=f"{slack.url}/api/", session=session)
        trusting = Gateway(client, allowed_hosts=frozenset({"runbooks.acme.example"}))
        await trusting.post(Outgoing("C1", "x", blocks), key="k")
        for url in (
            "http://runbooks.acme.example/",
            "https://a@runbooks.acme.example/",
            "https://[",
        ):
            bad = {"type": "actions", "elements": [{"type": "button", "url": url}]}
            with pytest.raises(RefusedContentError):
                await trusting.post(Outgoing("C1", "x", (bad,)), key="k")
    assert sent_blocks(slack) == list(blocks)


async def test_lengths_fit_slack(slack: SmallSlack, gateway: Gateway) -> None:
    long = "a &lt; b\n" * 2_000
    blocks = (
        {"type": "markdown", "text": "`<x>` word\n" * 800},
        {"type": "markdown", "text": "```\n" + "log line\n" * 800},
        {"type": "section", "text": {"type": "mrkdwn", "text": "```" + long}},
        {"type": "header", "text": {"type": "plain_text", "text": "h" * 500}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "c"}] * 20},
        *({"type": "divider"} for _ in range(60)),
        {"type": "actions", "elements": []},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "footer"}]},
    )
    await gateway.post(Outgoing("C1", long, blocks), key="k")
    sent = sent_blocks(slack)
    markdown = [block["text"] for block in sent if block["type"] == "markdown"]
    assert len(sent) == 45
    assert sent[-1]["elements"][0]["text"] == "footer"
    assert sum(map(len, markdown)) <= 11_000
    assert markdown[1].count("```") == 2
    section, header, context = sent[2:5]
    assert len(section["text"]["text"]) <= 3_000
    assert section["text"]["text"].endswith("…\n```")
    assert "&l…" not in section["text"]["text"]
    assert len(header["text"]["text"]) <= 150
    assert len(context["elements"]) == 10
    assert len(slack.calls[0][1]["text"]) <= 3_000


async def test_an_empty_text_still_says_something(slack: SmallSlack, gateway: Gateway) -> None:
    await gateway.post(Outgoing("C1", ""), key="k")
    assert slack.calls[0][1]["text"]


async def test_updates_share_one_budget_and_the_last_ones_go_ahead(time: Time) -> None:
    budget = RateBudget(60, burst=2, sleep=time.sleep, clock=time)
    for _ in range(4):
        await budget.take()
    assert time.now == pytest.approx(1_002)
    await budget.take(urgent=True)
    assert time.now == pytest.approx(1_002)
    await budget.take()
    assert time.now == pytest.approx(1_004)
    budget.pause(30)
    await budget.take(urgent=True)
    assert time.now == pytest.approx(1_034)

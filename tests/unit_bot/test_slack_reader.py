"""Reading a workspace: all of it, only what may be read, and a word on what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import (
    MissingScopeError,
    NotInChannelError,
    SlackUnavailableError,
    ThreadGoneError,
)
from bot.slack.reader import Permalink, Reader, parse_permalink

ROOT = "1700000000.000000"
Raw = dict[str, Any]


def ts(seconds: float) -> str:
    return f"{1_700_000_000 + seconds:.6f}"


def said(seconds: float, text: str = "x", **more: Any) -> Raw:
    return {"ts": ts(seconds), "user": "U1", "text": text, **more}


def in_thread(count: int) -> list[Raw]:
    root = said(0, "root", reply_count=count - 1, thread_ts=ROOT)
    return [root, *(said(n, f"m{n}", thread_ts=ROOT) for n in range(1, count))]


@dataclass
class ReadableSlack:
    """Threads, a channel and files; `faults` answer a method first, `unknown` are not there."""

    threads: dict[str, list[Raw]] = field(default_factory=dict)
    channel: list[Raw] = field(default_factory=list)
    files: dict[str, web.Response] = field(default_factory=dict)
    people: dict[str, Raw] = field(default_factory=lambda: {"U1": {"real_name": "Mika"}})
    channels: dict[str, Raw] = field(default_factory=lambda: {"C1": {"name": "inc-1"}})
    members: dict[str, list[str]] = field(default_factory=dict)
    faults: dict[str, list[web.Response | None]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tokens: list[tuple[str, str | None]] = field(default_factory=list)
    page: int = 200
    limited: bool = False
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments = dict(request.query)
        self.calls.append((method, arguments))
        if method in self.unknown:
            return web.json_response({"detail": "Not Found"}, status=404)
        if (faults := self.faults.get(method)) and (fault := faults.pop(0)):
            return fault
        if self.limited and arguments.get("cursor"):
            return limited(60)
        answer = getattr(self, "on_" + method.replace(".", "_"))(arguments)
        return web.json_response({"ok": True, **answer} if "error" not in answer else answer)

    async def serve_file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.tokens.append((name, request.headers.get("Authorization")))
        return self.files[name]

    def paged(self, items: list[Any], arguments: dict[str, str], key: str) -> Raw:
        first = int(arguments.get("cursor") or 0)
        size = 15 if self.limited else min(self.page, int(arguments["limit"]))
        end = first + size
        more = {"response_metadata": {"next_cursor": str(end)}} if end < len(items) else {}
        return {key: items[first:end], **more}

    def on_conversations_replies(self, arguments: dict[str, str]) -> Raw:
        messages = self.threads.get(arguments["ts"])
        if messages is None:
            return {"ok": False, "error": "thread_not_found"}
        return self.paged(messages, arguments, "messages")

    def on_conversations_history(self, arguments: dict[str, str]) -> Raw:
        inside = [m for m in self.channel if arguments["oldest"] <= m["ts"] <= arguments["latest"]]
        return self.paged(inside[::-1], arguments, "messages")

    def on_conversations_info(self, arguments: dict[str, str]) -> Raw:
        known = self.channels.get(arguments["channel"])
        return {"channel": known} if known else {"ok": False, "error": "channel_not_found"}

    def on_conversations_members(self, arguments: dict[str, str]) -> Raw:
        return self.paged(self.members.get(arguments["channel"], []), arguments, "members")

    def on_users_info(self, arguments: dict[str, str]) -> Raw:
        known = self.people.get(arguments["user"])
        return {"user": known} if known else {"ok": False, "error": "user_not_found"}

    def on_chat_getPermalink(self, arguments: dict[str, str]) -> Raw:  # noqa: N802
        digits = arguments["message_ts"].replace(".", "")
        return {"permalink": f"https://acme.slack.com/archives/{arguments['channel']}/p{digits}"}

    def on_auth_test(self, arguments: dict[str, str]) -> Raw:
        return {"url": "https://fallback.slack.com/", "team_id": "T1"}

    def on_files_info(self, arguments: dict[str, str]) -> Raw:
        return {"file": self.file("stub.log")}

    def file(self, name: str, mimetype: str = "text/plain", **more: Any) -> Raw:
        return {"id": name, "name": name, "mimetype": mimetype, **more} | {
            "url_private": f"{self.url}/files/{name}"
        }

    def count(self, method: str) -> int:
        return sum(called == method for called, _ in self.calls)


def limited(seconds: int) -> web.Response:
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})


def no(error: str, **more: str) -> web.Response:
    return web.json_response({"ok": False, "error": error, **more})


@pytest.fixture
async def slack() -> AsyncIterator[ReadableSlack]:
    readable = ReadableSlack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", readable.handle)
    app.router.add_get("/files/{name}", readable.serve_file)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    readable.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield readable
    await runner.cleanup()


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


Opened = Callable[..., Reader]


@pytest.fixture
async def opened(slack: ReadableSlack) -> AsyncIterator[Opened]:
    async with aiohttp.ClientSession() as session:

        def open_reader(**more: Any) -> Reader:
            api_url = f"{slack.url}/api/"
            client = AsyncWebClient("xoxb-secret", base_url=api_url, session=session)
            time = Time()
            arguments: dict[str, Any] = {"api_url": api_url, "sleep": time.sleep, "clock": time}
            arguments |= {"bot_user_id": "UBOT", "bot_id": "BBOT", "timeout": 0.5, **more}
            return Reader(client, session=session, **arguments)

        yield open_reader


@pytest.fixture
def reader(opened: Opened) -> Reader:
    return opened(wall_clock=lambda: 1_700_100_000.0)


async def test_a_thread_of_a_thousand_messages_is_read_to_the_end(
    slack: ReadableSlack, reader: Reader
) -> None:
    slack.threads[ROOT] = in_thread(1_000)
    seen: list[str] = []
    incident = await reader.thread("C1", ROOT, question="why?", progress=seen.append)
    assert [m.text for m in incident.messages] == ["root", *(f"m{n}" for n in range(1, 1_000))]
    assert (incident.total_messages, incident.gaps) == (1_000, ())
    assert (incident.question, incident.title) == ("why?", "#inc-1")
    assert seen[0] == "read 200 messages"
    assert seen[-1] == "read 1,000 of 1,000 messages"
    assert slack.count("users.info") == slack.count("chat.getPermalink") == 1


async def test_each_message_has_its_link(slack: ReadableSlack, reader: Reader) -> None:
    slack.threads[ROOT] = in_thread(2)
    incident = await reader.thread("C1", ROOT)
    assert [m.permalink for m in incident.messages] == [
        "https://acme.slack.com/archives/C1/p1700000000000000",
        f"https://acme.slack.com/archives/C1/p1700000001000000?thread_ts={ROOT}&cid=C1",
    ]
    assert await reader.permalink("C1", ROOT) == incident.messages[0].permalink


async def test_a_message_that_comes_twice_counts_once(slack: ReadableSlack, reader: Reader) -> None:
    root, reply = in_thread(2)
    slack.threads[ROOT] = [root, reply, root, said(2, thread_ts=ROOT)]
    slack.page = 2
    assert len((await reader.thread("C1", ROOT)).messages) == 3


async def test_the_ts_of_a_reply_leads_to_its_thread(slack: ReadableSlack, reader: Reader) -> None:
    slack.threads = {ROOT: in_thread(3), ts(2): [in_thread(3)[2]]}
    assert len((await reader.thread("C1", ts(2))).messages) == 3


async def test_our_own_words_and_the_question_are_no_evidence(
    slack: ReadableSlack, reader: Reader
) -> None:
    ours = [said(1, user="UBOT"), {"ts": ts(2), "bot_id": "BBOT", "text": "answer"}]
    slack.threads[ROOT] = [said(0), *ours, said(3, "<@UBOT> why?"), said(4)]
    incident = await reader.thread("C1", ROOT, exclude=frozenset({ts(3)}))
    assert [m.ts for m in incident.messages] == [ts(0), ts(4)]
    assert incident.total_messages == 2


async def test_an_empty_thread_is_an_empty_incident(slack: ReadableSlack, reader: Reader) -> None:
    slack.threads[ROOT] = [said(0, user="UBOT")]
    incident = await reader.thread("C1", ROOT)
    assert (incident.messages, incident.total_messages) == ((), 0)


TOMBSTONE = {"ts": ROOT, "subtype": "tombstone", "user": "USLACKBOT", "hidden": True}


async def test_a_deleted_root_is_a_gap(slack: ReadableSlack, reader: Reader) -> None:
    slack.threads[ROOT] = [{**TOMBSTONE, "thread_ts": ROOT}, said(1, thread_ts=ROOT)]
    incident = await reader.thread("C1", ROOT)
    assert len(incident.messages) == 1
    assert incident.gaps == ("the first message of the thread was deleted",)


async def test_a_thread_of_which_nothing_is_left_is_gone(
    slack: ReadableSlack, reader: Reader
) -> None:
    slack.threads[ROOT] = [TOMBSTONE]
    with pytest.raises(ThreadGoneError):
        await reader.thread("C1", ROOT)
    with pytest.raises(ThreadGoneError):
        await reader.thread("C1", ts(9))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: no("not_in_channel"), NotInChannelError),
        (lambda: no("missing_scope", needed="channels:history"), MissingScopeError),
        (lambda: limited(600), Exception),
    ],
)
async def test_a_refusal_is_told(
    slack: ReadableSlack, reader: Reader, answer: Any, error: type[Exception]
) -> None:
    slack.faults["conversations.replies"] = [answer()]
    with pytest.raises(error) as caught:
        await reader.thread("C1", ROOT)
    assert slack.count("conversations.replies") == 1
    assert getattr(caught.value, "needed", "channels:history") == "channels:history"


async def test_whatever_passes_is_waited_out(slack: ReadableSlack, reader: Reader) -> None:
    slack.threads[ROOT] = in_thread(3)
    slack.faults["conversations.replies"] = [
        limited(5),
        web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html"),
        web.Response(text="{broken", content_type="application/json"),
        web.Response(text="plain", content_type="text/plain"),
        no("internal_error"),
    ]
    assert len((await reader.thread("C1", ROOT)).messages) == 3


async def test_a_slack_that_stays_down_is_told(slack: ReadableSlack, reader: Reader) -> None:
    slack.faults["conversations.replies"] = [web.Response(status=503) for _ in range(60)]
    with pytest.raises(SlackUnavailableError):
        await reader.thread("C1", ROOT)


async def test_what_was_read_before_slack_stopped_is_kept(
    slack: ReadableSlack, reader: Reader
) -> None:
    slack.threads[ROOT] = in_thread(500)
    down = [web.Response(status=503) for _ in range(60)]
    slack.faults["conversations.replies"] = [None, *down]
    incident = await reader.thread("C1", ROOT)
    assert (len(incident.messages), incident.total_messages) == (200, 500)
    assert incident.gaps == ("Slack stopped answering after 200 messages",)


async def test_the_limit_on_apps_of_others_is_told_without_waiting(
    slack: ReadableSlack, reader: Reader
) -> None:
    slack.threads[ROOT] = in_thread(40)
    slack.limited = True
    incident = await reader.thread("C1", ROOT)
    assert (len(incident.messages), incident.total_messages) == (15, 40)
    assert "15 messages a minute" in incident.gaps[0]
    assert slack.count("conversations.replies") == 2


async def test_methods_that_the_server_does_not_have_cost_only_what_they_tell(
    slack: ReadableSlack, reader: Reader
) -> None:
    slack.threads[ROOT] = [*in_thread(2), said(5, "<@U2> look", user="U2")]
    slack.unknown = {"users.info", "chat.getPermalink", "auth.test", "conversations.info"}
    incident = await reader.thread("C1", ROOT)
    assert [m.author for m in incident.messages] == ["someone (U1)"] * 2 + ["someone (U2)"]
    assert incident.messages[2].text == "@someone (U2) look"
    assert {m.permalink for m in incident.messages} == {""}
    assert not await reader.may_read("U1", "C1")


async def test_links_fall_back_to_the_team_of_the_token(
    slack: ReadableSlack, reader: Reader
) -> None:
    slack.threads[ROOT] = in_thread(1)
    slack.unknown = {"chat.getPermalink"}
    incident = await reader.thread("C1", ROOT)
    assert incident.messages[0].permalink.startswith("https://fallback.slack.com/archives/C1/p17")


async def test_names_are_asked_for_once_and_survive_strangers(
    slack: ReadableSlack, reader: Reader
) -> None:
    slack.people["U2"] = {"name": "sam", "profile": {"display_name": "Sam"}}
    assert await reader.name("U1") == "Mika"
    assert await reader.name("U1") == "Mika"
    assert await reader.name("U2") == "Sam"
    assert await reader.name("U0GONE1234") == "someone (1234)"
    assert slack.count("users.info") == 3
    slack.faults["users.info"] = [no("missing_scope", needed="users:read")]
    assert await reader.name("U5") == "someone (U5)"
    assert await reader.name("U6") == "someone (U6)"
    assert slack.count("users.info") == 4


async def test_the_newest_of_a_window_with_the_replies_of_its_threads(
    slack: ReadableSlack, reader: Reader
) -> None:
    root = said(90_000, "root", reply_count=2, latest_reply=ts(95_002), thread_ts=ts(90_000))
    replies = [said(95_001, "r1", thread_ts=ts(90_000)), said(95_002, "r2", thread_ts=ts(90_000))]
    slack.channel = [said(10, "old"), root, said(94_000, "a"), said(96_000, "b")]
    slack.threads[ts(90_000)] = [root, *replies]
    incident = await reader.window("C1", hours=24, messages=10, progress=lambda _: None)
    assert [m.text for m in incident.messages] == ["root", "a", "r1", "r2", "b"]
    incident = await reader.window("C1", hours=24, messages=3)
    assert [m.text for m in incident.messages] == ["r1", "r2", "b"]
    assert incident.total_messages == 5
    assert incident.gaps == ("only the newest 3 of 5 messages were read",)
    _, bounds = next(call for call in slack.calls if call[0] == "conversations.history")
    assert bounds["latest"] == "1700100000.000000"
    assert bounds["oldest"] == "1700013600.000000"


async def test_a_window_can_end_earlier(slack: ReadableSlack, reader: Reader) -> None:
    slack.channel = [said(n, f"m{n}") for n in range(5)]
    incident = await reader.window("C1", hours=1, messages=10, until=ts(2))
    assert [m.text for m in incident.messages] == ["m0", "m1", "m2"]


async def test_a_quiet_window_falls_back_on_what_came_before(
    slack: ReadableSlack, reader: Reader
) -> None:
    slack.channel = [said(n, f"m{n}") for n in range(5)]
    incident = await reader.window("C1", hours=1, messages=2)
    assert [m.text for m in incident.messages] == ["m3", "m4"]
    assert incident.gaps[0] == "nothing was said in the last 1 h: older messages read"
    assert await reader.channel_name("C1") == "inc-1"
    assert await reader.channel_name("C404") == ""
    assert slack.count("conversations.info") == 2


async def test_a_channel_that_was_renamed_is_found_out_where_that_matters(
    slack: ReadableSlack, reader: Reader
) -> None:
    """Its name decides who may see what is said in it; where Slack is silent there is none."""
    assert await reader.channel_name("C1") == "inc-1"
    slack.channels["C1"] = {"name": "sec-1"}
    assert await reader.channel_name("C1") == "inc-1"
    assert await reader.channel_name("C1", anew=True) == "sec-1"
    assert await reader.channel_name("C1") == "sec-1"
    slack.unknown = {"conversations.info"}
    assert await reader.channel_name("C1", anew=True) == ""


async def test_threads_that_cannot_hold_the_newest_are_not_read(
    slack: ReadableSlack, reader: Reader
) -> None:
    quiet = said(90_000, "quiet", reply_count=1, latest_reply=ts(90_001), thread_ts=ts(90_000))
    slack.channel = [quiet, *(said(95_000 + n) for n in range(20))]
    await reader.window("C1", hours=24, messages=10)
    assert slack.count("conversations.replies") == 0


async def test_a_thread_that_cannot_be_read_is_a_gap_of_the_window(
    slack: ReadableSlack, reader: Reader
) -> None:
    slack.channel = [said(90_000, "root", reply_count=1, thread_ts=ts(90_000))]
    incident = await reader.window("C1", hours=24, messages=10)
    assert [m.text for m in incident.messages] == ["root"]
    assert incident.gaps == ("a thread was not read (ThreadGoneError)",)


async def test_a_window_does_not_take_for_ever(slack: ReadableSlack, opened: Opened) -> None:
    slack.channel = [
        said(n, reply_count=1, thread_ts=ts(n), latest_reply=ts(n + 50)) for n in range(3)
    ]
    slack.threads = {ts(n): [slack.channel[n]] for n in range(3)}
    slack.faults["conversations.replies"] = [limited(40), None, limited(40)]
    incident = await opened(deadline=45.0).window("C1", hours=1, messages=10, until=ts(100))
    assert incident.gaps == ("1 thread not read, for want of time",)


async def read_file(slack: ReadableSlack, reader: Reader, file: Raw) -> Any:
    slack.threads[ROOT] = [said(0, "see file", files=[file])]
    incident = await reader.thread("C1", ROOT)
    return incident.messages[0].attachments[0], incident


async def test_a_text_file_is_read_with_the_token(slack: ReadableSlack, reader: Reader) -> None:
    slack.files["app.log"] = web.Response(text="ERROR ボーム\n")
    attachment, incident = await read_file(slack, reader, slack.file("app.log", size=14))
    assert (attachment.text, attachment.note) == ("ERROR ボーム\n", "")
    assert slack.tokens == [("app.log", "Bearer xoxb-secret")]
    assert incident.gaps == ()


async def test_a_five_megabyte_log_keeps_its_head_and_tail(
    slack: ReadableSlack, opened: Opened
) -> None:
    lines = [f"{n:07d} GET /checkout 200 in 12 ms from web-1\n" for n in range(110_000)]
    slack.files["big.log"] = web.Response(body="".join(lines).encode())
    attachment, incident = await read_file(slack, opened(), slack.file("big.log", size=12))
    assert attachment.text.startswith(lines[0])
    assert attachment.text.endswith(lines[-1])
    assert 990_000 < len(attachment.text) <= 1_000_100
    assert attachment.note.startswith("shortened: the first 700 kB and the last 300 kB of 5.")
    kept = attachment.text.splitlines(keepends=True)
    assert set(kept) - set(lines) == {"[… shortened …]\n"}
    assert incident.gaps[0].startswith("big.log: shortened")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbfBOM", "BOM"),
        ("wide ログ".encode("utf-16"), "wide ログ"),
        (b"ok " * 200 + b"\xfc", "ok " * 200 + "ü"),
        (b"", ""),
    ],
)
async def test_text_in_other_dress(
    slack: ReadableSlack, reader: Reader, content: bytes, text: str
) -> None:
    slack.files["x"] = web.Response(body=content)
    attachment, _ = await read_file(slack, reader, slack.file("x", ""))
    assert attachment.text == text


@pytest.mark.parametrize("content", [b"\x7fELF\0\0", bytes(range(128, 256)) * 9])
async def test_binary_is_said_to_be_binary(
    slack: ReadableSlack, reader: Reader, content: bytes
) -> None:
    slack.files["core"] = web.Response(body=content)
    attachment, incident = await read_file(slack, reader, slack.file("core", ""))
    assert (attachment.text, attachment.note) == (None, "it is not text")
    assert incident.gaps == ("core: it is not text",)


async def test_an_image_is_not_even_downloaded(slack: ReadableSlack, reader: Reader) -> None:
    attachment, _ = await read_file(slack, reader, slack.file("graph.png", "image/png"))
    assert attachment.note == "it is not text (image/png)"
    assert slack.tokens == []


@pytest.mark.parametrize(
    "page",
    [
        lambda: web.Response(
            text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html"
        ),
        lambda: web.Response(text="\n<HTML>sign in", content_type="text/plain"),
    ],
)
async def test_a_sign_in_page_is_not_the_file(
    slack: ReadableSlack, reader: Reader, page: Any
) -> None:
    slack.files["app.log"] = page()
    attachment, _ = await read_file(slack, reader, slack.file("app.log"))
    assert attachment.text is None
    assert "files:read" in attachment.note


async def test_a_file_that_is_a_page_is_read(slack: ReadableSlack, reader: Reader) -> None:
    slack.files["a.html"] = web.Response(text="<html>report", content_type="text/html")
    attachment, _ = await read_file(slack, reader, slack.file("a.html", "text/html"))
    assert attachment.text == "<html>report"


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("http://evil.example/a", 0),
        ("https://files.slack.com@evil.example/a", 0),
        ("https://slack.com.evil.example/a", 0),
        ("https://evilslack.com/a", 0),
        ("http://files.slack.com/a", 0),
        ("http://127.0.0.1:9/a", 0),
        ("/files/a", 0),
        ("", 0),
        ("http://[", 0),
    ],
)
async def test_the_token_goes_to_slack_only(
    slack: ReadableSlack, reader: Reader, address: str, asked: int
) -> None:
    attachment, _ = await read_file(
        slack, reader, {"id": "F1", "name": "a", "url_private": address}
    )
    assert attachment.text is None
    assert attachment.note in ("it is not kept on Slack's servers", "Slack gave no address for it")
    assert len(slack.tokens) == asked


async def test_a_redirect_is_followed_at_slack_only(slack: ReadableSlack, reader: Reader) -> None:
    slack.files["b"] = web.Response(text="moved")
    slack.files["a"] = web.Response(status=302, headers={"Location": "/files/b"})
    attachment, _ = await read_file(slack, reader, slack.file("a"))
    assert attachment.text == "moved"
    slack.files["a"] = web.Response(status=302, headers={"Location": "http://evil.example/"})
    attachment, _ = await read_file(slack, reader, slack.file("a"))
    assert attachment.note == "it is not kept on Slack's servers"
    for name, following in ("ac", "cd", "de"):
        location = {"Location": f"/files/{following}"}
        slack.files[name] = web.Response(status=302, headers=location)
    attachment, _ = await read_file(slack, reader, slack.file("a"))
    assert attachment.note == "its address redirects too often"


async def test_other_failures_of_a_file_are_told(slack: ReadableSlack, reader: Reader) -> None:
    slack.files["a"] = web.Response(status=404)
    attachment, _ = await read_file(slack, reader, slack.file("a"))
    assert attachment.note == "Slack answered HTTP 404"
    for mode in ("tombstone", "hidden_by_limit", "external"):
        attachment, _ = await read_file(slack, reader, slack.file("a", mode=mode))
        assert attachment.text is None


async def test_a_stub_is_asked_about_first(slack: ReadableSlack, reader: Reader) -> None:
    slack.files["stub.log"] = web.Response(text="shared")
    stub = {"id": "F1", "name": "stub.log", "file_access": "check_file_info"}
    attachment, _ = await read_file(slack, reader, stub)
    assert attachment.text == "shared"
    slack.unknown = {"files.info"}
    attachment, _ = await read_file(slack, reader, stub)
    assert attachment.note == "Slack gave no address for it"


async def test_of_too_many_files_the_newest_are_read(slack: ReadableSlack, reader: Reader) -> None:
    files = [slack.file(f"f{n}") for n in range(50)]
    slack.files = {f"f{n}": web.Response(text=str(n)) for n in range(50)}
    slack.threads[ROOT] = [
        said(n, "x", files=[file], thread_ts=ROOT) for n, file in enumerate(files)
    ]
    seen: list[str] = []
    incident = await reader.thread("C1", ROOT, progress=seen.append)
    read = [m.ts for m in incident.messages if m.attachments[0].text is not None]
    assert read == [ts(n) for n in range(10, 50)]
    assert incident.gaps[-1] == "5 more files were not read whole"
    assert seen[-1] == "read 50 of 50 messages and 40 of 50 files"


@pytest.mark.parametrize(
    ("user", "channel", "allowed"),
    [
        ("UFULL", "CPUBLIC", True),
        ("UGUEST", "CPUBLIC", False),
        ("UGUEST", "CGUESTS", True),
        ("UULTRA", "CPUBLIC", False),
        ("USTRANGER", "CPUBLIC", False),
        ("UGONE", "CPUBLIC", False),
        ("UNOBODY", "CPUBLIC", False),
        ("UFULL", "CPRIVATE", False),
        ("UMEMBER", "CPRIVATE", True),
        ("UFULL", "CNOWHERE", False),
        ("UFULL", "DFULL", True),
        ("UMEMBER", "DFULL", False),
        ("UFULL", "CODD", False),
        ("UOURS", "CPUBLIC", True),
        ("UGRID", "CPUBLIC", True),
        ("UPARTNER", "CPUBLIC", False),
    ],
)
async def test_who_may_read(
    slack: ReadableSlack, reader: Reader, user: str, channel: str, allowed: bool
) -> None:
    slack.people = {
        "UFULL": {"name": "full"},
        "UMEMBER": {"name": "member"},
        "UGUEST": {"is_restricted": True},
        "UULTRA": {"is_ultra_restricted": True},
        "USTRANGER": {"is_stranger": True},
        "UGONE": {"deleted": True},
        "UOURS": {"team_id": "T1"},
        "UGRID": {"team_id": "T7", "enterprise_user": {"teams": ["T7", "T1"]}},
        "UPARTNER": {"team_id": "T2"},
    }
    slack.channels = {
        "CPUBLIC": {"is_private": False},
        "CGUESTS": {"is_private": False},
        "CPRIVATE": {"is_private": True},
        "DFULL": {"is_im": True, "user": "UFULL"},
        "CODD": {"name": "says-nothing"},
    }
    slack.members = {
        "CPRIVATE": [*(f"U{n}" for n in range(250)), "UMEMBER"],
        "CGUESTS": ["UGUEST"],
    }
    assert await reader.may_read(user, channel) is allowed


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
async def test_a_doubt_is_a_no(slack: ReadableSlack, reader: Reader, method: str) -> None:
    slack.channels["C1"] = {"is_private": method == "conversations.members"}
    slack.members["C1"] = ["U1"]
    assert await reader.may_read("U1", "C1")
    slack.faults[method] = [no("missing_scope")]
    assert not await reader.may_read("U1", "C1")


PUBLIC: Raw = {"is_channel": True, "is_private": False}


@pytest.mark.parametrize(
    ("about", "is_open"),
    [
        (PUBLIC, True),
        ({**PUBLIC, "is_private": True}, False),
        ({"is_channel": True}, False),
        ({"is_private": False}, False),
        ({"is_im": True, "user": "U1"}, False),
        ({**PUBLIC, "is_shared": True}, False),
        ({**PUBLIC, "is_ext_shared": True}, False),
        ({**PUBLIC, "is_org_shared": True}, False),
        ({**PUBLIC, "is_pending_ext_shared": True}, False),
        ({**PUBLIC, "pending_shared": ["T2"]}, False),
    ],
)
async def test_a_channel_is_open_where_it_is_public_and_shared_with_nobody(
    slack: ReadableSlack, reader: Reader, about: Raw, is_open: bool
) -> None:
    slack.channels["C1"] = about
    assert await reader.is_open("C1") is is_open
    assert not await reader.is_open("CGONE")
    slack.faults["conversations.info"] = [no("missing_scope")]
    assert not await reader.is_open("C1")


@pytest.mark.parametrize(
    ("members", "about", "insiders"),
    [
        (["UFULL", "UBOT"], PUBLIC, True),
        (["UFULL"], {"is_channel": True, "is_private": True}, True),
        (["UFULL", "UGUEST"], PUBLIC, False),
        (["UFULL", "USTRANGER"], PUBLIC, False),
        (["UFULL", "UPARTNER"], PUBLIC, False),
        (["UFULL", "UGONE"], PUBLIC, False),
        (["UNKNOWN"], PUBLIC, False),
        ([], PUBLIC, False),
        (["UFULL"] * 61, PUBLIC, False),
        (["UFULL"], {**PUBLIC, "is_ext_shared": True}, False),
    ],
)
async def test_who_reads_a_channel_is_known_to_be_one_of_us(
    slack: ReadableSlack, reader: Reader, members: list[str], about: Raw, insiders: bool
) -> None:
    slack.people = {
        "UFULL": {"team_id": "T1"},
        "UBOT": {"is_bot": True, "team_id": "T1"},
        "UGUEST": {"is_restricted": True},
        "USTRANGER": {"is_stranger": True},
        "UGONE": {"deleted": True},
        "UPARTNER": {"team_id": "T2"},
    }
    slack.channels["C1"], slack.members["C1"] = about, members
    assert await reader.are_insiders("C1") is insiders


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
async def test_a_doubt_of_who_reads_a_channel_is_a_no(
    slack: ReadableSlack, reader: Reader, method: str
) -> None:
    slack.channels["C1"], slack.members["C1"] = PUBLIC, ["U1"]
    assert await reader.are_insiders("C1")
    slack.faults[method] = [no("missing_scope")]
    assert not await reader.are_insiders("C1")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://acme.slack.com/archives/C1/p1700000000000100", ("C1", "1700000000.000100", None)),
        (
            "why? <https://acme.slack.com/archives/G2/p1700000001000200?thread_ts=1700000000.000100"
            "&amp;cid=G2|here> thanks",
            ("G2", "1700000001.000200", "1700000000.000100"),
        ),
        ("http://127.0.0.1:3000/archives/D3/p1700000000000100", ("D3", "1700000000.000100", None)),
        (
            "https://a.slack.com/archives/C1/p1700000000000100?thread_ts=evil",
            ("C1", "1700000000.000100", None),
        ),
        ("https://acme.slack.com/archives/C1", None),
        ("what broke?", None),
    ],
)
def test_links_to_messages_are_understood(
    text: str, link: tuple[str, str, str | None] | None
) -> None:
    assert parse_permalink(text) == (Permalink(*link) if link else None)


def test_a_link_without_a_root_is_read_by_its_own_ts() -> None:
    assert Permalink("C1", "2.0").root_ts == "2.0"
    assert Permalink("C1", "2.0", "1.0").root_ts == "1.0"

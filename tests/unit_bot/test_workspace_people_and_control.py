"""What people do and see, by method and by the control API; and who may reach any of it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.workspace.clock import ManualClock, SystemClock
from bot.workspace.errors import NotLoopbackError
from bot.workspace.faults import Fault
from bot.workspace.feed import Feed
from bot.workspace.guards import is_loopback
from bot.workspace.server import Workspace, serve_workspace

MODAL: dict[str, Any] = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Evidence"},
    "blocks": [
        {
            "type": "section",
            "text": {"type": "plain_text", "text": "x"},
            "accessory": {
                "type": "button",
                "text": {"type": "plain_text", "text": "More"},
                "action_id": "more",
            },
        }
    ],
}
BUTTONS = [
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "Go"},
                "action_id": "go",
                "value": "1",
            }
        ],
    }
]


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with serve_workspace(ManualClock()) as served:
        served.add_channel("inc-1", members=[served.add_user("ada")])
        yield served


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(workspace: Workspace, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, session=session)


class App:
    """A socket that acknowledges with what a test lays ready, and keeps what it got."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.got: list[dict[str, Any]] = []
        self.answers: list[Any] = []
        self.greeted = asyncio.Event()
        self._socket = socket

    async def run(self) -> None:
        async for frame in self._socket:
            envelope = json.loads(frame.data)
            if envelope["type"] == "hello":
                self.greeted.set()
            else:
                await self._acknowledge(envelope)

    async def _acknowledge(self, envelope: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        if envelope["type"] != "events_api":
            self.got.append(envelope["payload"])
            if self.answers:
                answer["payload"] = self.answers.pop(0)
        await self._socket.send_json(answer)


@pytest.fixture
async def app(workspace: Workspace, client: AsyncWebClient, session) -> AsyncIterator[App]:
    opened = await client.apps_connections_open(app_token=workspace.app_token)
    async with session.ws_connect(opened["url"]) as socket:
        listening = App(socket)
        running = asyncio.create_task(listening.run())
        await listening.greeted.wait()
        yield listening
    await running


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_trigger_opens_one_modal_within_three_seconds(workspace, client, app) -> None:
    ts = await workspace.say("ada", "inc-1", "down")
    await workspace.shortcut("ada", "analyse", "inc-1", ts)
    await workspace.shortcut("ada", "analyse", "inc-1", ts)
    first, second = (payload["trigger_id"] for payload in app.got)
    call = client.views_open(trigger_id=first, view={**MODAL, "type": "home"})
    assert await error_of(call) == "invalid_arguments"
    view = (await client.views_open(trigger_id=first, view=MODAL))["view"]
    assert workspace.views("ada") == [view]
    call = client.views_open(trigger_id=first, view=MODAL)
    assert await error_of(call) == "exchanged_trigger_id"
    workspace.clock.advance(3.5)
    call = client.views_open(trigger_id=second, view=MODAL)
    assert await error_of(call) == "expired_trigger_id"
    call = client.views_open(trigger_id="made.up", view=MODAL)
    assert await error_of(call) == "invalid_trigger_id"


async def opened(workspace: Workspace, client: AsyncWebClient, app: App, **fields: Any) -> Any:
    ts = await workspace.say("ada", "inc-1", "down")
    await workspace.shortcut("ada", "analyse", "inc-1", ts)
    trigger = app.got[-1]["trigger_id"]
    return (await client.views_open(trigger_id=trigger, view={**MODAL, **fields}))["view"]


async def test_views_are_updated_pushed_and_clicked_upon(workspace, client, app) -> None:
    view = await opened(workspace, client, app, external_id="mine")
    assert await error_of(client.views_update(view_id=view["id"], view=MODAL, hash="0")) == (
        "hash_conflict"
    )
    await client.views_update(external_id="mine", view={**MODAL, "external_id": "mine"})
    assert await error_of(client.views_update(view_id="V1", view=MODAL)) == "not_found"
    assert await error_of(client.api_call("views.update", json={"view": MODAL})) == (
        "invalid_arguments"
    )
    for depth in (2, 3):
        assert (await workspace.click_view("ada", view["id"], "more")).acked
        assert app.got[-1]["container"] == {"type": "view", "view_id": view["id"]}
        await client.views_push(trigger_id=app.got[-1]["trigger_id"], view=MODAL)
        assert len(workspace.views("ada")) == depth
    top = workspace.views("ada")[-1]
    assert (top["root_view_id"], top["previous_view_id"]) == (
        view["id"],
        workspace.views("ada")[1]["id"],
    )
    await workspace.click_view("ada", view["id"], "more")
    call = client.views_push(trigger_id=app.got[-1]["trigger_id"], view=MODAL)
    assert await error_of(call) == "push_limit_reached"


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        (None, []),
        ({"response_action": "clear"}, []),
        ({"response_action": "errors", "errors": {"b": "no"}}, ["Evidence"]),
        ({"response_action": "update", "view": {**MODAL, "callback_id": "new"}}, ["Evidence"]),
        ({"response_action": "push", "view": MODAL}, ["Evidence", "Evidence"]),
    ],
)
async def test_what_a_submission_does_is_the_app_s_to_say(
    workspace, client, app, answer, titles
) -> None:
    view = await opened(workspace, client, app)
    app.answers = [answer]
    result = await workspace.submit_view("ada", view["id"], {"b": {"a": {"value": "x"}}})
    assert result.ack == answer
    assert app.got[-1]["view"]["state"]["values"] == {"b": {"a": {"value": "x"}}}
    assert [v["title"]["text"] for v in workspace.views("ada")] == titles
    if answer and answer["response_action"] == "update":
        assert workspace.views("ada")[0]["callback_id"] == "new"


async def test_a_closed_view_is_told_where_the_app_asked_for_it(workspace, client, app) -> None:
    for notify in (True, False):
        view = await opened(workspace, client, app, notify_on_close=notify)
        await workspace.close_view("ada", view["id"])
        assert workspace.views("ada") == []
        assert (app.got[-1]["type"] == "view_closed") is notify


async def test_a_home_tab_is_published_to_one_person(workspace, client) -> None:
    ada = workspace.add_user("ada-2")
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    await client.views_publish(user_id=ada, view=home)
    assert workspace.home(ada)["type"] == "home"
    assert await error_of(client.views_publish(user_id="U1", view=home)) == "user_not_found"


async def respond(payload: dict[str, Any], **body: Any) -> tuple[int, str]:
    answer = await AsyncWebhookClient(payload["response_url"]).send_dict(body)
    return answer.status_code, answer.body


async def test_an_address_takes_five_replies_in_half_an_hour(workspace, session, app) -> None:
    await workspace.command("ada", "inc-1", "/rca")
    for _ in range(5):
        assert await respond(app.got[0], text="x") == (200, "ok")
    status, body = await respond(app.got[0], text="x")
    assert (status, json.loads(body)["error"]) == (404, "used_url")
    await workspace.command("ada", "inc-1", "/rca")
    assert (await respond(app.got[1], text=""))[0] == 400
    workspace.clock.advance(1_801)
    assert "expired_url" in (await respond(app.got[1], text="x"))[1]
    made_up = {"response_url": f"{workspace.base_url}/slack/response/made-up"}
    assert "invalid_url" in (await respond(made_up, text="x"))[1]
    assert len(workspace.ephemerals("ada", "inc-1")) == 5
    for odd in ("{", "[]"):
        async with session.post(app.got[1]["response_url"], data=odd) as response:
            assert (response.status, (await response.json())["error"]) == (400, "invalid_payload")
    workspace.faults.add(Fault("response_url", "status", status=500))
    assert (await respond(app.got[1], text="x"))[0] == 500


async def test_a_reply_may_go_to_the_channel_or_into_a_thread(workspace, app) -> None:
    root = await workspace.say("ada", "inc-1", "down")
    await workspace.command("ada", "inc-1", "/rca")
    await respond(app.got[0], text="all", response_type="in_channel")
    await respond(app.got[0], text="thread", response_type="in_channel", thread_ts=root)
    await respond(app.got[0], text="psst", thread_ts=root)
    assert [m["text"] for m in workspace.messages("inc-1")] == ["down", "all"]
    assert [m["text"] for m in workspace.messages("inc-1", root)] == ["down", "thread"]
    assert workspace.ephemerals("ada", "inc-1")[0]["thread_ts"] == root


async def test_a_click_is_answered_in_place_of_the_message(workspace, client, app) -> None:
    posted = await client.chat_postMessage(channel="inc-1", text="x", blocks=BUTTONS)
    assert (await workspace.click("ada", "inc-1", posted["ts"], "go")).acked
    payload = app.got[-1]
    assert payload["type"] == "block_actions"
    assert payload["container"]["message_ts"] == posted["ts"]
    assert payload["actions"][0]["value"] == "1"
    await respond(payload, text="new", replace_original=True)
    assert [m["text"] for m in workspace.messages("inc-1")] == ["new"]
    await respond(payload, delete_original=True)
    assert workspace.messages("inc-1") == []


async def test_a_click_on_a_message_for_one_person(workspace, client, app) -> None:
    ada = (await client.users_list())["members"][-1]["id"]
    channel = (await client.conversations_list())["channels"][0]["id"]
    root = await workspace.say("ada", "inc-1", "down")
    noted = await client.chat_postEphemeral(
        channel=channel, user=ada, text="x", blocks=BUTTONS, thread_ts=root
    )
    await workspace.click("ada", "inc-1", noted["message_ts"], "go")
    assert app.got[-1]["container"]["is_ephemeral"] is True
    assert app.got[-1]["container"]["thread_ts"] == root
    assert "message" not in app.got[-1]
    await respond(app.got[-1], text="new", replace_original=True)
    assert [note["text"] for note in workspace.ephemerals("ada", "inc-1")] == ["new"]
    await respond(app.got[-1], delete_original=True)
    assert workspace.ephemerals("ada", "inc-1") == []


async def test_people_cannot_do_what_is_not_there(workspace) -> None:
    workspace.add_channel("private", private=True)
    workspace.add_user("sue", kind="single_channel_guest")
    ts = await workspace.say("ada", "inc-1", "down")
    for doing in (
        workspace.say("bob", "inc-1", "x"),
        workspace.say("ada", "nowhere", "x"),
        workspace.say("ada", "private", "x"),
        workspace.say("sue", "inc-1", "x"),
        workspace.say("ada", "inc-1", "x", thread_ts="1.0"),
        workspace.shortcut("ada", "x", "inc-1", "1.0"),
        workspace.click("ada", "inc-1", ts, "go"),
        workspace.submit_view("ada", "V1"),
    ):
        with pytest.raises(LookupError):
            await doing
    for looking in (workspace.make_stub, workspace.home, workspace.views, workspace.open_dm):
        with pytest.raises(LookupError):
            looking("nobody")
    with pytest.raises(LookupError):
        workspace.history_of("inc-1", "1.0")
    with pytest.raises(LookupError):
        workspace.delete_message("inc-1", "1.0")


async def test_a_person_edits_and_deletes(workspace) -> None:
    workspace.add_user("ben")
    ts = await workspace.say("ben", "inc-1", "a &lt; <@U1> <#C1|x>")
    assert [
        part["type"]
        for part in workspace.messages("inc-1")[0]["blocks"][0]["elements"][0]["elements"]
    ] == ["text", "user", "text", "channel"]
    workspace.edit_message("inc-1", ts, "b")
    assert workspace.messages("inc-1")[0]["edited"]["user"]
    assert [version["text"] for version in workspace.history_of("inc-1", ts)][1:] == ["b"]
    workspace.delete_message("inc-1", ts)
    assert workspace.messages("inc-1") == []
    assert workspace.messages("inc-1", ts) == []


async def control(
    workspace: Workspace, session: aiohttp.ClientSession, action: str, **body: Any
) -> tuple[int, dict[str, Any]]:
    async with session.post(f"{workspace.base_url}/control/{action}", json=body) as response:
        return response.status, await response.json()


async def test_the_control_api_does_what_people_do(workspace, session, client) -> None:
    content = base64.b64encode(b"boom").decode()
    status, said = await control(
        workspace,
        session,
        "say",
        user="ada",
        channel="inc-1",
        text="hello",
        files=[{"name": "a.log", "content": content}],
    )
    assert status == 200
    (message,) = workspace.messages("inc-1")
    assert (message["ts"], message["files"][0]["size"]) == (said["result"], 4)
    _, answer = await control(
        workspace, session, "command", user="ada", channel="inc-1", command="/rca"
    )
    assert answer["result"] == {"acked": False, "ack": None, "error": "dispatch_failed"}
    _, shown = await control(workspace, session, "messages", channel="inc-1")
    assert shown["result"][0]["text"] == "hello"
    await control(workspace, session, "faults", method="auth.test", kind="not_ok", error="x")
    assert await error_of(client.auth_test()) == "x"
    await control(workspace, session, "faults", method="auth.test", kind="not_ok", times=None)
    await control(workspace, session, "faults/clear")
    await client.auth_test()
    before = workspace.clock.time()
    await control(workspace, session, "advance", seconds=60)
    assert workspace.clock.time() == before + 60


@pytest.mark.parametrize(
    ("action", "body", "status", "reason"),
    [
        ("dance", {}, 404, "no action 'dance'"),
        ("say", {"user": "ada"}, 400, "missing a required argument"),
        ("say", {"user": "bob", "channel": "inc-1", "text": "x"}, 400, "no user 'bob'"),
        ("faults", {"method": "x", "kind": "mischief"}, 400, "no such fault"),
        (
            "say_as_bot",
            {"username": "b", "channel": "inc-1", "blocks": [{}]},
            400,
            "invalid_blocks",
        ),
        ("say", {"files": [{"name": "x", "content": "!"}]}, 400, ""),
        ("say", {"files": [{}]}, 400, ""),
    ],
)
async def test_the_control_api_says_what_is_wrong(
    workspace, session, action, body, status, reason
) -> None:
    got, answer = await control(workspace, session, action, **body)
    assert (got, answer["ok"]) == (status, False)
    assert reason in answer["error"]


async def test_the_control_api_wants_an_object(workspace, session) -> None:
    async with session.post(f"{workspace.base_url}/control/say", json=["x"]) as response:
        assert response.status == 400
        assert "object" in (await response.json())["error"]


async def test_state_calls_and_events_can_be_watched(workspace, session, client) -> None:
    async with session.get(f"{workspace.base_url}/control/events") as events:
        assert await events.content.readline() == b": ready\n"
        await client.auth_test()
        ts = await workspace.say("ada", "inc-1", "hello")
        text = await events.content.readuntil(b"event: message\n")
        assert b"event: call" in text
        happening = json.loads((await events.content.readline()).removeprefix(b"data: "))
        assert happening["data"]["ts"] == ts
        await workspace.stop()
        assert await events.content.read() == b"\n"
    async with session.get(f"{workspace.base_url}/control/calls") as response:
        (call,) = (await response.json())["calls"]
        assert (call["method"], call["error"]) == ("auth.test", "")
    async with session.get(f"{workspace.base_url}/control/state") as response:
        state = await response.json()
        assert [channel["name"] for channel in state["channels"]] == ["inc-1"]
        assert workspace.bot_token not in json.dumps(state)


async def test_a_watcher_that_falls_behind_is_let_go() -> None:
    feed = Feed(backlog=2)
    with feed.watch() as happenings:
        for number in range(4):
            feed.publish("message", "C1", {"n": number})
        assert [happening.data["n"] async for happening in happenings] == [0, 1]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/control/state", {}, 200),
        ("/control/state", {"Host": "localhost:3000"}, 200),
        ("/control/state", {"Host": "evil.example:3000"}, 403),
        ("/control/state", {"Origin": "http://evil.example"}, 403),
        ("/control/state", {"Origin": "null"}, 403),
        ("/slack/api/api.test", {"Host": "evil.example"}, 403),
        ("/slack/files/F1/x", {"Host": "evil.example"}, 403),
    ],
)
async def test_foreign_names_and_pages_are_kept_out(
    workspace, session, path, headers, status
) -> None:
    async with session.get(workspace.base_url + path, headers=headers) as response:
        assert response.status == status


async def test_a_plain_form_cannot_drive_the_control_api(workspace, session) -> None:
    """A page may send one across origins without asking; JSON it may not."""
    address = f"{workspace.base_url}/control/cut_sockets"
    async with session.post(address, data={"a": "b"}) as response:
        assert response.status == 415
    own = {"Origin": workspace.base_url}
    async with session.post(address, json={}, headers=own) as response:
        assert (await response.json())["result"] == 0


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("evil.example", False),
        (None, False),
    ],
)
def test_what_counts_as_this_machine(host: str | None, local: bool) -> None:
    assert is_loopback(host) is local


async def test_nothing_beyond_this_machine() -> None:
    workspace = Workspace()
    for url in ("http://0.0.0.0:3000", "http://example.com", "https://127.0.0.1", "127.0.0.1"):
        with pytest.raises(NotLoopbackError, match="this machine alone"):
            await workspace.start(url)
    with pytest.raises(NotLoopbackError):
        workspace.events_url = "http://example.com/slack/events"
    with pytest.raises(NotLoopbackError):
        async with serve_workspace(host="0.0.0.0"):
            pass
    await workspace.stop()


async def test_a_file_is_given_to_the_bearer_alone(workspace, session, client) -> None:
    ts = await workspace.say("ada", "inc-1", "log", files=[("a.log", b"boom\n", "text/plain")])
    (file,) = workspace.messages("inc-1", ts)[0]["files"]
    bearer = {"Authorization": f"Bearer {workspace.bot_token}"}
    for address in (file["url_private"], file["url_private_download"]):
        async with session.get(address, headers=bearer) as response:
            assert await response.read() == b"boom\n"
    async with session.get(file["url_private"], headers={"Authorization": "x"}) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert (await response.text()).startswith("<!DOCTYPE html>")
    workspace.faults.add(Fault("files", "html", status=502))
    async with session.get(file["url_private"], headers=bearer) as response:
        assert response.status == 502
    async with session.get(f"{workspace.base_url}/slack/files/F1/x", headers=bearer) as response:
        assert response.status == 404
    assert (await client.files_info(file=file["id"]))["file"]["size"] == 5
    assert await error_of(client.files_info(file="F1")) == "file_not_found"
    workspace.scopes.discard("files:read")
    async with session.get(file["url_private"], headers=bearer) as response:
        assert response.content_type == "text/html"


async def test_a_stub_shows_itself_when_asked_by_its_id(workspace, client) -> None:
    ts = await workspace.say("ada", "inc-1", "log", files=[("a.log", b"boom", "text/plain")])
    key = workspace.messages("inc-1", ts)[0]["files"][0]["id"]
    workspace.make_stub(key)
    (stub,) = workspace.messages("inc-1", ts)[0]["files"]
    assert (stub["file_access"], "url_private" in stub) == ("check_file_info", False)
    assert "url_private" in (await client.files_info(file=key))["file"]


def folder(parent: Path, name: str, thread: Any, files: dict[str, bytes] | None = None) -> Path:
    made = parent / name
    made.mkdir()
    (made / "thread.json").write_text(thread if isinstance(thread, str) else json.dumps(thread))
    for path, content in (files or {}).items():
        (made / path).write_bytes(content)
    return made


def entry(ts: str, **fields: Any) -> dict[str, Any]:
    return {"type": "message", "ts": ts, "text": "x", "user": "U0CASE", **fields}


def with_file(path: str, ts: str = "1700000000.000001") -> list[dict[str, Any]]:
    file = {"id": "F0CASE", "name": "a.log", "mimetype": "text/plain", "path": path}
    return [entry(ts, files=[file])]


async def test_incident_folders_become_channels(workspace, client, session, tmp_path) -> None:
    root, reply = "1700000000.000001", "1700000060.000002"
    alert = {"subtype": "bot_message", "bot_id": "B0CASE", "username": "Alerts", "user": None}
    thread = [entry(root, thread_ts=root, **alert), entry(reply, thread_ts=root)]
    thread[0].pop("user")
    folder(tmp_path, "one", thread)
    folder(tmp_path, "two", with_file("a.log"), {"a.log": b"boom"})
    folder(tmp_path, "three", with_file("a.log"), {"a.log": b"bang"})
    (tmp_path / "empty").mkdir()
    assert workspace.load_incidents(tmp_path) == ["inc-one", "inc-three", "inc-two"]
    assert workspace.load_incidents(tmp_path / "one") == []
    assert workspace.incident_problems == ["one: there is a channel inc-one already"]
    channels = {c["name"]: c["id"] for c in (await client.conversations_list())["channels"]}
    read = await client.conversations_replies(channel=channels["inc-one"], ts=root)
    assert [m["ts"] for m in read["messages"]] == [root, reply]
    assert read["messages"][0]["reply_count"] == 1
    assert (await client.bots_info(bot="B0CASE"))["bot"]["name"] == "Alerts"
    assert (await client.users_info(user="U0CASE"))["user"]["name"].startswith("responder")
    contents = []
    bearer = {"Authorization": f"Bearer {workspace.bot_token}"}
    for name in ("inc-two", "inc-three"):
        (file,) = workspace.messages(name)[0]["files"]
        async with session.get(file["url_private"], headers=bearer) as response:
            contents.append(await response.read())
    assert contents == [b"boom", b"bang"]


@pytest.mark.parametrize(
    ("thread", "reason"),
    [
        ("{", "cannot be read"),
        ([], "must be a list"),
        ({}, "must be a list"),
        (["x"], "message 1"),
        ([entry("soon")], "not a ts"),
        ([entry("1700000000.000001")] * 2, "occurs twice"),
        (with_file("../outside.log"), "outside of the folder"),
        (with_file("/etc/hostname"), "outside of the folder"),
        (with_file("link.log"), "outside of the folder"),
        (with_file("missing.log"), "message 1"),
    ],
)
async def test_a_broken_folder_costs_only_itself(workspace, tmp_path, thread, reason) -> None:
    (tmp_path / "outside.log").write_text("secret")
    broken = folder(tmp_path, "broken", thread)
    (broken / "link.log").symlink_to(tmp_path / "outside.log")
    folder(tmp_path, "whole", [entry("1700000000.000001")])
    assert workspace.load_incidents(tmp_path) == ["inc-whole"]
    (problem,) = workspace.incident_problems
    assert problem.startswith("broken: ")
    assert reason in problem


async def test_the_clocks() -> None:
    clock = ManualClock(start=100.0)
    order: list[str] = []

    async def nap(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        order.append(name)

    naps = [asyncio.create_task(nap(*each)) for each in (("b", 2), ("a", 1), ("now", 0))]
    gone = asyncio.create_task(nap("gone", 1))
    await clock.until_waiting(3)
    gone.cancel()
    await asyncio.sleep(0)
    clock.advance(2)
    await asyncio.gather(*naps)
    assert (order, clock.time()) == (["now", "a", "b"], 102.0)
    await SystemClock().sleep(0)
    assert SystemClock().time() > 1_700_000_000

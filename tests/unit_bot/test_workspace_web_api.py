"""The Web API's door: wire shapes, tokens, scopes, arguments, rates, faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.workspace.clock import ManualClock
from bot.workspace.faults import Fault
from bot.workspace.server import Workspace, serve_workspace
from bot.workspace.state import ALL_SCOPES


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with serve_workspace(ManualClock()) as served:
        served.scopes.update(ALL_SCOPES)
        yield served


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(workspace: Workspace, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(
        workspace.bot_token, base_url=workspace.api_url, session=session, retry_handlers=[]
    )


def bearer(workspace: Workspace) -> dict[str, str]:
    return {"Authorization": f"Bearer {workspace.bot_token}"}


async def refused(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


async def test_all_shapes_in_which_the_sdk_sends_arguments_are_read(workspace, client) -> None:
    """JSON body, query with an empty body, GET, and an empty form."""
    channel = workspace.add_channel("general")
    posted = await client.chat_postMessage(channel=channel, text="hello")
    await client.reactions_add(channel=channel, timestamp=posted["ts"], name="eyes")
    read = await client.conversations_history(channel=channel, limit=1)
    assert read["messages"][0]["reactions"][0]["name"] == "eyes"
    assert (await client.auth_test())["bot_id"] == workspace.bot_id
    await client.chat_delete(channel=channel, ts=posted["ts"])
    assert workspace.messages(channel) == []


async def test_a_form_with_json_inside_is_read(workspace, session) -> None:
    channel = workspace.add_channel("general")
    form = {"channel": channel, "blocks": '[{"type": "divider"}]', "token": workspace.bot_token}
    async with session.post(f"{workspace.api_url}chat.postMessage", data=form) as response:
        assert (await response.json())["message"]["blocks"][0]["type"] == "divider"
    assert "token" not in workspace.calls[-1].args


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"data": "{", "headers": {"Content-Type": "application/json"}}, "invalid_json"),
        ({"json": ["general"]}, "json_not_object"),
        ({"data": "x", "headers": {"Content-Type": "text/plain"}}, "invalid_post_type"),
    ],
)
async def test_bodies_that_slack_cannot_read(workspace, session, sent, error) -> None:
    async with session.post(f"{workspace.api_url}chat.postMessage", **sent) as response:
        assert await response.json() == {"ok": False, "error": error}


async def test_a_json_body_does_not_count_where_the_method_reads_none(workspace, session) -> None:
    async with session.post(
        f"{workspace.api_url}conversations.info",
        json={"channel": workspace.add_channel("general")},
        headers=bearer(workspace),
    ) as response:
        assert (await response.json())["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("header", "query", "error"),
    [
        (None, "", "not_authed"),
        ("Bearer xoxb-wrong", "", "invalid_auth"),
        ("bearer {bot}", "", "not_authed"),
        ("Bearer ", "", "not_authed"),
        ("Bearer {bot}", "?token=x", "invalid_auth"),
        (None, "?token={bot}", "invalid_auth"),
        ("Bearer {app}", "", "not_allowed_token_type"),
    ],
)
async def test_credentials(workspace, session, header, query, error) -> None:
    tokens = {"bot": workspace.bot_token, "app": workspace.app_token}
    headers = {"Authorization": header.format(**tokens)} if header else {}
    address = f"{workspace.api_url}auth.test{query.format(**tokens)}"
    async with session.post(address, headers=headers) as response:
        assert await response.json() == {"ok": False, "error": error}


async def test_a_connection_is_opened_by_the_app_token_alone(workspace, client) -> None:
    body = await refused(client.api_call("apps.connections.open"))
    assert body["error"] == "not_allowed_token_type"
    opened = await client.apps_connections_open(app_token=workspace.app_token)
    assert opened["url"].startswith("ws://127.0.0.1:")


async def test_a_missing_scope_is_named_and_the_header_lists_those_there_are(
    workspace, client
) -> None:
    channel = workspace.add_channel("general")
    workspace.scopes.discard("channels:history")
    body = await refused(client.conversations_history(channel=channel))
    assert (body["error"], body["needed"]) == ("missing_scope", "channels:history")
    assert "chat:write" in body["provided"]
    headers = (await client.auth_test()).headers
    assert set(headers["x-oauth-scopes"].split(",")) == workspace.scopes
    workspace.scopes.difference_update({"im:history", "groups:history"})
    assert (await refused(client.conversations_history(channel=channel)))["needed"].count(",") == 3


async def test_every_fault_in_the_arguments_is_named_at_once(workspace, client) -> None:
    body = await refused(client.api_call("conversations.replies", params={"limit": "many"}))
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == [
        "[ERROR] missing required field: channel",
        "[ERROR] missing required field: ts",
        "[ERROR] must be an integer [json-pointer:/limit]",
    ]
    odd = await refused(client.api_call("chat.postMessage", json={"channel": ["x"]}))
    assert "must be a string" in odd["response_metadata"]["messages"][0]


async def test_an_unknown_method_says_so(workspace, client) -> None:
    assert (await refused(client.api_call("chat.shout")))["error"] == "unknown_method"
    assert workspace.calls[-1].error == "unknown_method"


async def test_api_test_needs_no_token(workspace, session) -> None:
    async with session.get(f"{workspace.api_url}api.test?foo=bar") as response:
        assert await response.json() == {"ok": True, "args": {"foo": "bar"}}
    async with session.get(f"{workspace.api_url}api.test?error=no") as response:
        assert await response.json() == {"ok": False, "error": "no"}


async def test_a_method_runs_dry_and_fills_up_with_time(workspace, client) -> None:
    posted = await client.chat_postMessage(channel=workspace.add_channel("general"), text="0")
    for text in range(50):
        await client.chat_update(channel=posted["channel"], ts=posted["ts"], text=str(text))
    with pytest.raises(SlackApiError) as caught:
        await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="too many")
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "2"
    workspace.clock.advance(2)
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="again")


async def test_posts_are_counted_by_channel(workspace, client) -> None:
    one, other = workspace.add_channel("one"), workspace.add_channel("other")
    for _ in range(5):
        await client.chat_postMessage(channel=one, text="x")
    assert (await refused(client.chat_postMessage(channel=one, text="x")))["error"] == "ratelimited"
    await client.chat_postMessage(channel=other, text="x")
    workspace.rates.enabled = False
    await client.chat_postMessage(channel=one, text="x")


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        (Fault("auth.test", "rate_limited", retry_after=7), 429, "ratelimited"),
        (Fault("*", "not_ok", error="fatal_error"), 200, "fatal_error"),
        (Fault("auth.test", "status", status=503), 503, None),
        (Fault("auth.test", "html", status=502), 502, None),
    ],
)
async def test_faults_that_answer(workspace, session, fault, status, error) -> None:
    workspace.faults.add(fault)
    address = f"{workspace.api_url}auth.test"
    async with session.post(address, headers=bearer(workspace)) as response:
        assert response.status == status
        if error:
            assert (await response.json())["error"] == error
        if fault.kind == "rate_limited":
            assert response.headers["Retry-After"] == "7"
        if fault.kind == "html":
            assert (await response.text()).startswith("<!DOCTYPE html>")
    async with session.post(address, headers=bearer(workspace)) as response:
        assert (await response.json())["ok"]
    assert [call.ok for call in workspace.calls] == [False, True]


@pytest.mark.parametrize(("kind", "posted"), [("drop_after_accept", 1), ("drop_before", 0)])
async def test_a_dropped_connection_leaves_the_post_done_or_not(
    workspace, client, kind, posted
) -> None:
    channel = workspace.add_channel("general")
    workspace.faults.add(Fault("chat.postMessage", kind))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=channel, text="x")
    assert len(workspace.messages(channel)) == posted


async def test_a_fault_waits_for_its_turn_and_can_be_taken_back(workspace, client) -> None:
    workspace.faults.add(Fault("auth.test", "not_ok", times=None, after=1))
    await client.auth_test()
    assert (await refused(client.auth_test()))["error"] == "internal_error"
    await client.team_info()
    workspace.faults.clear()
    await client.auth_test()
    with pytest.raises(ValueError, match="no such fault"):
        Fault("auth.test", "mischief")


async def test_a_slow_answer_comes_when_its_time_has_come(workspace, client) -> None:
    workspace.faults.add(Fault("auth.test", "slow", seconds=30))
    slow = asyncio.create_task(client.auth_test())
    await workspace.clock.until_waiting()
    assert not slow.done()
    workspace.clock.advance(30)
    assert (await slow)["ok"]


async def test_the_directory(workspace, client) -> None:
    guest = workspace.add_user("gus", guest=True)
    workspace.add_user("sue", kind="single_channel_guest")
    stranger = workspace.add_user("sam", kind="stranger")
    workspace.page_cap = 2
    names = [
        member["name"]
        async for page in await client.users_list(limit=100)
        for member in page["members"]
    ]
    assert names == ["slackbot", "rca", "gus", "sue", "sam"]
    assert (await client.users_info(user=guest))["user"]["is_restricted"]
    shown = (await client.users_info(user=stranger))["user"]
    assert shown["is_stranger"]
    assert shown["team_id"] != workspace.team_id
    assert (await refused(client.users_info(user="U1")))["error"] == "user_not_found"
    assert (await client.bots_info())["bot"]["user_id"] == workspace.bot_user_id
    assert (await refused(client.bots_info(bot="B1")))["error"] == "bot_not_found"
    assert (await client.team_info())["team"]["id"] == workspace.team_id
    assert (await client.usergroups_list())["usergroups"] == []


async def test_channels_that_the_app_may_know_of(workspace, client) -> None:
    public = workspace.add_channel("public", bot_member=False)
    hidden = workspace.add_channel("hidden", private=True, bot_member=False)
    inside = workspace.add_channel("inside", private=True, members=[workspace.add_user("ada")])
    direct = workspace.open_dm("ada")
    every = "public_channel,private_channel,im"
    listed = await client.conversations_list(types=every)
    assert [c["id"] for c in listed["channels"]] == [public, inside, direct]
    assert listed["response_metadata"] == {"next_cursor": ""}
    assert (await refused(client.conversations_list(types="x")))["error"] == "invalid_types"
    assert (await client.conversations_info(channel=direct))["channel"]["is_im"]
    shown = await client.conversations_info(channel=inside, include_num_members=True)
    assert (shown["channel"]["is_private"], shown["channel"]["num_members"]) == (True, 2)
    gone = await refused(client.conversations_info(channel=hidden))
    assert gone == await refused(client.conversations_info(channel="C1"))
    assert gone["error"] == "channel_not_found"
    workspace.page_cap = 1
    first = await client.conversations_members(channel=inside)
    second = await client.conversations_members(
        channel=inside, cursor=first["response_metadata"]["next_cursor"]
    )
    assert len(first["members"] + second["members"]) == 2
    assert (await refused(client.conversations_members(channel=inside, cursor="!")))[
        "error"
    ] == "invalid_cursor"


async def test_joining_and_opening(workspace, client) -> None:
    ada = workspace.add_user("ada")
    public = workspace.add_channel("public", bot_member=False)
    private = workspace.add_channel("private", private=True)
    history = client.conversations_history(channel=public)
    assert (await refused(history))["error"] == "not_in_channel"
    assert (await client.conversations_join(channel=public))["channel"]["is_member"]
    assert (await client.conversations_join(channel=public))["warning"] == "already_in_channel"
    await client.conversations_history(channel=public)
    wrong = await refused(client.conversations_join(channel=private))
    assert wrong["error"] == "method_not_supported_for_channel_type"
    opened = await client.conversations_open(users=ada)
    again = await client.conversations_open(users=ada)
    assert (opened["channel"]["id"], again["already_open"]) == (workspace.open_dm("ada"), True)
    assert (await client.conversations_open(channel=opened["channel"]["id"]))["ok"]
    for users, error in [("", "users_list_not_supplied"), ("U1", "user_not_found")]:
        assert (await refused(client.conversations_open(users=users)))["error"] == error
    many = await refused(client.conversations_open(users=[ada, workspace.bot_user_id]))
    assert many["error"] == "method_not_supported_for_channel_type"


async def test_reactions_pins_and_status(workspace, client) -> None:
    channel = workspace.add_channel("general")
    root = (await client.chat_postMessage(channel=channel, text="x"))["ts"]
    react = {"channel": channel, "timestamp": root}
    await client.reactions_add(name="eyes", **react)
    for call, error in [
        (client.reactions_add(name="eyes", **react), "already_reacted"),
        (client.reactions_add(name="b@d", **react), "invalid_name"),
        (client.reactions_remove(name="tada", **react), "no_reaction"),
    ]:
        assert (await refused(call))["error"] == error
    await client.reactions_remove(name="eyes", **react)
    away = workspace.add_channel("away", bot_member=False)
    outside = client.reactions_add(channel=away, timestamp=root, name="eyes")
    assert (await refused(outside))["error"] == "not_in_channel"
    assert (await client.pins_list(channel=channel))["items"] == []

    async def status(thread_ts: str) -> Any:
        return await client.assistant_threads_setStatus(
            channel_id=channel, thread_ts=thread_ts, status="is reading"
        )

    await status(root)
    assert workspace.status(channel, root) == "is reading"
    workspace.clock.advance(121)
    assert workspace.status(channel, root) == ""
    await status(root)
    await client.chat_postMessage(channel=channel, thread_ts=root, text="done")
    assert workspace.status(channel, root) == ""
    assert (await refused(status("1.0")))["error"] == "invalid_thread_ts"

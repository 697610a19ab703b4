"""Posting, changing, removing and reading messages, by the unmodified client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.workspace.clock import ManualClock
from bot.workspace.server import Workspace, serve_workspace
from bot.workspace.state import ALL_SCOPES


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with serve_workspace(ManualClock()) as served:
        served.scopes.update(ALL_SCOPES)
        served.rates.enabled = False
        yield served


@pytest.fixture
async def client(workspace: Workspace) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, session=session)


@pytest.fixture
def ada(workspace: Workspace) -> str:
    return workspace.add_user("ada")


@pytest.fixture
def channel(workspace: Workspace, ada: str) -> str:
    return workspace.add_channel("inc-1", members=[ada])


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_post_of_the_app_has_a_bot_id_and_no_subtype(workspace, client, channel) -> None:
    message = (await client.chat_postMessage(channel="#inc-1", text="hello"))["message"]
    assert message["bot_id"] == workspace.bot_id
    assert message["user"] == workspace.bot_user_id
    assert message["bot_profile"]["name"] == "rca"
    assert "subtype" not in message
    assert "thread_ts" not in message


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"blocks": []}, "no_text"),
        ({"text": "x", "blocks": {}}, "invalid_blocks_format"),
        ({"text": "x", "blocks": "not json"}, "invalid_blocks_format"),
        ({"text": "x", "thread_ts": "soon"}, "invalid_thread_ts"),
        ({"text": "x", "thread_ts": "631151999.000000"}, "invalid_thread_ts"),
        ({"text": "x", "thread_ts": "99999999999.000000"}, "invalid_thread_ts"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"markdown_text": "y" * 12_001}, "msg_too_long"),
        ({"text": "x", "attachments": "y"}, "invalid_attachments"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"text": "x", "metadata": "y"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"a": 1}}, "invalid_metadata_schema"),
        (
            {"text": "x", "metadata": {"event_type": "e", "event_payload": {"k": "v" * 8_000}}},
            "metadata_too_large",
        ),
    ],
)
async def test_what_cannot_be_posted(client, channel, sent, error) -> None:
    call = client.api_call("chat.postMessage", json={"channel": channel, **sent})
    assert await error_of(call) == error


async def test_spaces_and_markdown_are_content_and_a_long_text_is_cut(client, channel) -> None:
    blank = {"channel": channel, "text": " "}
    assert (await client.api_call("chat.postMessage", json=blank))["message"]["text"] == " "
    long = await client.chat_postMessage(channel=channel, text="x" * 40_001)
    assert len(long["message"]["text"]) == 40_000
    marked = await client.api_call(
        "chat.postMessage", json={"channel": channel, "markdown_text": "# Hi"}
    )
    assert marked["message"]["blocks"][0]["type"] == "markdown"


async def test_where_the_app_may_post(workspace, client, ada) -> None:
    away = workspace.add_channel("away", bot_member=False)
    hidden = workspace.add_channel("hidden", private=True, bot_member=False)
    assert (await client.chat_postMessage(channel=away, text="x"))["ok"]
    workspace.scopes.discard("chat:write.public")
    assert await error_of(client.chat_postMessage(channel=away, text="x")) == "not_in_channel"
    assert await error_of(client.chat_postMessage(channel=hidden, text="x")) == "channel_not_found"
    assert await error_of(client.chat_postMessage(channel="", text="x")) == "channel_not_found"
    direct = await client.chat_postMessage(channel=ada, text="x")
    assert direct["channel"] == workspace.open_dm(ada)


async def test_another_name_needs_a_scope_of_its_own(workspace, client, channel) -> None:
    named = await client.chat_postMessage(channel=channel, text="x", username="Watch")
    assert named["message"]["username"] == "Watch"
    workspace.scopes.discard("chat:write.customize")
    call = client.chat_postMessage(channel=channel, text="x", icon_emoji=":eyes:")
    assert await error_of(call) == "missing_scope"


async def test_a_thread_that_is_nowhere_means_the_channel_without_a_word(client, channel) -> None:
    posted = await client.chat_postMessage(channel=channel, text="x", thread_ts="1500000000.000000")
    assert "thread_ts" not in posted["message"]


async def test_an_answer_to_a_reply_lands_at_its_root(workspace, client, channel, ada) -> None:
    root = await workspace.say(ada, channel, "down")
    reply = await workspace.say(ada, channel, "still", thread_ts=root)
    posted = await client.chat_postMessage(channel=channel, text="x", thread_ts=reply)
    assert posted["message"]["thread_ts"] == root
    assert posted["message"]["parent_user_id"] == ada
    shown = await client.chat_postMessage(
        channel=channel, text="y", thread_ts=root, reply_broadcast=True
    )
    assert shown["message"]["subtype"] == "thread_broadcast"
    history = await client.conversations_history(channel=channel)
    assert [m["ts"] for m in history["messages"]] == [shown["ts"], root]


async def test_an_update_replaces_text_and_blocks_together(workspace, client, channel) -> None:
    blocks = [{"type": "divider"}]
    posted = await client.chat_postMessage(channel=channel, text="one", blocks=blocks)
    at = {"channel": channel, "ts": posted["ts"]}
    with_blocks = await client.chat_update(text="two", blocks=blocks, **at)
    assert "edited" not in with_blocks["message"]
    assert "ts" not in with_blocks["message"]
    plain = await client.chat_update(text="three", **at)
    assert "blocks" not in plain["message"]
    assert plain["message"]["edited"]["user"] == workspace.bot_user_id
    kept = await client.api_call("chat.update", json={**at, "blocks": blocks})
    assert kept["text"] == "three"
    assert [v["text"] for v in workspace.history_of(channel, posted["ts"])] == [
        "one",
        "two",
        "three",
        "three",
    ]


async def test_what_cannot_be_updated(workspace, client, channel, ada) -> None:
    foreign = await workspace.say(ada, channel, "mine")
    own = (await client.chat_postMessage(channel=channel, text="x"))["ts"]
    noted = await client.chat_postEphemeral(channel=channel, user=ada, text="psst")
    for ts, text, error in [
        (foreign, "x", "cant_update_message"),
        ("1500000000.000000", "x", "message_not_found"),
        ("soon", "x", "message_not_found"),
        (noted["message_ts"], "x", "message_not_found"),
        (own, "x" * 4_001, "msg_too_long"),
        (own, "", "no_text"),
    ]:
        sent = {"channel": channel, "ts": ts, "text": text}
        assert await error_of(client.api_call("chat.update", json=sent)) == error
    call = client.chat_update(channel="inc-1", ts=own, text="x")
    assert await error_of(call) == "channel_not_found"
    assert await error_of(client.chat_delete(channel=channel, ts=foreign)) == "cant_delete_message"
    assert (await client.chat_update(channel=channel, ts=own, text="x" * 4_000))["ok"]


async def test_metadata_is_kept_until_changed_and_shown_only_on_request(client, channel) -> None:
    metadata = {"event_type": "rca_run", "event_payload": {"key": "1"}}
    posted = await client.chat_postMessage(channel=channel, text="x", metadata=metadata)
    at = {"channel": channel, "ts": posted["ts"]}
    await client.chat_update(text="y", **at)

    async def shown(**asked: bool) -> Any:
        read = await client.conversations_history(channel=channel, **asked)
        return read["messages"][0].get("metadata")

    assert await shown() is None
    assert await shown(include_all_metadata=True) == metadata
    await client.chat_update(text="z", metadata={}, **at)
    assert await shown(include_all_metadata=True) is None


async def test_a_deleted_root_leaves_a_tombstone_until_its_last_reply_goes(
    workspace, client, channel
) -> None:
    root = (await client.chat_postMessage(channel=channel, text="root"))["ts"]
    reply = await client.chat_postMessage(channel=channel, text="reply", thread_ts=root)
    await client.chat_delete(channel=channel, ts=root)
    read = await client.conversations_replies(channel=channel, ts=root)
    assert [m.get("subtype") for m in read["messages"]] == ["tombstone", None]
    assert read["messages"][0]["user"] == "USLACKBOT"
    for call in (client.chat_delete, client.chat_update):
        again = call(
            channel=channel, ts=root, **({"text": "x"} if call.__name__ != "chat_delete" else {})
        )
        assert await error_of(again) == "message_not_found"
    await client.chat_delete(channel=channel, ts=reply["ts"])
    assert workspace.messages(channel) == []
    call = client.conversations_replies(channel=channel, ts=root)
    assert await error_of(call) == "thread_not_found"


async def test_an_ephemeral_message_is_for_one_person_in_the_channel(
    workspace, client, channel, ada
) -> None:
    root = await workspace.say(ada, channel, "down")
    await client.chat_postEphemeral(channel=channel, user=ada, text="psst", thread_ts=root)
    await client.api_call("chat.postEphemeral", json={"channel": channel, "user": ada})
    notes = workspace.ephemerals(ada, channel)
    assert [(n["text"], n.get("thread_ts")) for n in notes] == [("psst", root), ("", None)]
    ben = workspace.add_user("ben")
    call = client.chat_postEphemeral(channel=channel, user=ben, text="x")
    assert await error_of(call) == "user_not_in_channel"
    assert len((await client.conversations_history(channel=channel))["messages"]) == 1


async def test_a_permalink_names_the_thread_and_leads_to_the_message(
    workspace, client, channel, ada
) -> None:
    root = await workspace.say(ada, channel, "down")
    reply = await workspace.say(ada, channel, "still", thread_ts=root)
    links = [
        (await client.chat_getPermalink(channel=channel, message_ts=ts))["permalink"]
        for ts in (root, reply)
    ]
    assert links[0] == f"{workspace.base_url}/archives/{channel}/p{root.replace('.', '')}"
    assert links[1].endswith(f"?thread_ts={root}&cid={channel}")
    async with aiohttp.ClientSession() as session, session.get(links[1]) as response:
        assert (await response.json())["message"]["text"] == "still"
    async with aiohttp.ClientSession() as session:
        for wrong in ("p1500000000000000", "pnothing"):
            address = f"{workspace.base_url}/archives/{channel}/{wrong}"
            async with session.get(address) as response:
                assert response.status == 404
    call = client.chat_getPermalink(channel=channel, message_ts="1.0")
    assert await error_of(call) == "message_not_found"


async def several(workspace: Workspace, channel: str, count: int) -> list[str]:
    return [await workspace.say("ada", channel, f"m{n}") for n in range(count)]


def numbers(answer: Any) -> list[str]:
    return [message["text"] for message in answer["messages"]]


async def test_history_is_newest_first_and_its_last_page_says_nothing_of_a_next(
    workspace, client, channel, ada
) -> None:
    await several(workspace, channel, 5)
    first = await client.conversations_history(channel=channel, limit=3)
    assert (numbers(first), first["has_more"]) == (["m4", "m3", "m2"], True)
    await workspace.say(ada, channel, "meanwhile")
    cursor = first["response_metadata"]["next_cursor"]
    last = await client.conversations_history(channel=channel, limit=3, cursor=cursor)
    assert (numbers(last), last["has_more"]) == (["m1", "m0"], False)
    assert "response_metadata" not in last.data


async def test_oldest_alone_walks_forward(workspace, client, channel, ada) -> None:
    ts = await several(workspace, channel, 5)
    first = await client.conversations_history(channel=channel, oldest=ts[0], limit=2)
    assert numbers(first) == ["m2", "m1"]
    assert first["oldest"] == ts[0]
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(
        channel=channel, oldest=ts[0], limit=2, cursor=cursor
    )
    assert numbers(second) == ["m4", "m3"]
    newest = await client.conversations_history(
        channel=channel, oldest=ts[0], latest="9999999999.000000", limit=2
    )
    assert numbers(newest) == ["m4", "m3"]


@pytest.mark.parametrize(
    ("inclusive", "seen"),
    [
        (None, ["m1"]),
        ("0", ["m1"]),
        ("false", ["m1"]),
        ("1", ["m2", "m1", "m0"]),
        ("yes", ["m2", "m1", "m0"]),
    ],
)
async def test_bounds_are_exclusive_unless_asked(
    workspace, client, channel, ada, inclusive, seen
) -> None:
    ts = await several(workspace, channel, 3)
    params = {"channel": channel, "oldest": ts[0], "latest": ts[2], "inclusive": inclusive}
    sent = {key: value for key, value in params.items() if value is not None}
    read = await client.api_call("conversations.history", http_verb="GET", params=sent)
    assert numbers(read) == seen


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"latest": "soon"}, "invalid_ts_latest"),
        ({"oldest": "-1"}, "invalid_ts_oldest"),
        ({"cursor": "bm90aGluZw=="}, "invalid_cursor"),
        ({"cursor": "bmV4dF90czox"}, "invalid_cursor"),
    ],
)
async def test_bounds_and_cursors_that_cannot_be_read(client, channel, asked, error) -> None:
    assert await error_of(client.conversations_history(channel=channel, **asked)) == error


async def test_pages_are_cut_by_the_server_too(workspace, client, channel, ada) -> None:
    await several(workspace, channel, 4)
    workspace.page_cap = 3
    assert len(numbers(await client.conversations_history(channel=channel, limit=999))) == 3
    assert len(numbers(await client.conversations_history(channel=channel, limit=0))) == 3
    assert len(numbers(await client.conversations_history(channel=channel, limit=-5))) == 1


async def test_a_thread_is_read_from_any_of_its_messages_to_the_end(
    workspace, client, channel, ada
) -> None:
    root = await workspace.say(ada, channel, "root")
    replies = [await workspace.say(ada, channel, f"r{n}", thread_ts=root) for n in range(5)]
    workspace.page_cap = 4
    pages = [
        numbers(page)
        async for page in await client.conversations_replies(channel=channel, ts=replies[2])
    ]
    assert pages == [["root", "r0", "r1", "r2"], ["r3", "r4"]]
    later = await client.conversations_replies(channel=channel, ts=root, oldest=replies[3])
    assert numbers(later) == ["root", "r4"]
    lone = await workspace.say(ada, channel, "alone")
    assert numbers(await client.conversations_replies(channel=channel, ts=lone)) == ["alone"]
    for ts in ("1500000000.000000", "soon"):
        call = client.conversations_replies(channel=channel, ts=ts)
        assert await error_of(call) == "thread_not_found"


async def test_an_unlisted_commercial_app_reads_fifteen_a_minute(
    workspace, client, channel, ada
) -> None:
    await several(workspace, channel, 20)
    workspace.limited_mode = True
    workspace.rates.enabled = True
    read = await client.conversations_history(channel=channel, limit=100)
    assert (len(read["messages"]), read["has_more"]) == (15, True)
    with pytest.raises(SlackApiError) as caught:
        await client.conversations_history(channel=channel, limit=100)
    assert caught.value.response.headers["Retry-After"] == "60"
    workspace.clock.advance(60)
    await client.conversations_history(channel=channel)


async def test_an_alert_bot_may_say_all_in_attachments(workspace, client, channel) -> None:
    alert = [{"fallback": "disk full", "title": "Disk", "blocks": [{"type": "divider"}]}]
    ts = await workspace.say_as_bot("Alerts", channel, attachments=alert)
    (read,) = (await client.conversations_history(channel=channel))["messages"]
    assert (read["ts"], read["text"], read["attachments"]) == (ts, "", alert)
    assert (read["subtype"], read["username"]) == ("bot_message", "Alerts")
    bad = [{"blocks": [{"type": "nonsense"}]}]
    call = client.chat_postMessage(channel=channel, text="x", attachments=bad)
    assert await error_of(call) == "invalid_blocks"


async def test_attachments_outlive_an_update_that_leaves_them_out(
    workspace, client, channel
) -> None:
    posted = await client.chat_postMessage(
        channel=channel, text="x", attachments=[{"fallback": "f"}]
    )
    at = {"channel": channel, "ts": posted["ts"]}
    await client.chat_update(text="y", **at)
    assert workspace.messages(channel)[0]["attachments"] == [{"fallback": "f"}]
    await client.chat_update(text="y", attachments=[], **at)
    assert "attachments" not in workspace.messages(channel)[0]

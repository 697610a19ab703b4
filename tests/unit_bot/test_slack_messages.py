"""What people, alert bots and integrations post, read as plain text and said once."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.messages import from_raw, user_ids

NAMES = {"U1": "Mika", "U2": "Sam"}


def text_of(**raw: Any) -> str:
    message = from_raw({"ts": "1700000000.000100", "user": "U1", **raw}, NAMES, "")
    assert message is not None
    return message.text


def rich(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def test_a_plain_message() -> None:
    message = from_raw(
        {"ts": "1.000100", "user": "U1", "text": "5xx &gt; 3%", "edited": {"ts": "2.0"}},
        NAMES,
        "https://acme.slack.com/archives/C1/p1000100",
    )
    assert message is not None
    assert (message.author, message.text, message.edited, message.is_bot) == (
        "Mika",
        "5xx > 3%",
        True,
        False,
    )
    assert message.permalink.endswith("p1000100")


@pytest.mark.parametrize(
    "raw",
    [
        {"subtype": "channel_join"},
        {"subtype": "channel_leave"},
        {"subtype": "channel_topic"},
        {"subtype": "group_purpose"},
        {"subtype": "tombstone", "user": "USLACKBOT"},
        {"subtype": "pinned_item"},
        {"hidden": True},
    ],
)
def test_what_nobody_said_is_no_message(raw: dict[str, Any]) -> None:
    assert from_raw({"ts": "1.0", "text": "x", **raw}, NAMES, "") is None


@pytest.mark.parametrize("subtype", [None, "file_share", "thread_broadcast", "bot_message"])
def test_what_somebody_said_is_one(subtype: str | None) -> None:
    assert from_raw({"ts": "1.0", "text": "x", "subtype": subtype}, NAMES, "") is not None


@pytest.mark.parametrize(
    ("raw", "author", "is_bot"),
    [
        ({"username": "Alertmanager", "bot_id": "B1"}, "Alertmanager", True),
        ({"user": "U9", "bot_id": "B1", "bot_profile": {"name": "PagerDuty"}}, "PagerDuty", True),
        ({"bot_id": "B1"}, "a bot", True),
        ({"subtype": "bot_message"}, "a bot", True),
        ({"user": "U2"}, "Sam", False),
        ({"user": "U7"}, "U7", False),
    ],
)
def test_authors(raw: dict[str, Any], author: str, is_bot: bool) -> None:
    message = from_raw({"ts": "1.0", "text": "x", **raw}, NAMES, "")
    assert message is not None
    assert (message.author, message.is_bot) == (author, is_bot)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(
            {
                "text": "",
                "attachments": [
                    {
                        "pretext": "<@U2>",
                        "title": "[FIRING:1] DiskFull",
                        "text": "Value: A=1\nLabels:\n - instance = db-3",
                        "fields": [{"title": "Severity", "value": "page"}, {"value": "eu-west"}],
                        "fallback": "[FIRING:1] DiskFull",
                    }
                ],
            },
            "@Sam\n[FIRING:1] DiskFull\nValue: A=1\nLabels:\n - instance = db-3\nSeverity: page"
            "\neu-west",
            id="an alert in an attachment",
        ),
        pytest.param(
            {"text": "", "attachments": [{"fallback": "CPU is high on web-1"}]},
            "CPU is high on web-1",
            id="a fallback where there is nothing else",
        ),
        pytest.param(
            {
                "text": "",
                "attachments": [
                    {
                        "fallback": "[no preview available]",
                        "blocks": [
                            {"type": "section", "text": {"type": "mrkdwn", "text": "a &lt; b"}}
                        ],
                    },
                    {"fallback": "[no preview available]"},
                ],
            },
            "a < b",
            id="blocks in an attachment",
        ),
        pytest.param(
            {
                "text": "Checkout is down",
                "blocks": [
                    {"type": "header", "text": {"type": "plain_text", "text": "Checkout is down"}},
                    {
                        "type": "section",
                        "text": {
                            "type": "mrkdwn",
                            "text": "*p99* 9 s, see <https://g.example|graph>",
                        },
                        "fields": [
                            {"type": "mrkdwn", "text": "*Service*\ncheckout"},
                            {"type": "plain_text", "text": "prod & staging"},
                        ],
                    },
                    {"type": "divider"},
                    {
                        "type": "context",
                        "elements": [
                            {"type": "image", "image_url": "x", "alt_text": "logo"},
                            {"type": "mrkdwn", "text": "rule 7"},
                        ],
                    },
                    {"type": "actions", "elements": [{"type": "button", "text": {"text": "Ack"}}]},
                ],
            },
            "Checkout is down\n*p99* 9 s, see [graph](https://g.example)\n*Service*\ncheckout\n"
            "prod & staging\nlogo rule 7",
            id="an alert in blocks, its title said once",
        ),
        pytest.param(
            {
                "text": "<@U2> rolled back `web`, see <https://ci.example/1>",
                "blocks": [
                    rich(
                        {"type": "user", "user_id": "U2"},
                        {"type": "text", "text": " rolled back "},
                        {"type": "text", "text": "web", "style": {"code": True}},
                        {"type": "text", "text": ", see "},
                        {"type": "link", "url": "https://ci.example/1"},
                    )
                ],
            },
            "@Sam rolled back `web`, see https://ci.example/1",
            id="what a person typed, once",
        ),
        pytest.param(
            {
                "text": "",
                "blocks": [
                    rich(
                        {"type": "channel", "channel_id": "C1"},
                        {"type": "emoji", "name": "fire"},
                        {"type": "broadcast", "range": "here"},
                        {"type": "usergroup", "usergroup_id": "S1"},
                        {"type": "date", "timestamp": 1, "fallback": "14 Nov"},
                        {"type": "link", "url": "https://a.example", "text": "a"},
                    ),
                    rich({"type": "text", "text": "line 1\nline 2"}, kind="rich_text_preformatted"),
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_list",
                                "elements": [
                                    {
                                        "type": "rich_text_section",
                                        "elements": [{"type": "text", "text": "one"}],
                                    },
                                    {
                                        "type": "rich_text_section",
                                        "elements": [{"type": "text", "text": "two"}],
                                    },
                                ],
                            }
                        ],
                    },
                ],
            },
            "#C1:fire:@here@group14 Nov[a](https://a.example)\n```\nline 1\nline 2\n```\n"
            "• one\n• two",
            id="rich text of all kinds",
        ),
        pytest.param(
            {
                "text": "",
                "blocks": [
                    {"type": "markdown", "text": "## Root cause\nunknown"},
                    {
                        "type": "table",
                        "rows": [
                            [
                                {"type": "raw_text", "text": "pod"},
                                {"type": "raw_text", "text": "n"},
                            ],
                            [rich({"type": "text", "text": "web-1"}), {"text": "7"}],
                        ],
                    },
                    {"type": "image", "alt_text": "a graph of latency", "image_url": "x"},
                ],
            },
            "## Root cause\nunknown\npod | n\nweb-1 | 7\na graph of latency",
            id="markdown, a table, an image",
        ),
        pytest.param(
            {
                "text": "Deploy 42",
                "blocks": [
                    {
                        "type": "section",
                        "text": {"type": "mrkdwn", "text": "Deploy 42 of *web* failed"},
                    }
                ],
            },
            "Deploy 42 of *web* failed",
            id="a summary that the blocks repeat",
        ),
        pytest.param(
            {"text": "本番で障害が発生しています", "blocks": "broken", "attachments": ["x"]},
            "本番で障害が発生しています",
            id="malformed parts cost nothing",
        ),
    ],
)
def test_all_that_is_said_is_read_once(raw: dict[str, Any], text: str) -> None:
    assert text_of(**raw) == text


def test_files_are_known_before_they_are_read() -> None:
    raw = {
        "ts": "1.0",
        "user": "U1",
        "files": [
            {"id": "F1", "name": "app.log", "mimetype": "text/plain", "size": 9},
            {"id": "F2"},
            "broken",
        ],
    }
    message = from_raw(raw, NAMES, "")
    assert message is not None
    first, second = message.attachments
    assert (first.name, first.size, first.mimetype, first.text) == (
        "app.log",
        9,
        "text/plain",
        None,
    )
    assert (second.name, second.note) == ("F2", "not read")


def test_everybody_whom_a_message_names_is_found() -> None:
    raw = {
        "user": "U1",
        "text": "<@U2> and <@W3|x>",
        "blocks": [rich({"type": "user", "user_id": "U4"})],
        "attachments": [{"text": "<@U5>"}],
    }
    assert user_ids(raw) == {"U1", "U2", "W3", "U4", "U5"}
    assert user_ids({"username": "Grafana", "user": "U9"}) == set()

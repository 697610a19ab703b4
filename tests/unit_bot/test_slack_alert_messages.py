"""What alerting products post to Slack: nothing of it is lost, nothing is said twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.incident import Marks, Message
from bot.slack.messages import from_raw
from bot.slack.mrkdwn import to_plain

SHARED = Path(__file__).parents[3] / "shared" / "payloads" / "slack-alert-messages"
SHOWN = {"text", "title", "value", "pretext", "footer", "author_name", "fallback", "alt_text"}
Raw = dict[str, Any]


def section(text: str, *fields: str) -> Raw:
    block: Raw = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    if fields:
        block["fields"] = [{"type": "mrkdwn", "text": field} for field in fields]
    return block


def context(*texts: str) -> Raw:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text} for text in texts]}


ALERTMANAGER: Raw = {
    "text": "",
    "attachments": [
        {
            "color": "danger",
            "fallback": "[FIRING:2] DiskWillFill (db eu page) | http://am.example/#/alerts",
            "title": "[FIRING:2] DiskWillFill (db eu page)",
            "title_link": "http://am.example/#/alerts",
            "text": "*Description:* /var has 4 % left\n*instance:* `db-3:9100`",
            "footer": "prometheus eu",
        }
    ],
}
CLOUDWATCH: Raw = {
    "text": "",
    "attachments": [
        {
            "color": "#d13212",
            "fallback": "CloudWatch Alarm | cpu-high | eu-west-1 | Account: 123",
            "title": "CloudWatch Alarm | cpu-high | eu-west-1 | Account: 123",
            "text": "Threshold Crossed: 1 datapoint [93.0] was greater than 90.0",
            "fields": [
                {"title": "Namespace", "value": "AWS/EC2", "short": True},
                {"title": "State", "value": "ALARM", "short": True},
                {"value": "InstanceId = i-0abc"},
            ],
        }
    ],
}
DATADOG: Raw = {
    "text": "",
    "attachments": [
        {
            "color": "#a30200",
            "fallback": "Triggered: CPU of checkout is high",
            "title": "Triggered: CPU of checkout is high",
            "title_link": "https://dd.example/monitors/7",
            "text": "avg of system.cpu.user &gt; 90\n@slack-ops",
            "fields": [{"title": "", "value": "Notified: @slack-ops"}],
        }
    ],
}
PAGERDUTY: Raw = {
    "text": "Triggered #4711: queue depth",
    "attachments": [
        {
            "color": "#A30200",
            "blocks": [
                section(":red_circle: *Triggered* <https://pd.example/Q1|#4711: queue depth>"),
                section("*Assigned:* <@U1>", "*Service:*\norders", "*Urgency:*\nHigh"),
                {"type": "actions", "elements": [{"type": "button", "text": {"text": "Ack"}}]},
            ],
            "fallback": "[no preview available]",
        }
    ],
}
SENTRY: Raw = {
    "text": "[shop] KeyError: 'price'",
    "blocks": [
        section(":red_circle: <https://sentry.example/issues/9|*KeyError*>"),
        section("```'price' in cart.total```"),
        context("State: *New*   First Seen: *2 minutes ago*"),
        context("Project: <https://sentry.example/p/shop|shop>    Alert: all    Short ID: SHOP-9"),
    ],
}
GRAFANA: Raw = {
    "text": "",
    "attachments": [
        {
            "color": "good",
            "pretext": "<!here>",
            "title": "[RESOLVED] Latency (checkout)",
            "fallback": "[RESOLVED] Latency (checkout)",
            "text": "**Resolved**\n\nLabels:\n - alertname = Latency\nSource: http://g.example/1",
            "footer": "Grafana v11",
            "author_name": "Grafana alerting",
            "image_url": "http://g.example/1.png",
        }
    ],
}
BLOCKS_ONLY: Raw = {
    "text": "Uptime: api is DOWN",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "Uptime: api is DOWN"}},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": '{"code": 503}\n'}],
                }
            ],
        },
        {"type": "image", "alt_text": "graph", "title": {"type": "plain_text", "text": "p99"}},
    ],
}
PRODUCTS = [ALERTMANAGER, CLOUDWATCH, DATADOG, PAGERDUTY, SENTRY, GRAFANA, BLOCKS_ONLY]


def read(raw: Raw) -> Message:
    message = from_raw({"ts": "1700000000.000100", "bot_id": "B1", **raw}, {"U1": "Mika"}, "")
    assert message is not None
    return message


def shown(value: Any, key: str = "") -> Iterator[str]:
    """Yield every text that Slack shows of a payload; labels of buttons are none."""
    if isinstance(value, dict):
        if value.get("type") == "button" or value.get("fallback") == "[no preview available]":
            value = {k: v for k, v in value.items() if k not in {"text", "fallback"}}
        for name, inner in value.items():
            yield from shown(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from shown(inner, key)
    elif isinstance(value, str) and key in SHOWN:
        yield to_plain(value, {"U1": "Mika"})


def words(text: str) -> set[str]:
    return {word.strip("*`_:") for word in text.split()} - {""}


@pytest.mark.parametrize("raw", PRODUCTS)
def test_no_word_is_lost(raw: Raw) -> None:
    assert words("\n".join(shown(raw))) <= words(read(raw).text) | {"|"}


@pytest.mark.parametrize("raw", PRODUCTS)
def test_no_line_is_said_twice(raw: Raw) -> None:
    lines = [line for line in read(raw).text.splitlines() if line.strip("`")]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (
            ALERTMANAGER,
            "[FIRING:2] DiskWillFill (db eu page)\nhttp://am.example/#/alerts\n"
            "*Description:* /var has 4 % left\n*instance:* `db-3:9100`\nprometheus eu",
        ),
        (
            SENTRY,
            "[shop] KeyError: 'price'\n:red_circle: [*KeyError*](https://sentry.example/issues/9)\n"
            "```'price' in cart.total```\nState: *New*   First Seen: *2 minutes ago*\n"
            "Project: [shop](https://sentry.example/p/shop)    Alert: all    Short ID: SHOP-9",
        ),
        (BLOCKS_ONLY, 'Uptime: api is DOWN\n```\n{"code": 503}\n```\np99\ngraph'),
    ],
)
def test_the_whole_text(raw: Raw, text: str) -> None:
    assert read(raw).text == text


@pytest.mark.parametrize(
    ("attachments", "text"),
    [
        ([{"fallback": "disk 91 % on db-3", "text": "disk"}], "disk\ndisk 91 % on db-3"),
        ([{"fields": [{"value": "web"}]}, {"fields": [{"value": "web-1"}]}], "web\nweb-1"),
        ([{"fields": [{"value": "5"}]}, {"fields": [{"value": "-5"}]}], "5\n-5"),
        ([{"text": "15 errors"}, {"text": "5"}], "15 errors\n5"),
        ([{"text": "at 5 errors"}, {"text": "*5 errors*"}], "at 5 errors"),
        ([{"fields": 7, "blocks": {"a": 1}, "text": "x"}, 3, None], "x"),
        ([{"blocks": [{"type": "section", "fields": 1}, {"type": "table", "rows": 2}]}], ""),
    ],
)
def test_what_counts_as_said(attachments: list[Any], text: str) -> None:
    assert read({"text": "", "attachments": attachments}).text == text


def test_a_text_that_the_blocks_say_in_other_order_is_their_summary() -> None:
    raw = {
        "text": "web is slow: p99 9 s",
        "blocks": [section("*p99 9 s*"), section("web is slow:")],
    }
    assert read(raw).text == "web is slow: p99 9 s"
    raw["blocks"] = [section("*p99 9 s*"), section("web is slow: since 10:02")]
    assert read(raw).text == "*p99 9 s*\nweb is slow: since 10:02"


@pytest.mark.parametrize(
    ("colors", "tone"),
    [
        (["danger"], "bad"),
        (["good"], "good"),
        (["#D63232"], "bad"),
        (["a30200"], "bad"),
        (["#daa038"], "bad"),
        (["#2EB886"], "good"),
        (["#36a64f", "#f00000"], "bad"),
        (["#439FE0"], ""),
        (["#808080"], ""),
        (["", None, "green-ish", "#fff"], ""),
    ],
)
def test_colours_tell_trouble_from_recovery(colors: list[Any], tone: str) -> None:
    assert read({"attachments": [{"color": color, "text": "x"} for color in colors]}).tone == tone


def test_marks_come_with_the_message() -> None:
    raw = {
        "reactions": [
            {"name": "eyes", "users": ["U1"], "count": 3},
            {"name": "+1::skin-tone-4", "count": 1},
            {"count": 2},
            "broken",
        ],
        "pinned_to": ["C1"],
        "reply_count": 7,
        "reply_users_count": 2,
    }
    assert read(raw).marks == Marks((("eyes", 3), ("+1", 1)), pinned=True, replies=7, repliers=2)
    assert read({"reactions": "x", "reply_count": "7", "pinned_to": []}).marks == Marks()
    assert read({"pinned_info": {"pinned_by": "U1"}}).marks.pinned


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared incidents are not here")
def test_recorded_messages_lose_no_word() -> None:
    for path in sorted(SHARED.glob("*.json")):
        raw = json.loads(path.read_text())
        assert words("\n".join(shown(raw))) <= words(read(raw).text)

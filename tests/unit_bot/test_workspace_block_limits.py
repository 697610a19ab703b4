"""Block Kit as the workspace accepts it: a table of what passes and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from bot.workspace.blocks import checked_blocks
from bot.workspace.errors import SlackError
from bot.workspace.modals import checked_view


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def section(length: int) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn("x" * length)}


def button(**fields: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), **fields}


def actions(*elements: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


PASSING = [
    [section(3_000)],
    [{"type": "section", "fields": [mrkdwn("x" * 2_000)] * 6}],
    [{"type": "section", "text": plain("x"), "accessory": button(action_id="a")}],
    [{"type": "header", "text": plain("x" * 150)}],
    [{"type": "context", "elements": [mrkdwn("x")] * 10}],
    [{"type": "context", "elements": [{"type": "image", "image_url": "u", "alt_text": "a"}]}],
    [actions(*[button()] * 25)],
    [actions(button(value="x" * 2_000, url="u" * 3_000, style="danger"))],
    [{"type": "markdown", "text": "x" * 12_000}],
    [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a"}],
    [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}],
    [{"type": "table", "rows": [[plain("x")] * 20] * 100}],
    [{"type": "divider"}] * 50,
    [{"type": "plan", "title": "x"}],
]

FAILING = [
    ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([{"type": "nonsense"}], "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
    ([{}], "unsupported type: None [json-pointer:/blocks/0/type]"),
    ([{"type": "input"}], "unsupported type: input [json-pointer:/blocks/0/type]"),
    ([section(3_001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section(0)], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
    ([{"type": "section", "text": "x"}], "must be an object [json-pointer:/blocks/0/text]"),
    (
        [{"type": "section", "fields": [mrkdwn("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    (
        [{"type": "section", "fields": [mrkdwn("x" * 2_001)]}],
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    (
        [{"type": "section", "text": {"type": "plain_text", "text": 1}}],
        "must be a string [json-pointer:/blocks/0/text/text]",
    ),
    (
        [{"type": "header", "text": plain("x" * 151)}],
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        [{"type": "header", "text": mrkdwn("x")}],
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    (
        [{"type": "context", "elements": [mrkdwn("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        [{"type": "context", "elements": []}],
        "must have at least 1 item [json-pointer:/blocks/0/elements]",
    ),
    (
        [{"type": "context", "elements": "x"}],
        "must be an array [json-pointer:/blocks/0/elements]",
    ),
    (
        [{"type": "actions"}],
        "missing required field: elements [json-pointer:/blocks/0/elements]",
    ),
    (
        [actions(*[button()] * 26)],
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        [actions({"type": "lever"})],
        "unsupported type: lever [json-pointer:/blocks/0/elements/0/type]",
    ),
    (
        [actions(button(text=plain("x" * 76)))],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        [actions(button(value="x" * 2_001))],
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        [actions(button(url="x" * 3_001))],
        "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]",
    ),
    (
        [actions(button(style="loud"))],
        "unsupported style [json-pointer:/blocks/0/elements/0/style]",
    ),
    (
        [actions(button(action_id="x" * 256))],
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    (
        [actions(button(action_id="a"), button(action_id="a"))],
        "action_id already exists [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    (
        [{"type": "divider", "block_id": "b"}] * 2,
        "block_id already exists [json-pointer:/blocks/1/block_id]",
    ),
    (
        [{**section(1), "block_id": "b" * 256}],
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    (
        [{"type": "markdown", "text": "x" * 12_001}],
        "must be less than 12001 characters [json-pointer:/blocks/0/text]",
    ),
    (
        [{"type": "image", "image_url": "u"}],
        "missing required field: alt_text [json-pointer:/blocks/0/alt_text]",
    ),
    (
        [{"type": "rich_text", "elements": [{"type": "text"}]}],
        "unsupported type: text [json-pointer:/blocks/0/elements/0/type]",
    ),
    (
        [{"type": "table", "rows": [[plain("x")] * 21]}],
        "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
    ),
    (
        [{"type": "table", "rows": [[plain("x")]]}] * 2,
        "only one table is allowed [json-pointer:/blocks]",
    ),
]


@pytest.mark.parametrize("blocks", PASSING)
def test_blocks_that_pass_are_kept_with_an_id(blocks: list[dict[str, Any]]) -> None:
    for sent, kept in zip(blocks, checked_blocks(blocks), strict=True):
        assert kept["block_id"]
        assert kept["type"] == sent["type"]
        assert "block_id" not in sent


@pytest.mark.parametrize(("blocks", "fault"), FAILING)
def test_blocks_that_fail_say_where(blocks: list[dict[str, Any]], fault: str) -> None:
    with pytest.raises(SlackError) as caught:
        checked_blocks(blocks)
    assert caught.value.error == "invalid_blocks"
    assert caught.value.extra["response_metadata"]["messages"] == [f"[ERROR] {fault}"]


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "markdown", "text": "x" * 6_001}] * 2,
        [section(3_000)] * 5,
        [{"type": "markdown", "text": "x" * 11_000}, section(2_500)],
    ],
)
def test_blocks_may_be_too_long_together(blocks: list[dict[str, Any]]) -> None:
    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        checked_blocks(blocks)


def modal(**fields: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("T"), "blocks": [{"type": "divider"}], **fields}


FIELD = {
    "type": "input",
    "label": plain("Why"),
    "element": {"type": "plain_text_input", "action_id": "why"},
}


def text_input(**fields: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "why", **fields}
    return modal(blocks=[{**FIELD, "element": element}], submit=plain("Send"))


@pytest.mark.parametrize(
    "view",
    [
        modal(),
        modal(blocks=[{"type": "divider"}] * 100),
        modal(blocks=[section(3_000)] * 6, callback_id="x" * 255),
        modal(blocks=[FIELD], submit=plain("Send"), close=plain("Back")),
        text_input(max_length=3_000, initial_value="x" * 3_000, placeholder=plain("x" * 150)),
    ],
)
def test_views_that_pass(view: dict[str, Any]) -> None:
    assert checked_view(view, "modal")["blocks"][0]["block_id"]


@pytest.mark.parametrize(
    ("view", "error"),
    [
        ("x", "invalid_arguments"),
        (modal(type="home"), "invalid_arguments"),
        (modal(title=plain("x" * 25)), "invalid_arguments"),
        (modal(callback_id="x" * 256), "invalid_arguments"),
        (modal(private_metadata="x" * 3_001), "invalid_arguments"),
        (modal(blocks=None), "invalid_arguments"),
        (modal(blocks=[FIELD]), "invalid_arguments"),
        (modal(submit=plain("")), "invalid_arguments"),
        (modal(blocks=[{"type": "divider"}] * 101), "invalid_blocks"),
        (text_input(max_length=0), "invalid_blocks"),
        (text_input(max_length=3_001), "invalid_blocks"),
        (text_input(max_length=9, initial_value="x" * 10), "invalid_blocks"),
        (text_input(placeholder=plain("x" * 151)), "invalid_blocks"),
    ],
)
def test_views_that_fail(view: Any, error: str) -> None:
    with pytest.raises(SlackError) as caught:
        checked_view(view, "modal")
    assert caught.value.error == error

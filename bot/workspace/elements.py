"""The parts that blocks are made of: texts, buttons, menus, inputs, and their limits."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

Fault = str

# https://docs.slack.dev/reference/block-kit/block-elements
ELEMENT_TYPES = frozenset(
    {
        "button",
        "channels_select",
        "checkboxes",
        "conversations_select",
        "datepicker",
        "datetimepicker",
        "email_text_input",
        "external_select",
        "feedback_buttons",
        "icon_button",
        "image",
        "multi_channels_select",
        "multi_conversations_select",
        "multi_external_select",
        "multi_static_select",
        "multi_users_select",
        "number_input",
        "overflow",
        "plain_text_input",
        "radio_buttons",
        "rich_text_input",
        "static_select",
        "timepicker",
        "url_text_input",
        "users_select",
        "workflow_button",
    }
)


def check_length(value: Any, at: str, limit: int) -> Iterator[Fault]:
    """Yield what is wrong with a text that must hold 1 to `limit` characters."""
    if value is None:
        yield f"missing required field: {at.rpartition('/')[2]} [json-pointer:{at}]"
    elif not isinstance(value, str):
        yield f"must be a string [json-pointer:{at}]"
    elif not value:
        yield f"must be more than 0 characters [json-pointer:{at}]"
    elif len(value) > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{at}]"


def check_list(value: Any, at: str, limit: int | None) -> Iterator[Fault]:
    """Yield what is wrong with a list that must hold something, and at most `limit`."""
    if value is None:
        yield f"missing required field: {at.rpartition('/')[2]} [json-pointer:{at}]"
    elif not isinstance(value, list):
        yield f"must be an array [json-pointer:{at}]"
    elif not value:
        yield f"must have at least 1 item [json-pointer:{at}]"
    elif limit is not None and len(value) > limit:
        yield f"no more than {limit} items allowed [json-pointer:{at}]"


def check_object(value: Any, at: str, types: Collection[str]) -> Iterator[Fault]:
    """Yield what is wrong with an object that must be of one of these types."""
    if not isinstance(value, dict):
        yield f"must be an object [json-pointer:{at}]"
    elif value.get("type") not in types:
        yield f"unsupported type: {value.get('type')} [json-pointer:{at}/type]"


def check_text(value: Any, at: str, limit: int, *, plain: bool = False) -> Iterator[Fault]:
    """Yield what is wrong with a text object."""
    faults = list(check_object(value, at, ("plain_text",) if plain else ("plain_text", "mrkdwn")))
    yield from faults or check_length(value.get("text"), f"{at}/text", limit)


def check_element(value: Any, at: str) -> Iterator[Fault]:
    """Yield what is wrong with an interactive element."""
    faults = list(check_object(value, at, ELEMENT_TYPES))
    yield from faults
    if faults:
        return
    if "action_id" in value:
        yield from check_length(value["action_id"], f"{at}/action_id", 255)
    if value["type"] == "button":
        yield from _button(value, at)
    if value["type"] == "plain_text_input":
        yield from _text_input(value, at)


def _text_input(value: dict[str, Any], at: str) -> Iterator[Fault]:
    limit = value.get("max_length", 3_000)
    if not isinstance(limit, int) or not 1 <= limit <= 3_000:
        yield f"must be between 1 and 3000 [json-pointer:{at}/max_length]"
    elif len(value.get("initial_value") or "") > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{at}/initial_value]"
    if "placeholder" in value:
        yield from check_text(value["placeholder"], f"{at}/placeholder", 150, plain=True)


def _button(value: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from check_text(value.get("text"), f"{at}/text", 75, plain=True)
    if value.get("value"):
        yield from check_length(value["value"], f"{at}/value", 2_000)
    if "url" in value:
        yield from check_length(value["url"], f"{at}/url", 3_000)
    if value.get("style") not in (None, "primary", "danger"):
        yield f"unsupported style [json-pointer:{at}/style]"

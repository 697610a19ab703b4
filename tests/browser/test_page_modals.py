"""Modals with inputs: what a person fills in is what the app is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser_stage import bot_with_a_page, front, talking
from playwright.async_api import Browser, expect
from slack_sdk.web.async_client import AsyncWebClient

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def field(block_id: str, label: str, kind: str, **more: Any) -> dict[str, Any]:
    element = {"type": kind, "action_id": f"{block_id}_action", **more}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


def options(*values: str) -> list[dict[str, Any]]:
    return [{"value": value, "text": plain(f"The {value}")} for value in values]


VIEW: dict[str, Any] = {
    "type": "modal",
    "title": plain("Feedback"),
    "submit": plain("Send"),
    "close": plain("Leave"),
    "blocks": [
        field("why", "Why?", "plain_text_input", multiline=True),
        field("which", "Which one?", "static_select", options=options("cause", "timeline")),
        field("also", "What else?", "checkboxes", options=options("links", "times")),
        field("rich", "Rich?", "rich_text_input") | {"optional": True},
    ],
}


async def test_a_form_is_filled_in_and_sent(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        workspace, page = shown.workspace, shown.page
        client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
        person = next(u["id"] for u in (await client.users_list())["members"] if u["name"] == "you")
        trigger = workspace._backend.triggers.issue(person)
        opened = await client.views_open(trigger_id=trigger, view=VIEW)
        modal = page.get_by_role("dialog", name="Feedback")
        await modal.get_by_label("Why?").fill("the cause\nwas right")
        await modal.get_by_label("Which one?").select_option(label="The timeline")
        await modal.get_by_label("The times").check()
        await expect(modal).to_contain_text("This element is not shown here: rich_text_input")
        changed = {**VIEW, "title": plain("Feedback")}
        await client.views_update(view_id=opened["view"]["id"], view=changed)
        async with page.expect_request("**/control/submit_view") as sent:
            await modal.get_by_role("button", name="Send").click()
        values = (await sent.value).post_data_json["state"]
        assert values["why"]["why_action"]["value"] == "the cause\nwas right"
        assert values["which"]["which_action"]["selected_option"]["value"] == "timeline"
        chosen = values["also"]["also_action"]["selected_options"]
        assert [option["value"] for option in chosen] == ["times"]
        await expect(modal).to_contain_text("We had some trouble connecting", timeout=8_000)
        await modal.get_by_role("button", name="Leave").click()
        await expect(modal).to_be_hidden()
        assert workspace.views("you") == []

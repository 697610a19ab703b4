"""The page as the server gives it out: types, tags, policy, and who may have it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import yaml

from bot.introduction import COMMANDS, SHORTCUTS
from bot.workspace.pages import AppDescription
from bot.workspace.server import Workspace, serve_workspace

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "bot" / "workspace" / "page"
LINES = 250


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with serve_workspace() as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "text/html"),
        ("/archives/C0", "text/html"),
        ("/page/app.js", "text/javascript"),
        ("/page/theme.css", "text/css"),
        ("/page/icon.svg", "image/svg+xml"),
    ],
)
async def test_each_part_has_its_type_and_the_policy(workspace, session, address, kind) -> None:
    async with session.get(workspace.base_url + address) as answer:
        assert answer.status == 200
        assert answer.content_type == kind
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-cache"


async def test_what_is_known_is_not_sent_again(workspace, session) -> None:
    address = f"{workspace.base_url}/page/app.js"
    async with session.get(address) as first:
        tag = first.headers["ETag"]
    async with session.get(address, headers={"If-None-Match": tag}) as again:
        assert (again.status, await again.read()) == (304, b"")
    async with session.get(address, headers={"If-None-Match": '"other"'}) as other:
        assert other.status == 200


@pytest.mark.parametrize("name", ["nothing.js", "..%2fpages.py", "%2e%2e%2fserver.py"])
async def test_nothing_else_is_given_out(workspace, session, name) -> None:
    async with session.get(f"{workspace.base_url}/page/{name}") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("address", ["/", "/page/app.js", "/control/app", "/control/files/F1"])
async def test_foreign_names_are_kept_out(workspace, session, address) -> None:
    foreign = {"Host": "workspace.example"}
    async with session.get(workspace.base_url + address, headers=foreign) as answer:
        assert answer.status == 403


async def test_a_permalink_is_the_page_to_a_browser(workspace, session) -> None:
    channel = workspace.add_channel("inc-one")
    anna = workspace.add_user("anna")
    ts = await workspace.say(anna, channel, "hello")
    address = f"{workspace.base_url}/archives/{channel}/p{ts.replace('.', '')}"
    async with session.get(address, headers={"Accept": "text/html,*/*"}) as page:
        assert page.content_type == "text/html"
    async with session.get(address, headers={"Accept": "application/json"}) as message:
        assert (await message.json())["message"]["text"] == "hello"


async def test_a_file_is_shown_as_text_whatever_it_is(workspace, session) -> None:
    channel = workspace.add_channel("inc-one")
    anna = workspace.add_user("anna")
    page = ("page.html", b"<script>alert(1)</script>\xff", "text/html")
    await workspace.say(anna, channel, "look", files=[page])
    (file,) = workspace.messages(channel)[0]["files"]
    async with session.get(f"{workspace.base_url}/control/files/{file['id']}") as answer:
        assert answer.content_type == "text/plain"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert await answer.text() == "<script>alert(1)</script>\ufffd"
    async with session.get(f"{workspace.base_url}/control/files/F0") as answer:
        assert answer.status == 404


async def test_the_page_is_told_of_the_app(workspace, session) -> None:
    person = workspace.add_user("you")
    workspace.describe_app(AppDescription(person, COMMANDS, SHORTCUTS))
    async with session.get(f"{workspace.base_url}/control/app") as answer:
        told = await answer.json()
    assert told["person"] == person
    assert told["base_url"] == workspace.base_url
    assert told["practice"] is False
    assert [hint["command"] for hint in told["commands"]] == ["/rca", "/rca-health"]


def test_the_app_is_introduced_as_its_manifest_declares_it() -> None:
    features = yaml.safe_load((ROOT / "manifest.yml").read_text())["features"]
    declared = [
        (one["command"], one["description"], one.get("usage_hint", ""))
        for one in features["slash_commands"]
    ]
    assert [(one.command, one.description, one.usage_hint) for one in COMMANDS] == declared
    shortcuts = [(one["callback_id"], one["name"]) for one in features["shortcuts"]]
    assert [(one.callback_id, one.name) for one in SHORTCUTS] == shortcuts


@pytest.mark.parametrize("part", sorted(PAGE.iterdir()), ids=lambda part: part.name)
def test_each_part_of_the_page_is_small_and_asks_nobody_else(part: Path) -> None:
    text = part.read_text(encoding="utf-8")
    assert text.count("\n") <= LINES
    fetched = re.findall(r"(?:src|href|url|import|from|fetch)\W{1,3}(https?:)?//", text)
    assert fetched == []
    assert "innerHTML" not in text
    assert "insertAdjacentHTML" not in text
    if part.suffix == ".js":
        assert text.startswith("// ")
        for name in re.findall(r'from "\./([\w.]+)"', text):
            assert (PAGE / name).is_file()


async def test_typed_addresses_and_mentions_are_what_slack_makes_of_them(workspace) -> None:
    channel = workspace.add_channel("inc-one")
    anna = workspace.add_user("anna")
    text = f"see <https://example.com/?a=1&amp;b=2>, <@{anna}> in <#{channel}> &lt;now&gt;"
    await workspace.say(anna, channel, text)
    (block,) = workspace.messages(channel)[0]["blocks"]
    (section,) = block["elements"]
    assert section["elements"] == [
        {"type": "text", "text": "see "},
        {"type": "link", "url": "https://example.com/?a=1&b=2"},
        {"type": "text", "text": ", "},
        {"type": "user", "user_id": anna},
        {"type": "text", "text": " in "},
        {"type": "channel", "channel_id": channel},
        {"type": "text", "text": " <now>"},
    ]

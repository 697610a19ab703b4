"""Who wrote a message, as its fields say it: a person, this app, or another bot."""

from __future__ import annotations

import re
import uuid
from typing import Any

from bot.workspace.entities import User
from bot.workspace.rendering import bot_view
from bot.workspace.state import State

_TOKEN = re.compile(
    r"<@(?P<user>\w+)(?:\|[^>]*)?>|<#(?P<channel>\w+)(?:\|[^>]*)?>|<(?P<url>https?://[^<>|\s]+)>"
)


def own_author(state: State, overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the fields of a message of this app; such a message has no subtype."""
    own = state.identity
    profile = {**bot_view(state.bots[own.bot_id]), "team_id": own.team_id}
    return {
        "user": own.bot_user_id,
        "bot_id": own.bot_id,
        "app_id": own.app_id,
        "team": own.team_id,
        "bot_profile": profile,
        **(overrides or {}),
    }


def person_author(state: State, user: User) -> dict[str, Any]:
    """Return the fields of a message that a person typed."""
    home = "T0ELSEWHERE" if user.kind == "stranger" else state.identity.team_id
    author = {"user": user.id, "client_msg_id": str(uuid.uuid4()), "team": home}
    return {**author, "user_team": home} if user.kind == "stranger" else author


def bot_author(state: State, username: str) -> dict[str, Any]:
    """Return the fields of a message that an integration posted under a name of its own."""
    bot = state.new_bot(username)
    return {
        "subtype": "bot_message",
        "bot_id": bot.id,
        "username": bot.name,
        "app_id": bot.app_id,
        "team": state.identity.team_id,
    }


def typed_blocks(text: str, block_id: str) -> list[dict[str, Any]]:
    """Return the rich_text block that Slack's clients send along with typed text."""
    parts: list[dict[str, Any]] = []
    end = 0
    for token in _TOKEN.finditer(text):
        parts += _plain(text[end : token.start()])
        parts.append(_element(token))
        end = token.end()
    parts += _plain(text[end:])
    if not parts:
        return []
    section = {"type": "rich_text_section", "elements": parts}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


def _element(token: re.Match[str]) -> dict[str, Any]:
    if token["url"]:
        return {"type": "link", "url": _unescaped(token["url"])}
    kind = "user" if token["user"] else "channel"
    return {"type": kind, f"{kind}_id": token[kind]}


def _plain(text: str) -> list[dict[str, Any]]:
    """Rich text carries characters as they are, not the entities of the `text` field."""
    shown = _unescaped(text)
    return [{"type": "text", "text": shown}] if shown else []


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

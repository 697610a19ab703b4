"""A message ready to be sent, and the small blocks that all messages are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rendered:
    """Blocks, and the text that notifications and screen readers say instead of them."""

    text: str
    blocks: tuple[dict[str, Any], ...]


def section(mrkdwn: str) -> dict[str, Any]:
    """Return a section; its text is escaped mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn}}


def context(mrkdwn: str) -> dict[str, Any]:
    """Return a line of small print; its text is escaped mrkdwn."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn}]}


def button(words: str, action_id: str, value: str, **more: str) -> dict[str, Any]:
    """Return a button; it goes into a row."""
    text = {"type": "plain_text", "text": words}
    return {"type": "button", "text": text, "action_id": action_id, "value": value, **more}


def row(*buttons: dict[str, Any]) -> dict[str, Any]:
    """Return a row of buttons, 25 at the most; each has an `action_id` of its own."""
    return {"type": "actions", "elements": list(buttons)}

"""Slack's limits on what a message may hold, with the error that each breach answers."""

from __future__ import annotations

from typing import Any

from bot.workspace.blocks import checked_blocks
from bot.workspace.errors import SlackError

# https://docs.slack.dev/reference/methods/chat.postMessage and chat.update
POST_TEXT, UPDATE_TEXT, MARKDOWN_TEXT, ATTACHMENTS = 40_000, 4_000, 12_000, 100
METADATA_KEYS = {"event_type", "event_payload"}


def content_of(args: dict[str, Any], *, updating: bool = False) -> dict[str, Any]:
    """Return the text, blocks and attachments of a call, checked and ready to store.

    An empty list of blocks counts as none. Raises what Slack answers to each breach.
    """
    text = _text(args, updating=updating)
    blocks = _markdown_text(args) or checked_blocks(args.get("blocks"))
    attachments = _attachments(args.get("attachments"))
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    return {"text": text, "blocks": blocks, "attachments": attachments}


def metadata_of(args: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of a call; {} where there is none."""
    metadata = args.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    if metadata and not set(metadata) >= METADATA_KEYS:
        raise SlackError("invalid_metadata_schema")
    if len(str(metadata)) > 8_000:
        raise SlackError("metadata_too_large")
    return metadata


def _text(args: dict[str, Any], *, updating: bool) -> str:
    text = str(args.get("text", ""))
    if updating and len(text) > UPDATE_TEXT:
        raise SlackError("msg_too_long")
    return text[:POST_TEXT]


def _markdown_text(args: dict[str, Any]) -> list[dict[str, Any]]:
    text = args.get("markdown_text")
    if not text:
        return []
    if args.get("text") or args.get("blocks"):
        raise SlackError("markdown_text_conflict")
    if len(text) > MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    return checked_blocks([{"type": "markdown", "text": text}])


def _attachments(attachments: Any) -> list[dict[str, Any]]:
    if attachments is None:
        return []
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for attachment in attachments:
        checked_blocks(attachment.get("blocks"))
    return attachments

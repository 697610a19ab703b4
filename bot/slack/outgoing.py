"""What leaves for Slack, made harmless and fitting: every block, every text, every address."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.slack.errors import RefusedContentError
from bot.slack.mrkdwn import defuse_markdown, defuse_mrkdwn
from bot.slack.permalinks import is_permalink

Block = dict[str, Any]

# https://docs.slack.dev/reference/block-kit/blocks and the refusals that people report below them.
TEXT_LIMIT = 3_000
MARKDOWN_LIMIT = 11_000
SECTION_LIMIT = 3_000
FIELD_LIMIT = 2_000
HEADER_LIMIT = 150
CONTEXT_ELEMENTS = 10
MESSAGE_BLOCKS = 45
VIEW_BLOCKS = 100


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent.

    `text` is what notifications and screen readers say, `links` the only addresses that may be
    clickable, `origin` the channel whose content this shows (None: the content of none).
    """

    channel: str
    text: str
    blocks: tuple[Block, ...] = ()
    thread_ts: str | None = None
    links: frozenset[str] = frozenset()
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class AllowedLinks:
    """The addresses that may be clickable: exactly these, and any on a trusted host over https."""

    links: frozenset[str]
    hosts: frozenset[str] = frozenset()

    def __contains__(self, url: object) -> bool:
        if not isinstance(url, str):
            return False
        return url in self.links or self._is_trusted(url)

    def _is_trusted(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme == "https" and parts.netloc.lower() in self.hosts


def safe_text(text: str, links: Container[str]) -> str:
    """Return the top-level text as it may be sent."""
    return clip(defuse_mrkdwn(text, links), TEXT_LIMIT) or "Root-cause analysis"


def safe_blocks(blocks: Sequence[Block], links: Container[str], limit: int) -> list[Block]:
    """Return blocks as they may be sent: at most `limit`, the last two (buttons, footer) kept.

    Raises RefusedContentError for an image, a mention or an address that no builder of ours makes.
    """
    kept = [*blocks[: limit - 2], *blocks[-2:]] if len(blocks) > limit else list(blocks)
    room = MARKDOWN_LIMIT
    safe: list[Block] = []
    for block in kept:
        if block.get("type") == "markdown":
            text = markdown_within(str(block.get("text") or ""), links, room)
            room -= len(text)
            if text.strip():
                safe.append({**block, "text": text})
        else:
            safe.append(_fitting(_safe(block, links)))
    return safe


def markdown_within(text: str, links: Container[str], limit: int) -> str:
    """Defuse Markdown and cut it at a line, so that what is sent is at most `limit` long."""
    safe = defuse_markdown(text, links)
    while len(safe) > limit and text:
        wanted = max(0, min(len(text) - 1, len(text) - (len(safe) - limit) - 8))
        cut = text.rfind("\n", 0, wanted + 1)
        text = text[: cut if cut > wanted // 2 else wanted]
        safe = defuse_markdown(text, links) + "\n…" if text else ""
    return safe


def clip(text: str, limit: int) -> str:
    """Cut mrkdwn to a length, never inside an entity, a token or a code block."""
    if len(text) <= limit:
        return text
    cut = re.sub(r"(?:&\w{0,4}|<[^<>]*)\Z", "", text[: limit - 6])
    return cut + ("…\n```" if cut.count("```") % 2 else "…")


def _safe(value: Any, links: Container[str]) -> Any:
    if isinstance(value, list | tuple):
        return [_safe(item, links) for item in value]
    if not isinstance(value, dict):
        return value
    _refuse(value, links)
    if value.get("type") == "mrkdwn":
        # "verbatim" keeps Slack from finding addresses in the text by itself.
        return {**value, "text": defuse_mrkdwn(str(value["text"]), links), "verbatim": True}
    return {key: _safe(item, links) for key, item in value.items()}


def _refuse(value: Mapping[str, Any], links: Container[str]) -> None:
    kind = value.get("type")
    if kind in ("image", "video", "user", "usergroup", "broadcast", "markdown"):
        raise RefusedContentError(f"a {kind} element")
    if "image_url" in value or "slack_file" in value:
        raise RefusedContentError("an image")
    url = value.get("url")
    # Only code writes rich text: a link there is a citation, not something a model said.
    if url and url not in links and not (kind == "link" and is_permalink(str(url))):
        raise RefusedContentError("an address")


def _fitting(block: Block) -> Block:
    fitting = dict(block)
    if isinstance(fitting.get("text"), dict):
        limit = HEADER_LIMIT if block.get("type") == "header" else SECTION_LIMIT
        fitting["text"] = _clipped(fitting["text"], limit)
    if isinstance(fitting.get("fields"), list):
        fitting["fields"] = [_clipped(field, FIELD_LIMIT) for field in fitting["fields"][:10]]
    if block.get("type") == "context":
        elements = fitting.get("elements", [])[:CONTEXT_ELEMENTS]
        fitting["elements"] = [_clipped(element, SECTION_LIMIT) for element in elements]
    return fitting


def _clipped(element: Block, limit: int) -> Block:
    return {**element, "text": clip(str(element.get("text") or ""), limit)}

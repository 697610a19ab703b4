"""What a message says: its text, blocks and attachments in one plain text, said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.slack.block_text import Raw, blocks_text, dicts
from bot.slack.mrkdwn import to_plain

_MARKUP = str.maketrans(dict.fromkeys("*_~`•◦▪"))
_BULLETS = ">-"
_NO_PREVIEW = "[no preview available]"


def text_of(raw: Raw, names: Mapping[str, str]) -> str:
    """Return all that a message says. Of a text and of what repeats it, one is left out."""
    text = to_plain(str(raw.get("text") or ""), names).strip()
    blocks = list(blocks_text(raw.get("blocks"), names))
    parts = [*blocks, *_attachments(raw.get("attachments"), names)]
    if _is_summary(text, blocks):
        text = ""
    return "\n".join(_said_once(text, parts))


def _is_summary(text: str, parts: Iterable[str]) -> bool:
    """Say whether the parts hold every word of a text: then it is what a notification shows.

    The same words are no summary: what a person typed reads better in the text.
    """
    words, shown = _words(text), _words("\n".join(parts))
    return bool(words) and len(shown) > len(words) and set(words) <= set(shown)


def _said_once(text: str, parts: Iterable[str]) -> Iterator[str]:
    """Drop each part whose words an earlier one says, and a text that a part repeats."""
    texts = [(part, _joined(part)) for part in parts if _words(part)]
    own = _joined(text)
    if any(own in words and own != words for _, words in texts):
        own = ""
    said = own + "\n"
    if own.strip():
        yield text
    for part, words in texts:
        if words not in said:
            said += words + "\n"
            yield part


def _joined(text: str) -> str:
    """Return the words in one line, with ends that keep "web" from being found in "web-1"."""
    return f" {' '.join(_words(text))} "


def _words(text: str) -> list[str]:
    """Return the words without markup; "-5" and "5", "web" and "web-1" stay two."""
    words = text.casefold().translate(_MARKUP).split()
    return [word for word in words if word.strip(_BULLETS)]


def _attachments(attachments: Any, names: Mapping[str, str]) -> Iterator[str]:
    for attachment in dicts(attachments):
        yield from _attachment(attachment, names)


def _attachment(attachment: Raw, names: Mapping[str, str]) -> Iterator[str]:
    parts = [part for part in _parts(attachment, names) if part.strip()]
    fallback = to_plain(str(attachment.get("fallback") or ""), names).strip()
    known = set(_words("\n".join([*parts, *_addresses(attachment)])))
    new = {word for word in _words(fallback) if any(map(str.isalnum, word))} - known
    yield from parts
    if new and fallback.casefold() != _NO_PREVIEW:
        yield fallback


def _parts(attachment: Raw, names: Mapping[str, str]) -> Iterator[str]:
    """Yield what Slack shows, from the top down; an address stands in a line of its own."""

    def shown(key: str) -> str:
        return to_plain(str(attachment.get(key) or ""), names).strip()

    yield from map(shown, ("pretext", "author_name", "title", "title_link", "text"))
    for field in dicts(attachment.get("fields")):
        title, value = (to_plain(str(field.get(key) or ""), names) for key in ("title", "value"))
        yield f"{title}: {value}" if title else value
    yield from blocks_text(attachment.get("blocks"), names)
    yield shown("footer")


def _addresses(attachment: Raw) -> Iterator[str]:
    for key in ("title_link", "author_link", "from_url", "original_url", "image_url", "thumb_url"):
        yield str(attachment.get(key) or "")

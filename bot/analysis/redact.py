"""Secrets and personal data become stable placeholders before a text goes anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from bot.analysis.hiding.rule import HIDDEN, Span
from bot.analysis.hiding.search import Search

_PLACEHOLDER = re.compile(r"\[SECRET:[a-z-]{2,24}:\d{1,6}\]")
# What shortening leaves of one: its beginning, or its end behind an ellipsis.
_BEGUN = re.compile(
    r"\[S(?:E(?:C(?:R(?:E(?:T(?::[a-z-]{0,24}+(?::\d{0,6}+)?+)?+)?+)?+)?+)?+)?+(?=…|\n|\Z)"
)
_ENDED = re.compile(r"…[A-Z]{0,6}:?[a-z-]{0,24}:?\d{1,6}\]")
_ROUNDS = 8


class RedactionError(Exception):
    """The text could not be made safe; nothing of it may be sent."""


class Redactor:
    """Hides secrets for one run: the same secret always gets the same placeholder.

    `count` is the number of different secrets hidden so far. One thread uses it at a time.
    """

    def __init__(self, search: Search | None = None) -> None:
        self._search = search or usual()
        self._placeholders: dict[str, str] = {}
        self._safe: set[str] = set()

    @property
    def count(self) -> int:
        return len(self._placeholders)

    def look_through(self, texts: Iterable[str]) -> None:
        """Search texts that are to be redacted; all together that is faster than one by one.

        Raises RedactionError where the search itself fails.
        """
        self._safe.update(text for text in set(texts) if not _spans(text, self._search))

    def redact(self, text: str) -> str:
        """Return the text with its secrets replaced; redacting twice changes nothing more.

        Raises RedactionError where hiding one secret keeps uncovering another, and where the
        search itself fails.
        """
        if text in self._safe:
            return text
        for _ in range(_ROUNDS):
            spans = _spans(text, self._search)
            if not spans:
                return text
            text = self._replace(text, spans)
        raise RedactionError("the text does not come to rest")

    def _replace(self, text: str, spans: Sequence[Span]) -> str:
        parts, position = [], 0
        for start, end, kind in spans:
            parts += [text[position:start], self._placeholder(kind, text[start:end])]
            position = end
        return "".join([*parts, text[position:]])

    def _placeholder(self, kind: str, secret: str) -> str:
        number = len(self._placeholders) + 1
        return self._placeholders.setdefault(secret, f"[SECRET:{kind}:{number}]")


def contains_secret(text: str, search: Search | None = None) -> bool:
    """Say whether anything in the text would still be hidden: the check on the way out.

    Raises RedactionError where that cannot be said.
    """
    return bool(_spans(text, search or usual()))


@cache
def usual(*, addresses: bool = False) -> Search:
    """Return what is looked for where nothing else is asked for."""
    return Search(addresses=addresses)


def _spans(text: str, search: Search) -> list[Span]:
    if not text or text.isspace():
        return []
    try:
        return search.spans(_masked(text))
    except Exception as error:  # noqa: BLE001 - whatever fails in here, nothing may be sent
        # Without the cause: its words may hold what could not be hidden.
        raise RedactionError(f"the search failed: {type(error).__name__}") from None


def _masked(text: str) -> str:
    for pattern in (_PLACEHOLDER, _BEGUN) if "[S" in text else ():
        text = pattern.sub(_blank, text)
    return _ENDED.sub(_blank, text) if "…" in text else text


def _blank(found: re.Match[str]) -> str:
    return HIDDEN * len(found.group())

"""From a text to the alerts in it: payloads first, then what a bot writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.analysis.alerts.lines import from_lines
from bot.analysis.alerts.model import Alert
from bot.analysis.alerts.payloads import MAX_ALERTS, MAX_CHARS, alerts_of, parsed
from bot.incident import Tone

_FENCE = re.compile(r"```[a-z]{0,12}\s{0,3}([\[{].*?)(?:```|\Z)", re.DOTALL)
_START = re.compile(r"[\[{]\s{0,200}[\"\[{]")
_MOST_STARTS = 20
_MOST_LINES = 500
_DECODER = json.JSONDecoder()


def alerts_in(text: str, author: str = "", tone: Tone = "") -> tuple[Alert, ...]:
    """Return the alerts of a text, in its order; what a person says in prose is none.

    A payload counts whoever pasted it: alone, in a code fence, behind some words, or one a line.
    `author` is the name of the bot that wrote it, and `tone` its colour: without an author
    only payloads are read.
    """
    found = tuple(alert for document in _documents(text) for alert in alerts_of(document))
    return found[:MAX_ALERTS] or (from_lines(text, author, tone) if author else ())


def _documents(text: str) -> Iterator[Any]:
    stripped = text.strip()
    if "{" not in stripped or len(stripped) > MAX_CHARS:
        return
    for whole in (stripped, *(fence[1] for fence in _FENCE.finditer(stripped))):
        if whole[:1] in "[{" and (document := parsed(whole)) is not None:
            yield document
            if whole is stripped:
                return
    if "```" not in stripped:
        yield from _inside(stripped)


def _inside(text: str) -> Iterator[Any]:
    """Yield the documents in a text that is not one as a whole."""
    position = 0
    for _ in range(_MOST_LINES):
        start = _START.search(text, position)
        if not start:
            return
        try:
            document, position = _DECODER.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            position = start.start() + 1
            continue
        yield document

"""An item of evidence as one line for a reader, and what somebody rules out in it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.analysis import phrases, timeline
from bot.analysis.evidence import Evidence
from bot.analysis.logs import SEVERITY
from bot.analysis.sentences import sentences
from bot.analysis.wording import message_of

READ_CHARS = 5_000
_LINE_CHARS = 200


def said(item: Evidence, line: str = "") -> str:
    """Return when, who or which file, and a line of an item, as one line."""
    when = f"{timeline.clock(item.at or 0.0)} " if timeline.has_time(item) else ""
    text = timeline.first_line(line or item.text, READ_CHARS)
    who = item.author
    if item.source != "message":
        # Its time and level stand before it in our words.
        is_bad = SEVERITY[item.level] >= SEVERITY["warn"]
        who = f"{item.source} {item.level.upper()}" if is_bad else item.source
        text = message_of(text)
    return timeline.first_line(f"{when}{who}: {text}" if who else f"{when}{text}", _LINE_CHARS)


def denials(item: Evidence) -> Iterator[str]:
    """Yield the sentences in which somebody rules something out; a question does not."""
    told = () if item.level else sentences(item.text[:READ_CHARS])
    for sentence, _ in told:
        if phrases.RULED_OUT.search(sentence) and not sentence.endswith(("?", "？")):
            yield sentence

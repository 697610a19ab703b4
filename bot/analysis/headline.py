"""The cause as one line for somebody who was just woken up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.analysis import phrases, timeline
from bot.analysis.logs import SEVERITY, parse_level
from bot.analysis.ranking import Candidate, is_stated
from bot.analysis.scoring import Judge
from bot.analysis.wording import core_of, message_of

CAUSE_CHARS = 300
_FIRST_CHARS = 190
_LEAST_ROOM = 40
_MOST = 4
_CHANGE_CHARS = 90
_NEARLY = 0.75
_LONGEST_BEFORE = 7_200.0
_DONE = re.compile(r"\b(?:finished|completed?|done|succeeded|healthy)\b|完了", re.IGNORECASE)
_ENDS = re.compile(r"[\s.;:,·。…-]+$")


def cause_text(told: Sequence[Candidate], change: Candidate | None) -> str:
    """Return what failed and by what mechanism, what else is seen, and what had changed before."""
    text = ""
    for joint, said in _parts(told, change):
        room = CAUSE_CHARS - len(text) - len(joint)
        if said in text or (text and room < _LEAST_ROOM):
            continue
        text += (joint if text else "") + clip(said, min(room, _FIRST_CHARS))
    return text


def to_tell(leading: Sequence[Candidate]) -> list[Candidate]:
    """Return the first, and beside it what is no line of a log that tells of nothing wrong."""
    if not leading:
        return []
    first, *others = leading
    strong = _NEARLY * first.score
    beside = [
        one
        for one in others
        if (one.score >= strong or _is_own(one) or not _is_mild(one))
        and not phrases.RULED_OUT.search(one.text)
    ]
    return [first, *sorted(beside, key=_is_echo)][:_MOST]


def change_before(ranked: Sequence[Candidate], judge: Judge) -> Candidate | None:
    """Return the change that a fix took back, else the last one before what failed."""
    if not ranked:
        return None
    first = ranked[0]
    limit = (first.item.at if first.item.level else None) or judge.onset
    changes = [one for one in ranked[1:] if is_change(one)]
    taken_back = [one for one in changes if judge.trail.weight(one.text) > 0]
    if taken_back:
        return taken_back[0]
    before = [
        one
        for one in changes
        if limit is not None
        and one.item.at is not None
        and 0 <= limit - one.item.at <= _LONGEST_BEFORE
        and judge.trail.weight(one.text) == 0
    ]
    # Who did it says more than that it is done, and comes first.
    begun = [one for one in before if not _DONE.search(one.text)] or before
    return max(begun, key=lambda one: (one.item.at or 0.0, one.score), default=None)


def is_change(candidate: Candidate) -> bool:
    """Say whether it tells of something that somebody did, not of a failure or of a repair."""
    text = candidate.text
    is_done = phrases.DEED.search(text) is not None and not phrases.FIX.search(text)
    return is_done and not phrases.SYMPTOM.search(text) and candidate.signature is None


def _is_mild(candidate: Candidate) -> bool:
    """Say whether it is a line of a log that warns at most."""
    return SEVERITY[candidate.item.level or parse_level(candidate.text)] in {1, 2}


def _is_echo(candidate: Candidate) -> bool:
    """Say whether it is a line of a log whose failure has no name: mostly some other's echo."""
    return bool(candidate.item.level) and not _is_own(candidate)


def _is_own(candidate: Candidate) -> bool:
    sign = candidate.signature
    return is_stated(candidate) or (sign is not None and sign.role == "cause")


def clip(text: str, limit: int) -> str:
    """Return the text in one line, cut at a word."""
    return timeline.first_line(" ".join(text.split()), limit)


def worded(candidate: Candidate) -> str:
    """Return a candidate in words: what its sign means, unless somebody states the cause in it."""
    text = _ENDS.sub("", core_of(message_of(candidate.text))) or candidate.text
    sign = candidate.signature
    if sign is None or is_stated(candidate) or _is_told(sign.title, text):
        return text
    return f"{sign.title}: {text}"


def _parts(told: Sequence[Candidate], change: Candidate | None) -> Iterator[tuple[str, str]]:
    """Yield (joint, part): the change behind a log's line comes second, so that it is not cut."""
    is_second = bool(told) and bool(told[0].item.level)
    changed = [("; just before: ", clip(worded(change), _CHANGE_CHARS))] if change else []
    for place, one in enumerate(told):
        yield ("; also " if place else ""), worded(one)
        if place == 0 and is_second:
            yield from changed
    if not is_second:
        yield from changed


def _is_told(title: str, text: str) -> bool:
    """Say whether the text says already what the title of its sign would add."""
    words = re.findall(r"[a-z]{4,}", title.lower())
    lowered = text.lower()
    return bool(words) and all(word in lowered for word in words)

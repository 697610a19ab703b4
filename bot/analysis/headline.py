"""The cause as one line for somebody who was just woken up."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.analysis import phrases, timeline
from bot.analysis.condensing import condensed, plain, shared_out
from bot.analysis.ranking import Candidate, is_same
from bot.analysis.scoring import Judge
from bot.analysis.voice import ENGLISH, Voice
from bot.analysis.wording import core_of, message_of

CAUSE_CHARS = 300
_FIRST_WEIGHT = 1.0
_STRONG = 4.0
_LEAST_ROOM = 50
_MOST = 5
_SENTENCE_CHARS = 60
_FIRST_CHARS = 150
_NEXT_CHARS = 90
_LONGEST_BEFORE = 7_200.0
_DONE = re.compile(r"\b(?:finished|completed?|done|succeeded|healthy)\b|完了", re.IGNORECASE)
# What a title adds in brackets is for whoever reads it alone.
_BESIDE = re.compile(r" \([^()]{1,80}\)$")
# When and how far a figure left its range: for the list of figures, not for the headline.
_HOW_UNUSUAL = re.compile(
    r",? ?(?:out of its range since [^()\n]{1,40})?\(\d{1,9} x its usual variation\)"
)
_ENDS = re.compile(r"[\s.;:,·。…-]+$")


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing that the cause line tells: how it is joined, its title, and what was said.

    `score` (logits) says how much room it deserves, `from_head` that it is only cut at its end.
    """

    joint: str
    title: str
    said: str
    score: float
    from_head: bool

    @property
    def fixed(self) -> int:
        return len(self.joint) + len(self.title)


def cause_text(
    told: Sequence[Candidate],
    change: Candidate | None,
    subject: str,
    judge: Judge,
    voice: Voice = ENGLISH,
) -> str:
    """Return what failed and by what mechanism, what else is seen, and what had changed before.

    The first of `told` gets the most room.
    """
    parts = _parts(told, change, voice)
    lead = _lead(subject, parts)
    room = CAUSE_CHARS - len(lead)
    rooms = _rooms(parts, room)
    while tight := _tight(parts, rooms):
        del parts[min(tight, key=rooms.__getitem__)]
        rooms = _rooms(parts, room)
    line = lead + "".join(
        part.joint + part.title + _shortened(part, size, judge)
        for part, size in zip(parts, rooms, strict=True)
    )
    return line if len(line) <= CAUSE_CHARS else clip(line, CAUSE_CHARS)


def _shortened(part: _Part, room: int, judge: Judge) -> str:
    return clip(part.said, room) if part.from_head else condensed(part.said, room, judge.score)


def _tight(parts: Sequence[_Part], rooms: Sequence[int]) -> list[int]:
    """Return the places of what is cut too short to say anything; the first part stays."""
    return [
        place
        for place, part in enumerate(parts)
        if place and rooms[place] < min(_LEAST_ROOM, len(part.said))
    ]


def _rooms(parts: Sequence[_Part], room: int) -> list[int]:
    top = max(part.score for part in parts)
    weights = [1.0 + _STRONG * math.exp(part.score - top) for part in parts]
    weights[0] += _FIRST_WEIGHT
    return shared_out(
        [len(part.said) for part in parts], weights, room - sum(part.fixed for part in parts)
    )


def _lead(subject: str, parts: Sequence[_Part]) -> str:
    """Return the names to begin with: those that stand in no part."""
    words = " ".join(part.said for part in parts)
    missing = [name for name in subject.split(", ") if name and name not in words]
    return f"{', '.join(missing)}: " if missing else ""


def to_tell(leading: Sequence[Candidate]) -> list[Candidate]:
    """Return the first, and beside it what tells of something, as far as there is room for it."""
    if not leading:
        return []
    first, *others = leading
    others = [one for one in others if _is_worth_room(one)]
    kept, room = [first], CAUSE_CHARS - min(_FIRST_CHARS, _size(first))
    for one in sorted(others, key=lambda one: not one.telling):
        if len(kept) == _MOST or room < _LEAST_ROOM:
            break
        kept.append(one)
        room -= min(_NEXT_CHARS, _size(one))
    return kept


def _is_worth_room(one: Candidate) -> bool:
    """Say whether it tells something: what is printed or measured has to, a person may hint."""
    if one.is_note:
        return True
    if one.text.rstrip().endswith(("?", "？")):
        return False
    is_by_a_machine = one.item.pasted or bool(one.item.measured)
    return (one.telling or not is_by_a_machine) and not phrases.RULED_OUT.search(one.text)


def _size(one: Candidate) -> int:
    return sum(map(len, worded(one)))


def change_before(ranked: Sequence[Candidate], judge: Judge) -> Candidate | None:
    """Return the change that a fix took back, else the last one before what failed."""
    if not ranked:
        return None
    first = ranked[0]
    if is_change(first) and judge.scene.trail.weight(first.text) > 0:
        return None
    limit = (first.item.at if first.item.pasted else None) or judge.scene.onset
    changes = [one for one in ranked[1:] if is_change(one)]
    taken_back = [one for one in changes if judge.scene.trail.weight(one.text) > 0]
    if taken_back:
        return taken_back[0]
    before = [
        one
        for one in changes
        if limit is not None
        and one.item.at is not None
        and 0 <= limit - one.item.at <= _LONGEST_BEFORE
        and judge.scene.trail.weight(one.text) == 0
    ]
    # Who did it says more than that it is done, and comes first.
    begun = [one for one in before if not _DONE.search(one.text)] or before
    return max(begun, key=lambda one: (one.item.at or 0.0, one.score), default=None)


def is_change(candidate: Candidate) -> bool:
    """Say whether it tells of something that somebody did, not of a failure or of a repair."""
    text = candidate.text
    is_open = phrases.WITHOUT_EFFECT.search(text) or text.rstrip().endswith(("?", "？"))
    is_done = phrases.DEED.search(text) and not phrases.FIX.search(text) and not is_open
    is_failure = phrases.SYMPTOM.search(text) or candidate.signature is not None
    return is_done and not is_failure and not candidate.item.measured


def clip(text: str, limit: int) -> str:
    """Return the text in one line, cut at a word."""
    return timeline.first_line(" ".join(text.split()), limit)


def _parts(told: Sequence[Candidate], change: Candidate | None, voice: Voice) -> list[_Part]:
    """Return what to tell: the change behind a log's line comes second, so that it is not cut."""
    parts: list[_Part] = []
    for one in told:
        title, said = worded(one)
        if not any(said in other.said or other.said in said for other in parts):
            is_before = bool(parts) and change is not None and is_same(change.text, one.text)
            joint = voice.just_before if is_before else "; " if parts else ""
            parts.append(_Part(joint, title, said, one.score, one.is_note))
    if change is not None and not any(is_same(change.text, one.text) for one in told):
        is_second = bool(told) and bool(told[0].item.level)
        part = _Part(voice.just_before, *worded(change), change.score, change.is_note)
        parts.insert(1 if is_second else len(parts), part)
    return parts


def worded(candidate: Candidate) -> tuple[str, str]:
    """Return the title of its sign, and what it says; a person's sentence needs no title."""
    said = message_of(candidate.text)
    if candidate.item.measured:
        said = _HOW_UNUSUAL.sub("", said).partition("; ")[0]
    text = plain(_ENDS.sub("", core_of(said)) or candidate.text)
    sign = candidate.signature
    is_sentence = not candidate.item.pasted and len(text) > _SENTENCE_CHARS
    if sign is None or candidate.stated or is_sentence or _is_told(sign.title, text):
        return "", text
    return f"{_BESIDE.sub('', sign.title)}: ", text


def _is_told(title: str, text: str) -> bool:
    """Say whether the text says already what the title of its sign would add."""
    words = re.findall(r"[a-z]{4,}", title.lower())
    lowered = text.lower()
    return bool(words) and all(word in lowered for word in words)

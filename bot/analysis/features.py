"""What can be said of a sentence that may name the cause, a number a feature.

What each is worth stands in `weights.yaml`; how it was found, in `docs/quality.md`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache

from bot.analysis import phrases, signatures
from bot.analysis.inspections.note import Note
from bot.analysis.logs import SEVERITY, parse_level, parse_time
from bot.analysis.signatures import Signature

Features = dict[str, float]

# A name that a person would search for: digits, dashes, inner capitals, or code marks. Most words
# are none: one in small letters only is passed over at once.
_SPECIFIC = re.compile(
    r"`[^`\n]{2,80}`"
    r"|\b(?![a-z]++(?![\w./:-]))(?:[A-Za-z]++(?:[-_./:]\w++)++|[a-z]++[A-Z]\w+|[A-Z]{2,}+\b|\w*\d)"
)
# A log's line whose time leaves out the year.
_CLOCK = re.compile(r"\W{0,3}\d\d?[./-]\d\d?[ T]\d\d:\d\d:\d\d")
# A row of an inventory: a key and what stands there, a label, an id.
_FIELD = re.compile(
    r"\s{0,40}[\"']?[A-Za-z][\w ./()-]{1,40}[\"']?:(?:\s{2,}|\s?[\"'\d\[{]|$)"
    r"|\s{0,40}[\w./-]{2,80}[=:][\w./-]{1,80}$"
)
# A key by which somebody or something speaks is no row, whatever its form.
_SPOKEN = re.compile(
    r"\s{0,40}\"(?:message|msg|error|err|reason|cause|description|summary|details?|text|note|log)\":"
    r"\s?\"[^\"\s]{1,80}(?: [^\"\s]{1,80}){2}",
    re.IGNORECASE,
)
_ROW = re.compile(r"\s{0,40}\{\"(?:name|key|id|type)\":")
_NOTHING = re.compile(
    r":\s{0,20}(?:null|none|<none>|<unset>|\"\"|\[\]|\{\}|false|0),?\s{0,8}$", re.I
)
# How a container fares, as `kubectl describe` says it: zero restarts are news as well.
_VITAL = re.compile(
    r"\s{0,20}(?:(?:Last )?State|Ready|Restart Count|Reason|Exit Code|Desired|Available|Replicas)"
    r": {1,20}\S"
)
_SHORT = 25
_LONG = 160
_MANY = 3
_LEAST_LETTERS = 0.3
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())

_SAID = {
    "change": "changes",
    **{
        kind: kind
        for kind in ("deed", "symptom", "failed", "fix", "taken_back", "ruled_out", "process")
    },
    **{kind: kind for kind in ("without_effect", "unsure", "wonders", "plans", "over")},
}
"""The feature that each kind of words is."""


def of_words(sentence: str) -> tuple[Features, Signature | None]:
    """Return what the words alone say, and the best known failure that they show."""
    return of_all([sentence])[0]


def of_all(sentences: Sequence[str]) -> list[tuple[Features, Signature | None]]:
    """Return the same for each of many sentences.

    One thing is looked for in all of them before the next: a processor is far faster at what it
    did a moment ago than at many things in turn.
    """
    kinds = [phrases.kinds_in(sentence) for sentence in sentences]
    signs = [signatures.matching(sentence) for sentence in sentences]
    forms = [dict(_form(sentence)) for sentence in sentences]
    return [
        (_said(sentence, kinds) | _shown(signs) | form, signs[0] if signs else None)
        for sentence, kinds, signs, form in zip(sentences, kinds, signs, forms, strict=True)
    ]


def _said(sentence: str, kinds: Set[str]) -> Features:
    found: Features = {_SAID[kind]: 1.0 for kind in kinds if kind in _SAID}
    if phrases.is_routine(sentence):
        found["routine"] = 1.0
    if "fix" in found and ("(" in sentence or specific(sentence)):
        found["fix_named"] = 1.0
    return found | dict(_stated(sentence, found))


def _shown(signs: Sequence[Signature]) -> Features:
    if not signs:
        return {}
    others = min(_MANY, len(signs) - 1) / _MANY
    return {f"sign_{signs[0].role}_{signs[0].weight}": 1.0, "signs": others}


def _stated(sentence: str, found: Features) -> Iterator[tuple[str, float]]:
    tier = phrases.cause_tier(sentence)
    if tier and _is_logged(sentence):
        yield "stated_in_log", 1.0
    elif tier and {"ruled_out", "unsure", "wonders"} & found.keys():
        yield "stated_openly", 1.0
    elif tier:
        yield f"stated_{tier}", 1.0
    if phrases.HEALTHY.search(sentence):
        yield ("calm_and_cause" if 0 < tier < 5 else "calm"), 1.0


def _is_logged(sentence: str) -> bool:
    return parse_time(sentence[:60]) is not None or _CLOCK.match(sentence) is not None


def _form(sentence: str) -> Iterator[tuple[str, float]]:
    letters = _letters_in(sentence)
    is_none = phrases.is_no_evidence(sentence) or phrases.COMMAND.match(sentence)
    if is_none or letters < _LEAST_LETTERS * len(sentence):
        yield "no_statement", 1.0
    is_field = (
        _FIELD.match(sentence)
        and not phrases.SYMPTOM.search(sentence)
        and not _SPOKEN.match(sentence)
        and not _VITAL.match(sentence)
    )
    if is_field or _ROW.match(sentence):
        yield "field", 1.0
    if _NOTHING.search(sentence) and not _VITAL.match(sentence):
        yield "says_nothing", 1.0
    if phrases.is_empty(sentence):
        yield "empty", 1.0
    if sentence.rstrip().endswith(("?", "？")):
        yield "question", 1.0
    if sentence.rstrip().endswith((":", "：")):
        yield "announces", 1.0
    yield from _size(sentence)


def _size(sentence: str) -> Iterator[tuple[str, float]]:
    severity = SEVERITY[parse_level(sentence)]
    if severity:
        yield ("", "says_info", "says_warn", "says_error", "says_error")[severity], 1.0
    if len(sentence) < _SHORT:
        yield "short", 1.0
    if len(sentence) > _LONG:
        yield "long", 1.0
    yield "specific", min(4, len(specific(sentence))) / 4


# A line, its sentences and the message that it is are often the same text.
@lru_cache(maxsize=4_096)
def specific(text: str) -> tuple[str, ...]:
    """Return the names in a text that a person would search for."""
    return tuple(_SPECIFIC.findall(text))


def _letters_in(text: str) -> int:
    if text.isascii():
        return len(text.encode("ascii").translate(None, _NO_LETTERS))
    return sum(map(str.isalpha, text))


def of_note(note: Note) -> Features:
    """Return what speaks for something that stands out in a dump."""
    return {f"note_{note.kind}": 1.0}


def often(count: int) -> float:
    """Return how often, from 0 for once to 1 for a thousand times and more."""
    return min(1.0, math.log10(count) / 3) if count > 1 else 0.0

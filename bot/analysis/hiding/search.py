"""All that is looked for, in one pass: our own rules over the detector's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from bot.analysis.hiding import (
    addresses,
    assignments,
    encoded,
    headers,
    keys,
    names,
    people,
    urls,
    vendors,
)
from bot.analysis.hiding.detector import Detector, Kingfisher
from bot.analysis.hiding.hints import Hints
from bot.analysis.hiding.rule import HIDDEN, Rule, Span

RULES = (
    *keys.RULES,
    *vendors.RULES,
    *urls.RULES,
    *headers.RULES,
    *assignments.RULES,
    *people.RULES,
)
_SHOWN = re.compile(rf"[^{HIDDEN}]+")
# Less than this is what stands between two things hidden, not a secret.
_LEAST = 4
_ORDER = {rule.kind: number for number, rule in reversed(list(enumerate(RULES)))}
_hints = cache(lambda: Hints(RULES))


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; `addresses` adds those of machines, and their names."""

    detector: Detector = field(default_factory=Kingfisher)
    addresses: bool = False

    def spans(self, text: str) -> list[Span]:
        """Return what to hide, in order and without overlaps; an overlap is hidden as one.

        `text` holds HIDDEN for what is hidden already, and no span reaches over that.
        """
        merged: list[Span] = []
        for span in sorted(self._findings(text), key=_by_place):
            if merged and span.start < merged[-1].end:
                last = merged[-1]
                merged[-1] = last._replace(end=max(last.end, span.end))
            else:
                merged.append(span)
        return merged

    def _findings(self, text: str) -> Iterator[Span]:
        yield from self._read(text)
        for batch in encoded.batches(text):
            for start, end, kind in self._read(batch.text):
                yield from _outside(text, Span(*batch.place(start, end), kind), 1)
        if self.addresses:
            for found in addresses.find(text):
                yield from _outside(text, found, 1)

    def _read(self, text: str) -> Iterator[Span]:
        # One byte for each character, so that every place in it is one in the text.
        data = text.encode("ascii", "replace")
        for found in _own(text, data):
            yield from _outside(text, found, 1)
        for found in self.detector.find(data):
            yield from _outside(text, found, _LEAST)


def _by_place(span: Span) -> tuple[int, int, int]:
    """The widest first; of two alike, the one whose kind says more."""
    return span.start, -span.end, _ORDER.get(span.kind, len(RULES))


def _own(text: str, data: bytes) -> Iterator[Span]:
    """Try each rule at its places, but not within what it found just before."""
    last: dict[int, tuple[int, int]] = {}
    for at, rule in _places(text, data):
        start, end = last.get(id(rule), (0, 0))
        if start <= at < end:
            continue
        if found := rule.find(text, at):
            last[id(rule)] = found
            yield Span(*found, rule.kind)


def _places(text: str, data: bytes) -> Iterator[tuple[int, Rule]]:
    yield from _hints().places(data)
    if not text.isascii():
        for word in names.FOREIGN:
            at = text.find(word)
            while at >= 0:
                yield at, assignments.RULES[0]
                at = text.find(word, at + len(word))


def _outside(text: str, found: Span, least: int) -> Iterator[Span]:
    if HIDDEN not in text[found.start : found.end]:
        yield found
        return
    for part in _SHOWN.finditer(text, found.start, found.end):
        if sum(map(str.isalnum, part.group())) >= least:
            yield Span(*part.span(), found.kind)

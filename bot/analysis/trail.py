"""What a fix took back, and what was ruled out: both tell which change to believe in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.analysis import phrases
from bot.analysis.evidence import Evidence

_TAKEN_BACK = 2.5
_CLEARED = -4.0
_MOST_TERMS = 60
# A name or a version: an inner capital, a digit, a dash, or a word that is written large.
_NAME = re.compile(
    r"\b(?:[A-Z][a-z]{3,40}|[A-Z]{2,20}|[\w]{1,40}(?:[-_.]\w{1,40}){1,6}|[a-z]{2,20}[A-Z]\w{1,40})\b"
)
_VERSION = re.compile(
    r"\b(?:v?\d{1,5}(?:\.\d{1,5}){1,3}[\w-]{0,20}|[a-z]{2,40}(?:-\w{1,40}){1,6})\b"
)
_TOO_COMMON = frozenset(
    {"pipeline", "incident", "issue", "issues", "error", "errors", "alert", "alerts", "team"}
    | {"user", "users", "service", "services", "deployment", "deploy", "release", "change"}
    | {"changes", "rollback", "reverted", "rolled-back", "confirmed", "after", "before", "began"}
    | {"this", "that", "these", "there", "they", "when", "what", "for", "with", "all", "http"}
)


@dataclass(frozen=True, slots=True)
class Trail:
    """The names that a rollback or a repair took back, and the versions that were cleared."""

    taken_back: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()

    def weight(self, line: str) -> float:
        """Return what the later story says of a line that tells of a change."""
        lowered = line.lower()
        if any(name in lowered for name in self.cleared):
            return _CLEARED
        return _TAKEN_BACK if any(name in lowered for name in self.taken_back) else 0.0


def follow(items: Iterable[Evidence]) -> Trail:
    """Read the trail from what people wrote, in the order of the incident."""
    taken_back: set[str] = set()
    cleared: set[str] = set()
    for item in items:
        if item.source != "message" or item.level or len(taken_back) > _MOST_TERMS:
            continue
        for line in item.text.splitlines():
            if phrases.RULED_OUT.search(line) or phrases.WITHOUT_EFFECT.search(line):
                cleared |= _named(_VERSION, line)
            elif phrases.TAKEN_BACK.search(line):
                taken_back |= _named(_NAME, line)
    return Trail(frozenset(taken_back - cleared), frozenset(cleared))


def _named(pattern: re.Pattern[str], line: str) -> set[str]:
    return {name.lower() for name in pattern.findall(line[:2_000])} - _TOO_COMMON

"""Where and when a sentence was said, and what the rest of the incident says of it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from bot.analysis import phrases, signatures
from bot.analysis.evidence import Evidence
from bot.analysis.features import often, specific
from bot.analysis.logs import SEVERITY
from bot.analysis.marks import MOST
from bot.analysis.neighbours import Told, across, told_in
from bot.analysis.sentences import sentences
from bot.analysis.signatures import Signature
from bot.analysis.trail import follow

_WORD = re.compile(r"[a-z0-9][\w.-]{2,60}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2}")
_COMMON = frozenset(
    {"the", "what", "why", "root", "cause", "this", "incident", "alert", "issue", "with", "are"}
    | {"not", "has", "and", "for", "from", "does", "problem", "logs", "show", "errors", "these"}
    | {"was", "which", "component", "can", "you", "please", "check", "going", "wrong", "that"}
)
_NEAR_SECONDS = 900.0
_SOON = 2
_MOST_EXPLAINED = 3
_MOST_TERMS = 20_000


class Scene:
    """One incident as the ground on which its sentences are judged.

    `onset` is the time of the first symptom after the opening message (UTC seconds), `common` the
    count of the most frequent log template.
    """

    def __init__(self, items: Sequence[Evidence] = (), question: str = "") -> None:
        self.asked = words(question) - _COMMON
        root = items[0].message_ts if items else ""
        after = [item for item in items if item.message_ts != root]
        self.onset = first_symptom(after) or first_symptom(items)
        self.trail = follow(items)
        self.common = max((item.count for item in items), default=1)
        self._root = root
        self._told: dict[str, Told] = {}
        self._leading, self._pointing_back = across(items)
        self._opening = {
            sign.id
            for item in items
            if item.message_ts == root and not item.pasted
            for line in item.text[:2_000].splitlines()
            for sign in signatures.matching(line)
        }
        self._title = words(items[0].text[:2_000]) - _COMMON if items else frozenset[str]()
        self._used = Counter(
            word
            for text in {item.message_ts: item.text[:2_000] for item in items}.values()
            for word in words(text) & self._title
        )
        self._order = {ts: n for n, ts in enumerate(dict.fromkeys(i.message_ts for i in items))}
        self._mentions = self._count_mentions(items)
        self._fixes = self._find_fixes(items)

    def of_place(
        self, sentence: str, item: Evidence, sign: Signature | None = None
    ) -> Iterator[tuple[str, float]]:
        """Return what speaks for or against a sentence, showing `sign`, from where it stands."""
        return chain(
            self._of_sign(sign, item),
            self._of_neighbours(sentence, item),
            self._of_thread(item),
            _of_telling(sentence, item),
            self._of_log(item),
            self._of_time(sentence, item),
            self._of_terms(sentence, item),
        )

    def _of_thread(self, item: Evidence) -> Iterator[tuple[str, float]]:
        place = self._order.get(item.message_ts, 0)
        last = max(1, len(self._order) - 1)
        if item.message_ts == self._root:
            yield "in_root", 1.0
        elif item.marked:
            yield "marked", item.marked / MOST
        if item.alerts:
            yield "is_alert", 1.0
        if item.pasted:
            yield "pasted", 1.0
        if not item.is_said:
            return
        yield "is_said", 1.0
        yield "explained", min(_MOST_EXPLAINED, self._told_in(item).explanations) / _MOST_EXPLAINED
        yield "late", place / last
        if not self._fixes.isdisjoint(range(place + 1, place + _SOON + 1)):
            yield "fix_follows", 1.0

    def _of_sign(self, sign: Signature | None, item: Evidence) -> Iterator[tuple[str, float]]:
        if sign is None:
            return
        if item.message_ts != self._root and sign.id in self._opening:
            yield "sign_of_root", 1.0
        if item.is_said:
            yield "sign_said", 1.0

    def _of_neighbours(self, sentence: str, item: Evidence) -> Iterator[tuple[str, float]]:
        if not item.is_said:
            return
        told = self._told_in(item)
        if sentence in told.leading or (item.id, sentence) in self._leading:
            yield "leads_on", 1.0
        if sentence in told.pointing_back or (item.id, sentence) in self._pointing_back:
            yield "points_back", 1.0

    def _told_in(self, item: Evidence) -> Told:
        known = self._told.get(item.id)
        if known is None:
            known = self._told[item.id] = told_in([said for said, _ in sentences(item.text)])
        return known

    def _of_log(self, item: Evidence) -> Iterator[tuple[str, float]]:
        if not item.level:
            return
        severity = SEVERITY[item.level]
        yield ("is_debug", "is_info", "is_warn", "is_error", "is_fatal")[severity], 1.0
        if severity >= SEVERITY["error"]:
            yield "often_failing", often(item.count)
        if self.common >= 5:
            yield "rare", 1.0 - math.log(item.count) / math.log(self.common)

    def _of_time(self, sentence: str, item: Evidence) -> Iterator[tuple[str, float]]:
        if self.onset is None or item.at is None:
            return
        if item.at < self.onset:
            yield "before_onset", 1.0
            if phrases.DEED.search(sentence):
                yield "deed_before_onset", 1.0
        elif item.at > self.onset and _is_remedy(sentence, item):
            yield "remedy", 1.0
        if abs(item.at - self.onset) <= _NEAR_SECONDS:
            yield "near_onset", 1.0

    def _of_terms(self, sentence: str, item: Evidence) -> Iterator[tuple[str, float]]:
        said = words(sentence)
        yield "asked", min(2, len(said & self.asked)) / 2
        if item.message_ts != self._root:
            yield "of_title", min(1.0, sum(map(self._rarity, said & self._title)) / 2)
        heard = sorted([self._mentions[name] for name in _names(sentence)], reverse=True)[:3]
        yield "recurs", min(1.0, sum([math.log2(1 + n) for n in heard]) / 9)
        is_change = phrases.CHANGE.search(sentence) and not phrases.FIX.search(sentence)
        weight = self.trail.weight(sentence) if is_change else 0.0
        if weight:
            yield ("trail_back" if weight > 0 else "trail_cleared"), 1.0

    def _rarity(self, word: str) -> float:
        """Return how little a word is used: 1 for one message only, less the more do."""
        return 1.0 / (1.0 + math.log2(max(1, self._used[word])))

    def _count_mentions(self, items: Sequence[Evidence]) -> Counter[str]:
        seen: dict[str, set[str]] = {}
        for item in items:
            for name in _names(item.text[:4_000]):
                if len(seen) < _MOST_TERMS:
                    seen.setdefault(name, set()).add(item.message_ts)
        return Counter({name: len(where) for name, where in seen.items()})

    def _find_fixes(self, items: Sequence[Evidence]) -> frozenset[int]:
        return frozenset(
            self._order[item.message_ts]
            for item in items
            if item.source == "message" and not item.level and phrases.FIX.search(item.text)
        )


def _of_telling(sentence: str, item: Evidence) -> Iterator[tuple[str, float]]:
    """Return what people say of how it failed, and of when something was changed."""
    if not item.is_said:
        return
    if phrases.MECHANISM.search(sentence):
        yield "mechanism", 1.0
    if phrases.PAST.search(sentence) and phrases.CHANGE.search(sentence):
        yield "dated", 1.0


def _is_remedy(sentence: str, item: Evidence) -> bool:
    """Say whether it tells what people did about it; what it took back may tell the cause."""
    if not item.is_said or not phrases.REMEDY.search(sentence):
        return False
    is_telling = any(
        words.search(sentence) for words in (phrases.TAKEN_BACK, phrases.OVER, phrases.PAST)
    )
    return not is_telling and phrases.cause_tier(sentence) == 0


@lru_cache(maxsize=4_096)
def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys([name.lower().strip("`") for name in specific(text)]))


# Of a message of one line the text and the line are the same.
@lru_cache(maxsize=4_096)
def words(text: str) -> frozenset[str]:
    """Return the words of a text that could tell one thing from another, in lower case."""
    return frozenset(_WORD.findall(text.lower()))


def first_symptom(items: Sequence[Evidence]) -> float | None:
    """Return the time of the first item that tells of a failure, None where none does."""
    times = [
        item.at
        for item in items
        if item.at and SEVERITY[item.level] != 1 and phrases.SYMPTOM.search(item.text)
    ]
    return min(times, default=None)

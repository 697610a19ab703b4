"""How much a line, and with it an item of evidence, says about a cause: a sum of weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from bot.analysis import features
from bot.analysis.evidence import Evidence, with_score
from bot.analysis.features import Features
from bot.analysis.inspections.note import Note
from bot.analysis.scene import Scene
from bot.analysis.signatures import Signature
from bot.analysis.signatures.entries import ROLES, WEIGHTS

_LONGEST = 2_000
_SIGNS = frozenset(f"sign_{role}_{weight}" for role in ROLES for weight in WEIGHTS)
_STATED = {f"stated_{tier}": tier for tier in range(1, 5)}
_IDLE = frozenset({"no_statement", "says_nothing", "empty", "calm", "routine"})
_TELLING = frozenset(
    {"symptom", "deed", "says_warn", "says_error", "stated_in_log"}
    | _SIGNS
    | {f"stated_{tier}" for tier in range(1, 6)}
)


@cache
def weights() -> Mapping[str, float]:
    """Return what each feature is worth, in logits. Raises KeyError for none by that name."""
    text = (resources.files("bot.analysis") / "weights.yaml").read_text(encoding="utf-8")
    return {name: float(weight) for name, weight in yaml.safe_load(text).items()}


@dataclass(frozen=True, slots=True)
class Judged:
    """What one sentence is worth (logits), and the failure that it shows, if we know it."""

    score: float
    signature: Signature | None


class Judge:
    """Judges the sentences of one incident; each of them once."""

    def __init__(
        self,
        question: str = "",
        items: Sequence[Evidence] = (),
        worth: Mapping[str, float] | None = None,
    ) -> None:
        self._worth = worth or weights()
        self.question = question
        self.scene = Scene(items, question)
        self._words: dict[str, tuple[Features, Judged]] = {}
        self._placed: dict[tuple[str, str], Judged] = {}

    def score(self, line: str) -> float:
        """Return what the words of a line are worth, wherever it stands."""
        return self._of_words(line)[1].score

    def judged(self, sentence: str, item: Evidence) -> Judged:
        """Return what a sentence is worth where it stands."""
        known = self._placed.get((sentence, item.id))
        if known is None:
            judged = self._of_words(sentence)[1]
            place = self.scene.of_place(sentence, item, judged.signature)
            known = Judged(judged.score + self._sum(place), judged.signature)
            self._placed[sentence, item.id] = known
        return known

    def noted(self, note: Note, item: Evidence) -> float:
        """Return what it is worth that something stands out in a dump."""
        said = features.of_note(note) | dict(self.scene.of_place(note.text, item))
        return self._sum(said.items())

    def has(self, feature: str, sentence: str) -> bool:
        """Say whether the words of a sentence have a feature."""
        return feature in self._of_words(sentence)[0]

    def tells(self, sentence: str, *, is_severe: bool = False) -> bool:
        """Say whether a sentence tells of a failure, a change or a cause at all."""
        found = self._of_words(sentence)[0]
        return _IDLE.isdisjoint(found) and (is_severe or not _TELLING.isdisjoint(found))

    def stated(self, sentence: str) -> int:
        """Return by which kind of phrase a sentence states a cause (`phrases.cause_tier`), or 0."""
        found = self._of_words(sentence)[0]
        if _STATED.keys().isdisjoint(found):
            return 0
        return next(tier for name, tier in _STATED.items() if name in found)

    def states(self, sentence: str) -> bool:
        """Say whether a sentence points at a cause, however empty it is."""
        return self.stated(sentence) > 0

    def shows_failure(self, line: str) -> bool:
        """Say whether a line shows a known failure that is not over."""
        found = self._of_words(line)[0]
        return not _SIGNS.isdisjoint(found) and _IDLE.isdisjoint(found)

    def read(self, lines: Iterable[str]) -> None:
        """Judge the words of many lines, which is faster together than one by one."""
        cut = dict.fromkeys(line[:_LONGEST] for line in lines)
        new = [line for line in cut if line not in self._words]
        for line, (found, signature) in zip(new, features.of_all(new), strict=True):
            self._words[line] = found, Judged(self._sum(found.items()), signature)

    def _of_words(self, line: str) -> tuple[Features, Judged]:
        line = line[:_LONGEST]
        if line not in self._words:
            self.read([line])
        return self._words[line]

    def _sum(self, found: Iterable[tuple[str, float]]) -> float:
        worth = self._worth
        return sum([worth[name] * value for name, value in found])


def scored(items: Sequence[Evidence], judge: Judge) -> tuple[Evidence, ...]:
    """Return the items with their scores, in the same order."""
    lines = [[] if item.measured else _lines(item) for item in items]
    judge.read(line for some in lines for line in some)
    scores = [_score(item, some, judge) for item, some in zip(items, lines, strict=True)]
    return tuple(
        with_score(item, round(score, 2)) for item, score in zip(items, scores, strict=True)
    )


def _lines(item: Evidence) -> list[str]:
    return [line for line in item.text.splitlines() if line.strip()]


def _score(item: Evidence, lines: Sequence[str], judge: Judge) -> float:
    if item.measured:
        return item.measured
    return max([judge.judged(line, item).score for line in lines], default=0.0)

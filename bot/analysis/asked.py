"""A question beside the evidence: which lines use its names, and what was believed before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.analysis.evidence import Evidence
from bot.analysis.matching import carried, explanations
from bot.analysis.questions import terms
from bot.analysis.report import Report, Statement
from bot.analysis.scene import first_symptom
from bot.analysis.scoring import Judge
from bot.analysis.voice import Voice

READ_CHARS = 20_000
_LINES_PER_ITEM = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an item, and how many of a question's names stand in it."""

    item: Evidence
    text: str
    named: int
    score: float


class Asked:
    """A question, the evidence that it is answered from, and what was believed before.

    What is no evidence in the answer is said by `voice`.
    """

    def __init__(
        self, question: str, report: Report, previous: Report, judge: Judge, voice: Voice
    ) -> None:
        self.question = question
        self.report = report
        self.items = report.evidence
        self.earlier = carried(previous, report.evidence)
        self.judge = judge
        self.voice = voice
        self.terms = terms(question)
        self.onset = first_symptom(self.items)
        self.believed = (self.earlier.cause, *explanations(self.earlier)[1:])

    def matching(self, items: Iterable[Evidence] | None = None) -> list[Line]:
        """Return the lines that use most of the question's names, the most telling first."""
        read = self.items if items is None else items
        found = [line for item in read for line in self._of(item)]
        most = max((line.named for line in found), default=0)
        best = [line for line in found if line.named == most]
        return sorted(best, key=lambda line: (-line.score, line.item.at or 0.0))

    def _of(self, item: Evidence) -> list[Line]:
        lines = []
        for text in item.text[:READ_CHARS].splitlines():
            named = sum(term.pattern.search(text) is not None for term in self.terms)
            if named and any(map(str.isalpha, text)):
                lines.append(Line(item, text, named, self.judge.score(text)))
        return sorted(lines, key=lambda line: -line.score)[:_LINES_PER_ITEM]

    def names(self, statement: Statement) -> int:
        """Return how many of the question's names an explanation uses, its evidence aside."""
        return sum(term.pattern.search(statement.text) is not None for term in self.terms)

    def item(self, id_: str) -> Evidence:
        return next(item for item in self.items if item.id == id_)

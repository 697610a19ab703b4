"""The report that a question ends in, and the check of everything that it claims."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.analysis.evidence import Evidence
from bot.analysis.precedents import Precedents


class Verdict(StrEnum):
    """What the evidence carries."""

    CAUSE = "cause"
    NO_INCIDENT = "no_incident"
    UNCLEAR = "unclear"


class Confidence(StrEnum):
    """How sure the report is of its cause, in the words that a reader sees."""

    SUPPORTED = "supported"
    PLAUSIBLE = "plausible"
    INSUFFICIENT = "insufficient evidence"


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a report and the ids of the evidence that it rests on ("E3").

    Plain text or light Markdown (code spans, bold): no links, no mentions, no ids in the text.
    `unsupported` marks a line of fact that named no evidence we know, `unverified` are the times,
    figures and names in it that what it cites does not hold.
    """

    text: str
    evidence: tuple[str, ...] = ()
    unsupported: bool = False
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One moment: `at` is seconds since 1970 (UTC)."""

    at: float
    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what exists was read, and how much of that a model was shown."""

    messages_read: int = 0
    messages_total: int = 0
    files_read: int = 0
    files_total: int = 0
    log_lines: int = 0
    log_templates: int = 0
    evidence_shown: int = 0
    evidence_total: int = 0
    redactions: int = 0
    shortened: int = 0
    gaps: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"read {self.messages_read} of {self.messages_total} messages"]
        if self.files_total:
            parts.append(f"{self.files_read} of {self.files_total} files")
        if self.log_lines:
            parts.append(f"{self.log_lines:,} log lines as {self.log_templates} templates")
        if self.evidence_shown < self.evidence_total:
            parts.append(f"the best {self.evidence_shown} of {self.evidence_total} items chosen")
        if self.shortened:
            parts.append(f"{self.shortened} shortened")
        if self.redactions:
            parts.append(f"{self.redactions} secrets hidden")
        return ", ".join([*parts, *self.gaps])


@dataclass(frozen=True, slots=True)
class Report:
    """An analysis that a reader can check.

    `cause` is what the reader sees first; for a verdict other than CAUSE it says what is known
    instead. `quotes` are at most three lines, word for word from the evidence. `removed` counts
    the citations and lines that the check took out. `source` is "rules" or "model". `precedents`
    stand beside all this and carry nothing of it.
    """

    verdict: Verdict
    cause: Statement
    confidence: Confidence
    summary: tuple[Statement, ...] = ()
    changes: tuple[Statement, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    hypotheses: tuple[Statement, ...] = ()
    next_checks: tuple[Statement, ...] = ()
    gaps: tuple[Statement, ...] = ()
    quotes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    removed: int = 0
    source: str = "rules"
    precedents: Precedents = field(default_factory=Precedents)

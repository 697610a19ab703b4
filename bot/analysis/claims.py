"""The check of what a model claims: citations, quotes, links, and a cause that rests on nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.analysis import timeline
from bot.analysis.acceptance import objection
from bot.analysis.checking import LineCheck
from bot.analysis.ground import Ground
from bot.analysis.markdown import Line, Sections, parse
from bot.analysis.quoting import quotable
from bot.analysis.report import Confidence, Report, Statement, TimelineEntry, Verdict
from bot.analysis.scoring import Judge
from bot.analysis.unverified import MOST

_LEADING_TIME = re.compile(
    r"^\W{0,3}(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d[\d:.]{0,10}\s?(?:UTC|Z)?\W{0,4}"
)
_CAUSE_CHARS = 300
_MOMENT_CHARS = 160
_MAX_LINES = 12


@dataclass(frozen=True, slots=True)
class Examined:
    """A checked answer, and why it may not stand; "" where it may.

    `report` is None where there is no cause under a known heading.
    """

    report: Report | None
    objection: str


@dataclass(slots=True)
class Checker:
    """Checks a model's sections, and sums up what was wrong with their lines."""

    lines: LineCheck
    removed: int = 0
    cited: int = 0
    unknown: int = 0
    secrets: int = 0
    misquoted: set[str] = field(default_factory=set)
    grounded: set[str] = field(default_factory=set)

    @property
    def ground(self) -> Ground:
        return self.lines.ground

    def statements(self, sections: Sections, name: str) -> tuple[Statement, ...]:
        lines = sections.lines.get(name, [])[:_MAX_LINES]
        checked = (self.statement(line, name) for line in lines)
        return tuple(statement for statement in checked if statement)

    def statement(self, line: Line, section: str) -> Statement | None:
        """Return the line as it may be shown; None where nothing of it may."""
        checked = self.lines.line(line, section)
        self.removed += checked.removed
        self.cited += checked.cited
        self.unknown += checked.unknown
        self.secrets += checked.showed_secret
        if checked.is_misquoted:
            self.misquoted.add(section)
        if checked.statement and checked.statement.evidence:
            self.grounded.add(section)
        return checked.statement


def check(text: str, rules: Report, judge: Judge) -> Report | None:
    """Return the checked report of an answer, whether it may stand or not; see `examine`."""
    return examine(text, rules, judge).report


def examine(
    text: str,
    rules: Report,
    judge: Judge,
    lines: LineCheck | None = None,
    *,
    whole: Report | None = None,
) -> Examined:
    """Check a whole or partial answer, by default against all evidence of the rules.

    With `whole`, what the rules say of the incident, it is the short answer to a further question,
    and `rules` theirs to that question.
    """
    sections = parse(text)
    checker = Checker(lines or LineCheck(Ground(rules.evidence)))
    causes = checker.statements(sections, "cause")
    is_reply = whole is not None
    report = _report(sections, checker, causes, rules, judge) if causes or is_reply else None
    if report and is_reply:
        report = _reply(report, sections, rules)
    stated = whole or rules
    return Examined(report, objection(text, sections, report, checker, stated, is_reply=is_reply))


def _report(
    sections: Sections,
    checker: Checker,
    causes: Sequence[Statement],
    rules: Report,
    judge: Judge,
) -> Report:
    cause = _joined(causes)
    report = Report(
        verdict=_verdict(sections, cause),
        cause=cause,
        confidence=_confidence(sections, cause),
        summary=checker.statements(sections, "summary"),
        changes=checker.statements(sections, "changes"),
        timeline=_timeline(sections, checker, rules),
        hypotheses=checker.statements(sections, "hypotheses"),
        next_checks=checker.statements(sections, "next_checks"),
        gaps=checker.statements(sections, "gaps") + _told(rules),
        quotes=_quotes(cause, checker.ground, judge),
        evidence=rules.evidence,
        coverage=rules.coverage,
        source="model",
        precedents=rules.precedents,
    )
    return replace(report, removed=checker.removed)


def _reply(report: Report, sections: Sections, rules: Report) -> Report | None:
    """Let the earlier cause stand where a short answer names none that rests on something.

    None where it says nothing yet. What it misses is named as such: no heading stands above it.
    """
    cause = report.cause
    told = _told(rules)
    missing = report.gaps[: len(report.gaps) - len(told)]
    if not (cause.text or report.summary or missing):
        return None
    named = tuple(replace(gap, text=f"Missing: {gap.text}") for gap in missing)
    report = replace(report, gaps=named + told)
    if cause.evidence or (cause.text and sections.abstains):
        return report
    return replace(report, cause=rules.cause, verdict=rules.verdict, confidence=rules.confidence)


def _joined(causes: Sequence[Statement]) -> Statement:
    text = timeline.first_line(" ".join(statement.text for statement in causes), _CAUSE_CHARS)
    ids = dict.fromkeys(name for statement in causes for name in statement.evidence)
    flags = dict.fromkeys(flag for one in causes for flag in one.unverified if flag in text)
    unsupported = any(statement.unsupported for statement in causes)
    return Statement(text, tuple(ids), unsupported or not ids, tuple(flags)[:MOST])


def _verdict(sections: Sections, cause: Statement) -> Verdict:
    if not cause.evidence:
        return Verdict.UNCLEAR
    named = {str(verdict): verdict for verdict in Verdict}
    return named.get(sections.verdict, Verdict.CAUSE)


def _confidence(sections: Sections, cause: Statement) -> Confidence:
    if not cause.evidence or _verdict(sections, cause) is Verdict.UNCLEAR:
        return Confidence.INSUFFICIENT
    if sections.confidence.startswith("insufficient"):
        return Confidence.INSUFFICIENT
    is_seen = not cause.unsupported and not cause.unverified
    is_sure = sections.confidence.startswith("supported") and is_seen
    return Confidence.SUPPORTED if is_sure else Confidence.PLAUSIBLE


def _timeline(sections: Sections, checker: Checker, rules: Report) -> tuple[TimelineEntry, ...]:
    """Return the moments that the model chose; their times are the code's, whatever it says."""
    lines = sections.lines.get("timeline", [])[:_MAX_LINES]
    worded = [(checker.lines.known(line.cited), _said(line, checker)) for line in lines]
    chosen = [name for ids, _ in worded for name in ids]
    if not chosen:
        return rules.timeline
    words = {ids[0]: said for ids, said in worded if len(ids) == 1 and said}
    entries = timeline.build(rules.evidence, chosen)
    return tuple(
        replace(entry, text=words.get("".join(entry.evidence), entry.text)) for entry in entries
    )


def _said(line: Line, checker: Checker) -> str:
    """Return the model's words for a moment; "" where they are too long, or not all seen."""
    checked = checker.statement(replace(line, text=_LEADING_TIME.sub("", line.text)), "timeline")
    if checked is None or checked.unsupported or checked.unverified:
        return ""
    return checked.text if len(checked.text) <= _MOMENT_CHARS else ""


def _told(rules: Report) -> tuple[Statement, ...]:
    """What was not read is said by code, whatever the model says of it."""
    return tuple(Statement(gap) for gap in rules.coverage.gaps)


def _quotes(cause: Statement, ground: Ground, judge: Judge) -> tuple[str, ...]:
    lines = {
        line.strip(): judge.score(line)
        for name in cause.evidence
        if not ground.items[name].measured
        for line in ground.items[name].text.splitlines()
        if line.strip() and line.strip() != "…"
    }
    best = sorted(lines, key=lambda line: -lines[line])[:3]
    return tuple(dict.fromkeys(quotable(line, line) for line in best))

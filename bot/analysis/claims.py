"""The check of what a model claims: citations, quotes, links, and a cause that rests on nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.analysis import timeline
from bot.analysis.evidence import Evidence
from bot.analysis.markdown import Line, Sections, parse
from bot.analysis.neutral import neutral
from bot.analysis.quoting import quotable
from bot.analysis.redact import contains_secret
from bot.analysis.report import Confidence, Report, Statement, TimelineEntry, Verdict
from bot.analysis.scoring import Judge

_QUOTED = re.compile(
    r'"([^"\n]{12,400})"|“([^”\n]{12,400})”|「([^」\n]{12,400})」|`([^`\n]{12,400})`'
)
_BARE_ID = re.compile(r"(?<![\w/-])E\d{1,6}(?![\w/-])")
_CAUSE_CHARS = 300
_LINE_CHARS = 600
_MAX_LINES = 12
# A command in a next step is a proposal, not a quotation of the evidence.
_FREE = frozenset({"next_checks", "gaps"})


@dataclass(slots=True)
class Checker:
    """Checks a model's text against the evidence; `removed` counts what was taken out."""

    known: Mapping[str, Evidence]
    removed: int = 0
    valid: set[str] = field(default_factory=set)

    def statements(self, sections: Sections, name: str) -> tuple[Statement, ...]:
        lines = sections.lines.get(name, [])
        checked = (self.statement(line, is_free=name in _FREE) for line in lines)
        return tuple(statement for statement in checked if statement)[:_MAX_LINES]

    def statement(self, line: Line, *, is_free: bool = False) -> Statement | None:
        """Return the line as it may be shown; None where nothing of it may."""
        ids = self.ids(line.cited)
        cited = [_folded(self.known[name].text) for name in ids]
        text = self._without_bare_ids(line.text, cited)
        text, misquoted = (text, False) if is_free else self._quotes(text, cited)
        # Last: what was taken out above may have held two harmless halves apart.
        text = " ".join(neutral(text, allowed=cited).split())
        if not text.strip() or contains_secret(text):
            self.removed += bool(text.strip())
            return None
        unsupported = not is_free and (misquoted or not ids)
        return Statement(text.strip()[:_LINE_CHARS], ids, unsupported)

    def ids(self, cited: Iterable[str]) -> tuple[str, ...]:
        names = tuple(cited)
        known = tuple(name for name in names if name in self.known)
        self.removed += len(names) - len(known)
        self.valid.update(known)
        return known

    def _without_bare_ids(self, text: str, cited: Sequence[str]) -> str:
        def judge(found: re.Match[str]) -> str:
            if any(found.group() in item for item in cited):
                return found.group()
            self.removed += found.group() not in self.known
            return ""

        return " ".join(_BARE_ID.sub(judge, text).split())

    def _quotes(self, text: str, cited: Sequence[str]) -> tuple[str, bool]:
        misquoted = False

        def judge(found: re.Match[str]) -> str:
            nonlocal misquoted
            span = next(group for group in found.groups() if group)
            if any(_folded(span) in item for item in cited):
                return found.group()
            misquoted = True
            self.removed += 1
            return span

        return _QUOTED.sub(judge, text), misquoted


def check(text: str, rules: Report, judge: Judge) -> Report | None:
    """Return the checked report of a whole or partial answer.

    None where there is nothing to show yet, or nothing that may be shown: no cause under a known
    heading, or a cause claimed without one valid citation in the whole text.
    """
    sections = parse(text)
    checker = Checker({item.id: item for item in rules.evidence})
    causes = checker.statements(sections, "cause")
    if not causes:
        return None
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
        quotes=_quotes(cause, checker.known, judge),
        evidence=rules.evidence,
        coverage=rules.coverage,
        source="model",
        precedents=rules.precedents,
    )
    return replace(report, removed=checker.removed)


def is_usable(report: Report | None, text: str) -> bool:
    """Say whether a whole answer may stand: a claim needs at least one valid citation."""
    if report is None:
        return False
    claims = parse(text).verdict not in {"unclear", "no_incident"}
    cited = (report.cause, *report.summary, *report.changes, *report.hypotheses)
    return not claims or any(statement.evidence for statement in cited)


def _joined(causes: Sequence[Statement]) -> Statement:
    text = " ".join(statement.text for statement in causes)
    ids = dict.fromkeys(name for statement in causes for name in statement.evidence)
    unsupported = any(statement.unsupported for statement in causes)
    return Statement(timeline.first_line(text, _CAUSE_CHARS), tuple(ids), unsupported or not ids)


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
    is_sure = sections.confidence.startswith("supported") and not cause.unsupported
    return Confidence.SUPPORTED if is_sure else Confidence.PLAUSIBLE


def _timeline(sections: Sections, checker: Checker, rules: Report) -> tuple[TimelineEntry, ...]:
    chosen = checker.ids(name for line in sections.lines.get("timeline", []) for name in line.cited)
    return timeline.build(rules.evidence, chosen) if chosen else rules.timeline


def _told(rules: Report) -> tuple[Statement, ...]:
    """What was not read is said by code, whatever the model says of it."""
    return tuple(Statement(gap) for gap in rules.coverage.gaps)


def _quotes(cause: Statement, known: Mapping[str, Evidence], judge: Judge) -> tuple[str, ...]:
    lines = {
        line.strip(): judge.score(line)
        for name in cause.evidence
        if not known[name].measured
        for line in known[name].text.splitlines()
        if line.strip() and line.strip() != "…"
    }
    best = sorted(lines, key=lambda line: -lines[line])[:3]
    return tuple(dict.fromkeys(quotable(line, line) for line in best))


def _folded(text: str) -> str:
    return " ".join(text.split())

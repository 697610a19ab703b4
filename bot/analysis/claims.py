"""The check of what a model claims: citations, quotes, links, and a cause that rests on nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.analysis import quotations, timeline
from bot.analysis.acceptance import objection
from bot.analysis.ground import Ground
from bot.analysis.markdown import Line, Sections, parse
from bot.analysis.neutral import neutral
from bot.analysis.quoting import quotable
from bot.analysis.redact import contains_secret
from bot.analysis.report import Confidence, Report, Statement, TimelineEntry, Verdict
from bot.analysis.scoring import Judge
from bot.analysis.unverified import MOST, names, unverified

_BARE_ID = re.compile(r"(?<![\w/-])E\d{1,6}(?![\w/-])")
_LEADING_TIME = re.compile(
    r"^\W{0,3}(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d[\d:.]{0,10}\s?(?:UTC|Z)?\W{0,4}"
)
_CAUSE_CHARS = 300
_LINE_CHARS = 600
_MOMENT_CHARS = 160
_MAX_LINES = 12
# A command in a next step is a proposal, not a quotation of the evidence.
_FREE = frozenset({"next_checks", "gaps"})


@dataclass(frozen=True, slots=True)
class Examined:
    """A checked answer, and why it may not stand; "" where it may.

    `report` is None where there is no cause under a known heading.
    """

    report: Report | None
    objection: str


@dataclass(slots=True)
class Checker:
    """Checks a model's lines against the evidence, and counts what was wrong with them.

    `removed` is what was taken out, `cited` how many ids were named and `unknown` how many of
    them do not exist, `secrets` how many lines of fact showed one.
    """

    ground: Ground
    removed: int = 0
    cited: int = 0
    unknown: int = 0
    secrets: int = 0
    misquoted: set[str] = field(default_factory=set)

    def statements(self, sections: Sections, name: str) -> tuple[Statement, ...]:
        lines = sections.lines.get(name, [])
        checked = (self.statement(line, name) for line in lines)
        return tuple(statement for statement in checked if statement)[:_MAX_LINES]

    def statement(self, line: Line, section: str) -> Statement | None:
        """Return the line as it may be shown; None where nothing of it may."""
        is_free = section in _FREE
        ids = self.ids(line.cited)
        cited = [self.ground.folded(name) for name in ids]
        quoted = quotations.Quoted(self._without_bare_ids(line.text, cited))
        if not is_free:
            quoted = self._quoted(quoted.text, ids, section)
        # Last: what was taken out above may have held two harmless halves apart.
        text = " ".join(neutral(quoted.text, allowed=cited).split())[:_LINE_CHARS].strip()
        if not text or contains_secret(text):
            self.removed += bool(text)
            self.secrets += bool(text) and not is_free
            return None
        if is_free:
            return Statement(text, ids)
        return Statement(text, ids, quoted.is_misquoted or not ids, self._unverified(text, ids))

    def ids(self, cited: Iterable[str]) -> tuple[str, ...]:
        named = tuple(cited)
        known = tuple(name for name in named if name in self.ground)
        self.cited += len(named)
        self.unknown += len(named) - len(known)
        self.removed += len(named) - len(known)
        return known

    def _without_bare_ids(self, text: str, cited: Sequence[str]) -> str:
        def judge(found: re.Match[str]) -> str:
            if any(found.group() in item for item in cited):
                return found.group()
            self.removed += found.group() not in self.ground
            return ""

        return " ".join(_BARE_ID.sub(judge, text).split())

    def _quoted(self, text: str, ids: Sequence[str], section: str) -> quotations.Quoted:
        quoted = quotations.check(text, [self.ground.plain(name) for name in ids])
        self.removed += quoted.removed
        if quoted.is_misquoted:
            self.misquoted.add(section)
        return quoted

    def _unverified(self, text: str, ids: Sequence[str]) -> tuple[str, ...]:
        # Where nothing is cited, that is what is said of the line.
        return unverified(text, ids, self.ground) if ids else names(text, self.ground)[:MOST]


def check(text: str, rules: Report, judge: Judge, ground: Ground | None = None) -> Report | None:
    """Return the checked report of an answer, whether it may stand or not; see `examine`."""
    return examine(text, rules, judge, ground).report


def examine(text: str, rules: Report, judge: Judge, ground: Ground | None = None) -> Examined:
    """Check a whole or partial answer against `ground`, by default all evidence of the rules."""
    sections = parse(text)
    checker = Checker(ground or Ground(rules.evidence))
    causes = checker.statements(sections, "cause")
    report = _report(sections, checker, causes, rules, judge) if causes else None
    return Examined(report, objection(text, sections, report, checker, rules))


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
    )
    return replace(report, removed=checker.removed)


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
    lines = sections.lines.get("timeline", [])
    worded = [(checker.ids(line.cited), line) for line in lines]
    chosen = [name for ids, _ in worded for name in ids]
    if not chosen:
        return rules.timeline
    words = {
        ids[0]: said for ids, line in worded if len(ids) == 1 and (said := _said(line, checker))
    }
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

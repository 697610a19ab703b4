"""A report in Markdown, the cause and how sure first; each line with the evidence it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.analysis.precedents import Advice, SeenBefore
from bot.analysis.report import Report, Statement, TimelineEntry, Verdict
from bot.slack.permalinks import is_permalink

_SLACK_BOLD = re.compile(r"(?<![\w*\\])\*([^\s*](?:[^*\n]{0,200}[^\s*])?)\*(?![\w*])")
_SLACK_QUOTE = re.compile(r"(?:(?<=: )|^)> ")
_HEADLINES = {
    Verdict.CAUSE: "Likely cause",
    Verdict.NO_INCIDENT: "No incident",
    Verdict.UNCLEAR: "Cause not established",
}


def report_markdown(report: Report) -> str:
    """Return the whole report."""
    return "\n".join(report_units(report))


def links_of(report: Report) -> frozenset[str]:
    """Return the addresses that a report may link to: its evidence, and threads seen before."""
    earlier = (past.link for past in report.precedents.incidents if is_permalink(past.link))
    return frozenset([*(item.permalink for item in report.evidence if item.permalink), *earlier])


def headline(report: Report) -> str:
    """Return the verdict and how sure it is, in words."""
    return f"{headword(report.verdict)} ({report.confidence.value})"


def headword(verdict: Verdict) -> str:
    """Return a verdict in words."""
    return _HEADLINES[verdict]


def clock_time(at: float) -> str:
    """Return a moment as UTC HH:MM:SS."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def report_units(report: Report) -> list[str]:
    """Return the report in pieces that must not be torn apart: lines, and quoted lines as one."""
    links = {item.id: item.permalink for item in report.evidence}
    units = [f"**{headline(report)}:** {statement_line(report.cause, links)}"]
    if report.quotes:
        units.append("```\n" + "\n".join(report.quotes) + "\n```")
    units += _section("What is going on", _lines(report.summary, links))
    units += _section("What changed", _lines(report.changes, links))
    units += _section("What to check next", _lines(report.next_checks, links))
    units += _section("Seen before", map(_seen, report.precedents.incidents))
    units += _section("Runbooks", map(_advised, report.precedents.runbooks))
    units += _section(_timeline_title(report.timeline), moments(report.timeline, links))
    units += _section("Other explanations", _lines(_others(report), links))
    units += _section("What is missing", _lines(report.gaps, links))
    return units


def _section(title: str, lines: Iterable[str]) -> list[str]:
    items = list(lines)
    return ["", f"### {title}", *items] if items else []


def _others(report: Report) -> tuple[Statement, ...]:
    """Leave out what the rules rest their cause on: it is told above."""
    if report.source != "rules":
        return report.hypotheses
    told = set(report.cause.evidence)
    return tuple(other for other in report.hypotheses if not told.issuperset(other.evidence))


def _lines(statements: Sequence[Statement], links: Mapping[str, str]) -> Iterator[str]:
    return (f"- {statement_line(statement, links)}" for statement in statements)


def _seen(past: SeenBefore) -> str:
    date = datetime.fromtimestamp(past.at, UTC).date().isoformat()
    said = "no incident" if past.no_incident else "the cause then"
    thread = f" [thread]({past.link})" if past.link else ""
    return f"- {date}{thread}, marked as {said}: {_one_line(past.cause)} ({past.reason})"


def _advised(advice: Advice) -> str:
    return f"- `{advice.file}`, {_one_line(advice.heading)} ({advice.reason})"


def _timeline_title(timeline: Sequence[TimelineEntry]) -> str:
    days = sorted({datetime.fromtimestamp(entry.at, UTC).date().isoformat() for entry in timeline})
    return f"Timeline (UTC, {' to '.join(dict.fromkeys([*days[:1], *days[-1:]]))})"


def moments(timeline: Sequence[TimelineEntry], links: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each moment; `links` are the addresses of the evidence by its id."""
    for entry in timeline:
        cited = citations(entry.evidence, links)
        yield f"- {clock_time(entry.at)} {_said(entry.text)}{cited}"


def statement_line(statement: Statement, links: Mapping[str, str]) -> str:
    """Return a statement in one line, each of its ids linked where it has an address."""
    marks = " (no evidence)" if statement.unsupported else ""
    if statement.unverified:
        marks += f" (not in the cited evidence: {', '.join(statement.unverified)})"
    return f"{_one_line(statement.text)}{citations(statement.evidence, links)}{marks}"


def citations(ids: Sequence[str], links: Mapping[str, str]) -> str:
    """Return ids in brackets, each after a space."""
    return "".join(f" [{id_}]({links[id_]})" if links.get(id_) else f" [{id_}]" for id_ in ids)


def _said(text: str) -> str:
    # Said in Slack, where one asterisk is bold and a quotation begins its line.
    return _SLACK_BOLD.sub(r"**\1**", _SLACK_QUOTE.sub("", _one_line(text)))


def _one_line(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text).strip()

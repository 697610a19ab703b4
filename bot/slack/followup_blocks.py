"""A short answer in an answered thread: to a question, or what moved since. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from bot.analysis.delta import Delta, Move, Moved
from bot.analysis.followup import Previous
from bot.analysis.report import Report, Statement
from bot.slack.blocks import Footer, closing, plain
from bot.slack.outgoing import TEXT_LIMIT, clip
from bot.slack.rendered import Rendered
from bot.slack.report_markdown import (
    citations,
    headline,
    headword,
    moments,
    statement_line,
)

_MOST_LINES = 6
_MARKS = {
    Move.APPEARED: "New",
    Move.ROSE: "More likely",
    Move.FELL: "Less likely",
    Move.STRENGTHENED: "Strengthened",
    Move.RULED_OUT: "Ruled out",
    Move.DROPPED: "No longer among the first",
}
_BY = {Move.RULED_OUT: "by", Move.ROSE: "with", Move.STRENGTHENED: "by", Move.APPEARED: "from"}
_WHOLE = "Say *full* for the whole report."


def short_answer(markdown: str, footer: Footer, run_id: str) -> Rendered:
    """Return an answer that fits one message, with the same buttons as a whole one."""
    first = next((line for line in markdown.splitlines() if line.strip()), "")
    blocks = ({"type": "markdown", "text": markdown}, *closing(footer, run_id))
    return Rendered(clip(plain(first.removeprefix("- ")), TEXT_LIMIT), blocks)


def reply_markdown(report: Report, *, draft: bool = False) -> str:
    """Return the lines of a short report that answer, at most eight.

    Where there is none it is the cause; but nothing for a draft, whose lines are yet to come.
    """
    links = _links(report)
    # The gaps in the reading stand in the footer, under every answer.
    read = {gap.casefold() for gap in report.coverage.gaps}
    gaps = [gap for gap in report.gaps if gap.text.casefold() not in read]
    told = [statement_line(one, links) for one in [*report.summary[:_MOST_LINES], *gaps[:2]]]
    if not told and not draft:
        told = [statement_line(report.cause, links)]
    return told[0] if len(told) == 1 else "\n".join(f"- {line}" for line in told)


def change_markdown(moved: Delta, previous: Previous, report: Report, now: float) -> str:
    """Return what moved, the cause first; `report` holds the evidence that is linked."""
    links = _links(report)
    since = f"the analysis of {_moment(previous.at, now)}"
    if moved.is_empty:
        cause = f"{headline(report)}, as before: {statement_line(report.cause, links)}"
        return f"**Nothing new since {since}.** {cause} {_WHOLE}"
    lines = [f"**Since {since}: {_counts(moved)}.**", "", *_cause(moved, links)]
    lines += _section("What is new", [f"- {statement_line(one, links)}" for one in moved.news])
    lines += _section("What moved", [_moved(one, links) for one in moved.moved])
    lines += _section("New in the timeline (UTC)", list(moments(moved.moments, links)))
    return "\n".join([*lines, "", _WHOLE])


def _moment(at: float, now: float) -> str:
    then, today = (datetime.fromtimestamp(seconds, UTC) for seconds in (at, now))
    return f"{then:%H:%M} UTC" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M} UTC"


def _counts(moved: Delta) -> str:
    parts = []
    if moved.messages:
        parts.append(f"{moved.messages} new message{'' if moved.messages == 1 else 's'}")
    if moved.log_lines:
        parts.append(f"{moved.log_lines:,} new log line{'' if moved.log_lines == 1 else 's'}")
    if moved.gone:
        parts.append(f"{moved.gone} item{'' if moved.gone == 1 else 's'} no longer there")
    if not parts:
        return "the same evidence, read anew"
    return ", ".join(parts) + ("" if moved.news else ", none that says more of the cause")


def _cause(moved: Delta, links: Mapping[str, str]) -> Iterator[str]:
    state = _was(headword(moved.verdict[0]), headword(moved.verdict[1]))
    sure = _was(moved.confidence[0].value, moved.confidence[1].value)
    now = statement_line(moved.cause, links)
    if moved.cause_before is None:
        yield f"**{state} ({sure}), unchanged:** {now}"
        return
    yield f"**{state} ({sure}), changed:** {now}"
    yield f"- Before: {statement_line(moved.cause_before, links)}"
    if moved.sources[0] != moved.sources[1]:
        yield _other_hands(moved.sources)


def _other_hands(sources: tuple[str, str]) -> str:
    who = {"model": "a model", "rules": "rules"}
    return f"- That answer came from {who[sources[0]]}, this one from {who[sources[1]]}."


def _was(before: str, now: str) -> str:
    return now if before == now else f"{before} → {now}"


def _moved(one: Moved, links: Mapping[str, str]) -> str:
    by = citations(one.by, links) if one.by and one.move in _BY else ""
    why = f" {_BY[one.move]}{by}" if by else ""
    own = Statement(one.statement.text, tuple(i for i in one.statement.evidence if i not in one.by))
    return f"- *{_MARKS[one.move]}{why}:* {statement_line(own, links)}"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"### {title}", *lines)


def _links(report: Report) -> dict[str, str]:
    return {item.id: item.permalink for item in report.evidence}

"""Pure: what a run says, as Block Kit. Nothing here is sanitised yet; the gateway does that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bot.analysis.evidence import Evidence
from bot.analysis.report import Report, Statement, TimelineEntry
from bot.slack.cause_view import CAUSE_ACTION
from bot.slack.health_blocks import health
from bot.slack.mrkdwn import defuse_markdown, escape
from bot.slack.outgoing import MARKDOWN_LIMIT, TEXT_LIMIT, VIEW_BLOCKS, clip
from bot.slack.rendered import Rendered, button, context, row, section
from bot.slack.report_markdown import (
    clock_time,
    headline,
    links_of,
    report_markdown,
    report_units,
)

__all__ = [
    "CAUSE_ACTION",
    "EVIDENCE_ACTION",
    "STOP_ACTION",
    "TIMELINE_ACTION",
    "TRAIL_ACTION",
    "Footer",
    "Rendered",
    "answer",
    "evidence_view",
    "failed",
    "footer_text",
    "health",
    "links_of",
    "progress",
    "report_markdown",
    "stopped",
]

STOP_ACTION = "rca_stop"
EVIDENCE_ACTION = "rca_evidence"
TIMELINE_ACTION = "rca_timeline"
TRAIL_ACTION = "rca_trail"

Wording = Callable[[Report], str]
"""What is shown of a draft, as Markdown; nothing where it is empty."""

_STAGES_SHOWN = 8
_EXCERPT = 2_800


@dataclass(frozen=True, slots=True)
class Footer:
    """Who answered and what it took.

    `failover` says why others did not ("anthropic is overloaded"), `coverage` what was read,
    `note` anything else that a reader must know. Times are seconds; None is "not told".
    `estimated` tokens are our guess, `wasted` ones brought no answer, and `cache_age` is how old
    an answer from the cache is.
    """

    provider: str
    model: str
    failover: str = ""
    seconds: float | None = None
    time_to_first_token: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    estimated: bool = False
    cost_usd: float | None = None
    wasted_usd: float = 0.0
    wasted_tokens: int = 0
    wasted_estimated: bool = False
    cache_age: float | None = None
    coverage: str = ""
    note: str = ""


def footer_text(footer: Footer) -> str:
    """Return the footer in one line of plain words."""
    return " · ".join(part for part in _footer_parts(footer) if part)


def _footer_parts(footer: Footer) -> Iterator[str]:
    yield f"Answered by {' '.join(part for part in (footer.provider, footer.model) if part)}"
    if footer.cache_age is not None:
        yield f"from the cache, {footer.cache_age:.0f} s old"
    yield footer.failover
    if footer.seconds is not None:
        first = footer.time_to_first_token
        yield f"{footer.seconds:.1f} s" + (f" (first token {first:.1f} s)" if first else "")
    if footer.cache_age is None:
        yield from _spent(footer)
    yield footer.coverage
    yield footer.note


def _spent(footer: Footer) -> Iterator[str]:
    tokens = (footer.prompt_tokens, footer.completion_tokens)
    if any(count is not None for count in tokens):
        asked, answered = ("?" if count is None else f"{count:,}" for count in tokens)
        yield f"{'about ' if footer.estimated else ''}{asked} tokens in, {answered} out"
        in_all = " in all" if footer.wasted_usd else ""
        yield "cost not known" if footer.cost_usd is None else f"${footer.cost_usd:.4f}{in_all}"
    if footer.wasted_tokens or footer.wasted_usd:
        cost = f" (${footer.wasted_usd:.4f})" if footer.wasted_usd else ""
        about = "about " if footer.wasted_estimated else ""
        yield f"{about}{footer.wasted_tokens:,} tokens{cost} brought no answer"


def progress(
    stages: Sequence[str], draft: Report | None, run_id: str, worded: Wording = report_markdown
) -> Rendered:
    """Return a run under way: what it is doing, what it has so far, and a way to stop it."""
    shown = [escape(stage) for stage in stages[-_STAGES_SHOWN:]]
    lines = [*(f":white_check_mark: Done: {line}" for line in shown[:-1])]
    lines += [f":hourglass_flowing_sand: Now: {line}" for line in shown[-1:]]
    blocks: list[dict[str, Any]] = [section("\n".join(lines) or "Starting")]
    if draft is not None and (text := worded(draft)):
        blocks += [{"type": "markdown", "text": text}, context("Draft")]
    blocks.append(row(button("Stop", STOP_ACTION, run_id, style="danger")))
    return Rendered(f"Analysing: {shown[-1] if shown else 'starting'}", tuple(blocks))


def answer(report: Report, footer: Footer, run_id: str) -> list[Rendered]:
    """Return the answer: the first message, then what did not fit into it."""
    first, *rest = _parts(report)
    blocks = [{"type": "markdown", "text": first}, *closing(footer, run_id)]
    messages = [Rendered(_summary(report), tuple(blocks))]
    for part in rest:
        text = f"Continued: {plain(part)}"
        messages.append(Rendered(clip(text, TEXT_LIMIT), ({"type": "markdown", "text": part},)))
    return messages


def closing(footer: Footer, run_id: str) -> list[dict[str, Any]]:
    """Return what every answer ends with: the buttons that show more, and the footer."""
    return [
        row(
            button("Evidence", EVIDENCE_ACTION, run_id),
            button("How it was answered", TRAIL_ACTION, run_id),
            button("Timeline", TIMELINE_ACTION, run_id),
            button("Mark the actual cause", CAUSE_ACTION, run_id),
        ),
        context(clip(escape(footer_text(footer)), 2_900)),
    ]


def stopped(
    why: str, draft: Report | None, run_id: str, worded: Wording = report_markdown
) -> Rendered:
    """Return a run that was ended before its answer, with what was found until then."""
    words = escape(why)
    blocks: list[dict[str, Any]] = [section(f":black_square_for_stop: {words}")]
    if draft is not None and (text := worded(draft)):
        blocks.append({"type": "markdown", "text": text})
    blocks.append(context(f"Not finished · run {escape(run_id)}"))
    return Rendered(words, tuple(blocks))


def failed(text: str) -> Rendered:
    """Return a sentence that says what went wrong and what to do; `text` is plain."""
    words = escape(text)
    return Rendered(words, (section(f":warning: {words}"),))


def evidence_view(report: Report) -> dict[str, Any]:
    """Return a modal with the numbered evidence; it says how many items did not fit."""
    shown = _most_wanted(report, VIEW_BLOCKS - 1)
    blocks = [_evidence_block(item) for item in shown]
    left = len(report.evidence) - len(shown)
    if left:
        blocks.append(context(f"{left} more items were read, and are not shown here."))
    if not report.evidence:
        blocks.append(section("Nothing was read that could be evidence."))
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Evidence"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }


def _most_wanted(report: Report, room: int) -> list[Evidence]:
    cited = {id_ for entry in _entries(report) for id_ in entry.evidence}
    ranked = sorted(
        enumerate(report.evidence), key=lambda pair: (pair[1].id not in cited, -pair[1].score)
    )
    return [item for _, item in sorted(ranked[:room], key=lambda pair: pair[0])]


def _entries(report: Report) -> Iterator[Statement | TimelineEntry]:
    yield report.cause
    for part in (report.summary, report.changes, report.hypotheses, report.next_checks):
        yield from part
    yield from report.timeline


def _evidence_block(item: Evidence) -> dict[str, Any]:
    # Rich text: nothing in it is read as a mention or a link, whatever a log line says.
    when = f"{clock_time(item.at)} UTC, " if item.at is not None else ""
    source = "" if item.source == "message" else f", in {item.source}"
    often = f", {item.count} times" if item.count > 1 else ""
    head: list[dict[str, Any]] = [
        {"type": "text", "text": item.id, "style": {"bold": True}},
        {"type": "text", "text": f"  {when}{item.author}{source}{often}  "},
    ]
    if item.permalink:
        head.append({"type": "link", "url": item.permalink, "text": "open the message"})
    excerpt = item.text if len(item.text) <= _EXCERPT else item.text[:_EXCERPT] + "…"
    body = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": excerpt}]}
    elements = [{"type": "rich_text_section", "elements": head}, *([body] if excerpt else [])]
    return {"type": "rich_text", "elements": elements}


def _parts(report: Report) -> list[str]:
    """Split a report between its lines, so that each part fits a message once it is defused."""
    units = report_units(report)
    links = links_of(report)
    sizes = [len(defuse_markdown(unit, links)) + 1 for unit in units]
    starts = [0]
    used = 0
    for number, size in enumerate(sizes):
        if used and used + size > MARKDOWN_LIMIT:
            starts.append(number)
            used = 0
        used += size
    return ["\n".join(units[a:b]).strip("\n") for a, b in pairwise([*starts, len(units)])]


def _summary(report: Report) -> str:
    return clip(f"{headline(report)}: {plain(report.cause.text)}", TEXT_LIMIT)


def plain(markdown: str) -> str:
    """Return Markdown as escaped text without markup, for what cannot show it."""
    return escape(re.sub(r"\]\([^)\s]*\)|[*`#\[\]]", "", markdown)).strip()

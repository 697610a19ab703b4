"""Short answers: one message, the buttons of every answer, links to the evidence alone."""

from __future__ import annotations

from dataclasses import replace

from bot.analysis.delta import Delta, Move, Moved
from bot.analysis.evidence import Evidence
from bot.analysis.followup import Previous
from bot.analysis.precedents import Precedents, SeenBefore
from bot.analysis.report import Confidence, Coverage, Report, Statement, TimelineEntry, Verdict
from bot.slack.blocks import Footer
from bot.slack.followup_blocks import change_markdown, reply_markdown, short_answer
from bot.slack.report_markdown import links_of, report_markdown
from bot.workspace.blocks import checked_blocks

NOON = 1767268800.0
LINK = "https://acme.slack.com/archives/C1/p1767268800000000"
CAUSE = Statement("The pool is too small", ("E1",))
REPORT = Report(
    Verdict.CAUSE,
    CAUSE,
    Confidence.SUPPORTED,
    evidence=(
        Evidence("E1", "pool size 5", "ann", at=NOON, permalink=LINK),
        Evidence("E2", "it is the job", "ben"),
    ),
    coverage=Coverage(gaps=("a.log: the first 700 kB were read",)),
)
PREVIOUS = Previous(REPORT, NOON + 120)
FOOTER = Footer("rules, without a model", "", coverage="read 2 of 2 messages")


def change(**more: object) -> Delta:
    same: dict[str, object] = {
        "messages": 0,
        "log_lines": 0,
        "news": (),
        "gone": 0,
        "cause": CAUSE,
        "cause_before": None,
        "verdict": (Verdict.CAUSE, Verdict.CAUSE),
        "confidence": (Confidence.PLAUSIBLE, Confidence.PLAUSIBLE),
        "moved": (),
        "moments": (),
        "sources": ("rules", "rules"),
    }
    return Delta(**(same | more))  # type: ignore[arg-type]


def test_nothing_new_is_one_line():
    text = change_markdown(change(), PREVIOUS, REPORT, NOON + 300)
    assert text == (
        "**Nothing new since the analysis of 12:02 UTC.** Likely cause (supported), as before: "
        f"The pool is too small [E1]({LINK}) Say *full* for the whole report."
    )


def test_an_analysis_of_another_day_is_told_with_its_day():
    text = change_markdown(change(), PREVIOUS, REPORT, NOON + 86_400)
    assert "since the analysis of 2026-01-01 12:02 UTC" in text


def test_what_moved_is_told_in_the_order_in_which_it_matters():
    text = change_markdown(
        change(
            messages=2,
            log_lines=1_200,
            gone=1,
            news=(Statement("12:03:00 ben: it is the job", ("E2",)),),
            cause=Statement("The job holds all connections", ("E2",)),
            cause_before=CAUSE,
            confidence=(Confidence.PLAUSIBLE, Confidence.SUPPORTED),
            moved=(
                Moved(Statement("The job", ("E2",)), Move.APPEARED, ("E2",)),
                Moved(CAUSE, Move.RULED_OUT, ("E2",)),
                Moved(Statement("a leak"), Move.DROPPED),
            ),
            moments=(TimelineEntry(NOON, "ann: pool size 5", ("E1",)),),
            sources=("model", "rules"),
        ),
        PREVIOUS,
        REPORT,
        NOON,
    )
    assert text.splitlines() == [
        "**Since the analysis of 12:02 UTC: 2 new messages, 1,200 new log lines, "
        "1 item no longer there.**",
        "",
        "**Likely cause (plausible → supported), changed:** The job holds all connections [E2]",
        f"- Before: The pool is too small [E1]({LINK})",
        "- That answer came from a model, this one from rules.",
        "",
        "### What is new",
        "- 12:03:00 ben: it is the job [E2]",
        "",
        "### What moved",
        "- *New from [E2]:* The job",
        f"- *Ruled out by [E2]:* The pool is too small [E1]({LINK})",
        "- *No longer among the first:* a leak",
        "",
        "### New in the timeline (UTC)",
        f"- 12:00:00 ann: pool size 5 [E1]({LINK})",
        "",
        "Say *full* for the whole report.",
    ]


def test_new_messages_that_say_nothing_are_said_to_be_so():
    text = change_markdown(change(messages=1), PREVIOUS, REPORT, NOON)
    assert "1 new message, none that says more of the cause.**" in text
    anew = change_markdown(
        change(verdict=(Verdict.CAUSE, Verdict.NO_INCIDENT)), PREVIOUS, REPORT, NOON
    )
    assert "the same evidence, read anew" in anew
    assert "Likely cause → No incident" in anew


def test_a_reply_is_its_lines_and_what_is_missing_of_it():
    lines = (Statement("a", ("E1",)), Statement("b", unsupported=True))
    gaps = (Statement("No metrics of it."), Statement("a.log: the first 700 kB were read"))
    asked = Report(
        Verdict.CAUSE,
        CAUSE,
        Confidence.SUPPORTED,
        summary=lines,
        gaps=gaps,
        evidence=REPORT.evidence,
        coverage=REPORT.coverage,
    )
    assert reply_markdown(asked).splitlines() == [
        f"- a [E1]({LINK})",
        "- b (no evidence)",
        "- No metrics of it.",
    ]


def test_a_reply_without_a_line_is_the_cause_but_not_while_it_is_written():
    assert reply_markdown(REPORT) == f"The pool is too small [E1]({LINK})"
    assert reply_markdown(REPORT, draft=True) == ""


def test_short_answers_tell_nothing_again_of_what_was_seen_before():
    past = Precedents((SeenBefore(NOON, "The relay was full", "shares `a-b`"),))
    report = replace(REPORT, precedents=past)
    assert "The relay was full" in report_markdown(report)
    assert reply_markdown(report) == reply_markdown(REPORT)
    moved = change(messages=1)
    assert "The relay was full" not in change_markdown(moved, PREVIOUS, report, NOON + 300)


def test_a_short_answer_is_a_message_with_the_buttons_of_every_answer():
    shown = short_answer(f"- first <@U1> [E1]({LINK})\n- second", FOOTER, "run-1")
    assert shown.text == "first &lt;@U1&gt; E1"
    checked_blocks(list(shown.blocks))
    markdown, buttons, footer = shown.blocks
    assert markdown["text"].startswith("- first")
    assert [element["value"] for element in buttons["elements"]] == ["run-1"] * 4
    assert "read 2 of 2 messages" in str(footer)
    assert links_of(REPORT) == {LINK}

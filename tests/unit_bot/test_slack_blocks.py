"""What a run says: valid blocks, real fallback texts, links to the evidence only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.analysis.evidence import Evidence
from bot.analysis.precedents import Advice, Precedents, SeenBefore
from bot.analysis.report import (
    Confidence,
    Coverage,
    Report,
    Statement,
    TimelineEntry,
    Verdict,
)
from bot.health import HealthReport, ProviderRow
from bot.slack.blocks import (
    EVIDENCE_ACTION,
    STOP_ACTION,
    Footer,
    answer,
    evidence_view,
    failed,
    footer_text,
    health,
    links_of,
    progress,
    report_markdown,
    stopped,
)
from bot.slack.outgoing import MARKDOWN_LIMIT, AllowedLinks, safe_blocks, safe_text

BASE = "https://acme.slack.com/archives/C1"
EVIDENCE = (
    Evidence(
        "E1", "deploy 42 started", "Sam", at=1_700_000_000, permalink=f"{BASE}/p1700000000000000"
    ),
    Evidence("E2", "OOMKilled <!channel>", "log", source="app.log", at=1_700_000_060, count=7),
)
REPORT = Report(
    verdict=Verdict.CAUSE,
    cause=Statement("Deploy 42 lowered the `memory` limit", ("E1", "E2")),
    confidence=Confidence.SUPPORTED,
    summary=(
        Statement("Checkout\nis down", ("E2",)),
        Statement("Nobody is hurt", unsupported=True),
    ),
    changes=(Statement("Deploy 42", ("E1",)),),
    timeline=(
        TimelineEntry(1_700_000_000, "deploy starts", ("E1",)),
        TimelineEntry(1_700_086_400, "still down"),
    ),
    hypotheses=(Statement("A leak", ("E9",)),),
    next_checks=(Statement("Look at the limit"),),
    gaps=(Statement("No metrics"),),
    quotes=("OOMKilled <!channel>",),
    evidence=EVIDENCE,
    coverage=Coverage(messages_read=2, messages_total=2),
)
FOOTER = Footer(
    provider="openai",
    model="gpt-x",
    failover="anthropic is overloaded",
    seconds=12.34,
    time_to_first_token=0.8,
    prompt_tokens=12_000,
    completion_tokens=None,
    cost_usd=0.0123,
    coverage="read 2 of 2 messages",
    note="draft only",
)


def assert_valid(blocks: Sequence[dict[str, Any]], report: Report | None = None) -> None:
    """Check what Slack would be sent: the blocks behind the gate."""
    links = AllowedLinks(links_of(report) if report else frozenset())
    for block in Block.parse_all(safe_blocks(list(blocks), links, 45)):
        block.validate_json()


def long_report(lines: int) -> Report:
    statements = tuple(Statement(f"line {n} " + "<x> " * 20, ("E1",)) for n in range(lines))
    return Report(
        Verdict.UNCLEAR,
        Statement("?"),
        Confidence.INSUFFICIENT,
        statements,
        evidence=EVIDENCE,
    )


def test_the_report_leads_with_the_cause_and_links_its_evidence() -> None:
    markdown = report_markdown(REPORT)
    first = f"[E1]({BASE}/p1700000000000000)"
    assert markdown.splitlines()[0] == (
        f"**Likely cause (supported):** Deploy 42 lowered the `memory` limit {first} [E2]"
    )
    assert "- Checkout is down [E2]" in markdown
    assert "- Nobody is hurt (no evidence)" in markdown
    assert "### Timeline (UTC, 2023-11-14 to 2023-11-15)" in markdown
    assert f"- 22:13:20 deploy starts {first}" in markdown
    assert "- A leak [E9]" in markdown
    assert "```\nOOMKilled <!channel>\n```" in markdown
    titles = re.findall(r"^### (.*)$", markdown, re.MULTILINE)
    assert [title.partition(" (")[0] for title in titles] == [
        "What is going on",
        "What changed",
        "What to check next",
        "Timeline",
        "Other explanations",
        "What is missing",
    ]


@pytest.mark.parametrize(
    ("verdict", "words"),
    [(Verdict.NO_INCIDENT, "No incident"), (Verdict.UNCLEAR, "Cause not established")],
)
def test_a_report_without_a_cause_says_so(verdict: Verdict, words: str) -> None:
    report = Report(verdict, Statement("All is well"), Confidence.PLAUSIBLE)
    assert report_markdown(report) == f"**{words} (plausible):** All is well"


def test_an_answer_has_the_report_the_evidence_and_the_footer() -> None:
    (message,) = answer(REPORT, FOOTER, "run-1")
    assert_valid(message.blocks, REPORT)
    kinds = [block["type"] for block in message.blocks]
    assert kinds == ["markdown", "actions", "context"]
    button = message.blocks[1]["elements"][0]
    assert (button["action_id"], button["value"]) == (EVIDENCE_ACTION, "run-1")
    assert message.text == "Likely cause (supported): Deploy 42 lowered the memory limit"


THREAD = f"{BASE}/p1600000000000000"
PRECEDENTS = Precedents(
    (
        SeenBefore(1_600_000_000, "The limit\nwas *lowered*", "shares `a-b`", THREAD),
        SeenBefore(1_500_000_000, "A drill", "shares `c-d`", no_incident=True),
        SeenBefore(1_400_000_000, "Odd", "shares `e-f`", "https://evil.example/archives/x"),
    ),
    (Advice("ops/memory.md", "Raise the limit", "text", "shares `a-b`"),),
)


def test_what_was_seen_before_stands_below_the_next_checks_with_its_thread() -> None:
    report = replace(REPORT, precedents=PRECEDENTS)
    (message,) = answer(report, FOOTER, "run-1")
    assert_valid(message.blocks, report)
    sent = safe_blocks(list(message.blocks), AllowedLinks(links_of(report)), 45)[0]["text"]
    below = sent.partition("### What to check next")[2].partition("### Timeline")[0]
    assert below.splitlines()[3:] == [
        "### Seen before",
        f"- 2020-09-13 [thread]({THREAD}), marked as the cause then: The limit was *lowered* "
        "(shares `a-b`)",
        "- 2017-07-14, marked as no incident: A drill (shares `c-d`)",
        "- 2014-05-13 thread `https://evil.example/archives/x`, marked as the cause then: Odd "
        "(shares `e-f`)",
        "",
        "### Runbooks",
        "- `ops/memory.md`, Raise the limit (shares `a-b`)",
        "",
    ]


def test_only_a_thread_of_slack_is_a_link() -> None:
    links = links_of(replace(REPORT, precedents=PRECEDENTS))
    assert links - links_of(REPORT) == {THREAD}


def test_the_buttons_under_an_answer() -> None:
    (message,) = answer(REPORT, FOOTER, "run-1")
    buttons = [(b["text"]["text"], b["value"]) for b in message.blocks[1]["elements"]]
    assert buttons == [
        ("Evidence", "run-1"),
        ("How it was answered", "run-1"),
        ("Timeline", "run-1"),
        ("Mark the actual cause", "run-1"),
    ]


def test_the_quoted_line_does_not_ping() -> None:
    (message,) = answer(REPORT, FOOTER, "run-1")
    sent = safe_blocks(list(message.blocks), AllowedLinks(links_of(REPORT)), 45)
    assert "<!channel>" not in str(sent)
    assert f"]({BASE}/p1700000000000000)" in sent[0]["text"]


def test_a_long_answer_goes_on_in_replies() -> None:
    report = long_report(300)
    messages = answer(report, FOOTER, "run-1")
    assert len(messages) > 1
    links = AllowedLinks(links_of(report))
    for message in messages:
        assert_valid(message.blocks, report)
        assert 0 < len(safe_text(message.text, links)) <= 3_000
        sent = safe_blocks(list(message.blocks), links, 45)[0]["text"]
        assert len(sent) <= MARKDOWN_LIMIT
        assert not sent.endswith("…")
    together = "\n".join(message.blocks[0]["text"] for message in messages)
    assert [f"line {n} " in together for n in range(300)] == [True] * 300


def test_a_run_under_way_shows_what_it_does_and_can_be_stopped() -> None:
    rendered = progress(["read 3 messages", "asking <anthropic>"], REPORT, "run-1")
    assert_valid(rendered.blocks, REPORT)
    assert rendered.text == "Analysing: asking &lt;anthropic&gt;"
    section, draft, _, actions = rendered.blocks
    assert section["text"]["text"].splitlines() == [
        ":white_check_mark: Done: read 3 messages",
        ":hourglass_flowing_sand: Now: asking &lt;anthropic&gt;",
    ]
    assert draft["text"].startswith("**Likely cause")
    assert (actions["elements"][0]["action_id"], actions["elements"][0]["value"]) == (
        STOP_ACTION,
        "run-1",
    )
    start = progress([], None, "run-1")
    assert_valid(start.blocks)
    assert start.text == "Analysing: starting"


def test_a_stopped_run_keeps_what_it_found() -> None:
    rendered = stopped("Stopped by Mika & Sam", REPORT, "run-1")
    assert_valid(rendered.blocks, REPORT)
    assert rendered.text == "Stopped by Mika &amp; Sam"
    assert any("Likely cause" in str(block) for block in rendered.blocks)
    assert_valid(stopped("Stopped", None, "run-1").blocks)


def test_a_failure_is_a_sentence() -> None:
    rendered = failed("Invite me with `/invite @rca`, then ask again.")
    assert_valid(rendered.blocks)
    assert "/invite" in rendered.text


@pytest.mark.parametrize(
    ("footer", "text"),
    [
        (
            FOOTER,
            "Answered by openai gpt-x · anthropic is overloaded · 12.3 s (first token 0.8 s) · "
            "12,000 tokens in, ? out · $0.0123 · read 2 of 2 messages · draft only",
        ),
        (Footer(provider="rules", model=""), "Answered by rules"),
        (
            Footer(
                provider="openai",
                model="gpt-x",
                prompt_tokens=1_000,
                completion_tokens=200,
                estimated=True,
                cost_usd=0.02,
                wasted_usd=0.001,
                wasted_tokens=120,
                wasted_estimated=True,
            ),
            "Answered by openai gpt-x · about 1,000 tokens in, 200 out · $0.0200 in all · "
            "about 120 tokens ($0.0010) brought no answer",
        ),
        (
            Footer(provider="rules, without a model", model="", wasted_tokens=15),
            "Answered by rules, without a model · 15 tokens brought no answer",
        ),
        (
            Footer(provider="vllm", model="m", seconds=0.1, prompt_tokens=0, cache_age=40.2),
            "Answered by vllm m · from the cache, 40 s old · 0.1 s",
        ),
        (Footer(provider="ollama", model="m", seconds=2), "Answered by ollama m · 2.0 s"),
    ],
)
def test_the_footer_says_who_and_what_it_took(footer: Footer, text: str) -> None:
    assert footer_text(footer) == text


def test_the_evidence_is_a_modal_with_a_link_to_each_message() -> None:
    view = evidence_view(REPORT)
    View(**view).validate_json()
    sent = safe_blocks(view["blocks"], AllowedLinks(frozenset()), 100)
    first, second = sent
    assert first["elements"][0]["elements"][0]["text"] == "E1"
    assert first["elements"][0]["elements"][2]["url"] == f"{BASE}/p1700000000000000"
    head = "".join(element["text"] for element in second["elements"][0]["elements"])
    assert head.strip() == "E2  22:14:20 UTC, log, in app.log, 7 times"
    assert second["elements"][1]["elements"][0]["text"] == "OOMKilled <!channel>"


def test_too_much_evidence_shows_what_is_cited_and_says_how_much_is_left() -> None:
    evidence = tuple(Evidence(f"E{n}", "x" * 5_000, "log") for n in range(1, 251))
    cause = Statement("?", ("E250",))
    report = Report(Verdict.CAUSE, cause, Confidence.PLAUSIBLE, evidence=evidence)
    view = evidence_view(report)
    blocks = view["blocks"]
    assert len(blocks) == 100
    assert blocks[98]["elements"][0]["elements"][0]["text"] == "E250"
    assert blocks[99]["elements"][0]["text"].startswith("151 more items")
    assert all(len(block["elements"][1]["elements"][0]["text"]) <= 3_000 for block in blocks[:99])


def test_no_evidence_is_said() -> None:
    view = evidence_view(Report(Verdict.UNCLEAR, Statement("?"), Confidence.INSUFFICIENT))
    assert "Nothing was read" in str(view["blocks"])


ROWS = (
    ProviderRow(
        name="anthropic",
        model="claude|x",
        state="healthy",
        breaker="closed",
        last_success_age=12,
        latency_median=2.04,
        latency_p95=4,
        time_to_first_token=0.6,
        errors={"rate_limited": 2},
        tokens_today=12_300,
        cost_today_usd=0.041,
    ),
    ProviderRow(
        name="openai",
        model="gpt",
        state="down",
        breaker="open",
        last_success_age=7_200,
        latency_median=1,
        tokens_today=900,
        wasted_tokens_today=300,
        wasted_cost_today_usd=0.02,
        breaker_cause="first_content_timeout",
        reopens_in=120.0,
        last_proved=1_700_000_000,
        notice="the model retires on <2026-11-30>",
    ),
    ProviderRow("ollama", "", "not configured", "closed"),
)


def test_health_says_everything_in_words() -> None:
    report = HealthReport(ROWS, "connected over Socket Mode", True, 2, 1_700_000_000, ("note",))
    rendered = health(report)
    assert_valid(rendered.blocks)
    table = rendered.blocks[1]["text"].splitlines()
    assert table[2] == (
        "| **anthropic** claude/x | :large_green_circle: healthy, breaker closed; errors: "
        "rate_limited 2 | last 12 s ago, median 2.0 s, p95 4.0 s, first token 0.6 s | "
        "12,300 tokens, $0.04 |"
    )
    assert table[3].endswith(
        "breaker open | last 2 h ago, median 1.0 s | 900 tokens, 300 of them ($0.02) wasted |"
    )
    assert ":white_circle: not configured, breaker closed | none yet |" in table[4]
    assert "OK: Slack connected over Socket Mode" in str(rendered.blocks[2])
    assert rendered.blocks[3]["text"]["text"].splitlines() == [
        "*anthropic*: never proved by a real answer",
        "*openai*: breaker open, first content timeout, for 2 min more · "
        "the model retires on &lt;2026-11-30&gt; · "
        "last proved by a real answer 2023-11-14 22:13 UTC",
    ]
    assert "As of 2023-11-14 22:13:20 UTC" in str(rendered.blocks[4])
    assert rendered.text == (
        "Health as of 2023-11-14 22:13:20 UTC: anthropic healthy, openai down, "
        "ollama not configured; Slack connected"
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("anna: I deployed *orders 2.14* at 10:02", "anna: I deployed **orders 2.14** at 10:02"),
        ("ben: > is it *the* database?", "ben: is it **the** database?"),
        ("SELECT * FROM orders WHERE a*b > 2*c", "SELECT * FROM orders WHERE a*b > 2*c"),
    ],
)
def test_a_timeline_shows_what_was_said_in_slack_as_slack_shows_it(said, shown) -> None:
    report = Report(
        verdict=Verdict.UNCLEAR,
        confidence=Confidence.INSUFFICIENT,
        cause=Statement("unknown"),
        timeline=(TimelineEntry(0.0, said, ("E1",)),),
    )
    assert f"- 00:00:00 {shown} [E1]" in report_markdown(report)


@pytest.mark.parametrize(
    ("cause", "reopens_in", "breaker", "said"),
    [
        ("by_hand", None, "open", "breaker open, taken out by hand, until it is put back · "),
        ("quota", 1_800.0, "open", "breaker open, quota, for 30 min more · "),
        ("overloaded", 0.0, "half-open", "breaker half-open after overloaded, the next question"),
        ("", 0.0, "closed", "never proved"),
    ],
)
def test_health_says_why_a_breaker_is_open(cause, reopens_in, breaker, said) -> None:
    row = ProviderRow("vllm", "m", "down", breaker, breaker_cause=cause, reopens_in=reopens_in)
    rendered = health(HealthReport((row,), "connected", True, 0, 0.0))
    assert rendered.blocks[3]["text"]["text"].startswith(f"*vllm*: {said}")


def test_each_provider_has_a_button_for_what_can_be_done_with_it() -> None:
    rows = (
        ProviderRow("vllm", "m", "healthy", "closed"),
        ProviderRow("openai", "m", "degraded", "open", breaker_cause="by_hand", reopens_in=None),
        ProviderRow("cohere", "m", "down", "open", breaker_cause="quota", reopens_in=60.0),
    )
    rendered = health(HealthReport(rows, "connected", True, 0, 0.0), controls=True)
    assert_valid(rendered.blocks)
    buttons = rendered.blocks[-2]["elements"]
    assert [(it["text"]["text"], it["action_id"], it["value"]) for it in buttons] == [
        ("Take vllm out", "rca_take_out_0", "vllm"),
        ("Put openai back", "rca_put_back_1", "openai"),
        ("Put cohere back", "rca_put_back_2", "cohere"),
        ("Take cohere out", "rca_take_out_2", "cohere"),
    ]
    told = health(HealthReport(rows, "connected", True, 0, 0.0))
    assert not [block for block in told.blocks if block["type"] == "actions"]


def test_health_of_many_providers_fits_a_message() -> None:
    rows = tuple(
        ProviderRow(f"vllm-{n}", "m" * 60, "down", "open", notice="x" * 2_000) for n in range(60)
    )
    rendered = health(HealthReport(rows, "connected", True, 0, 0.0), controls=True)
    assert_valid(rendered.blocks)
    assert len(rendered.blocks) <= 45
    sections = [it["text"]["text"] for it in rendered.blocks if it["type"] == "section"]
    assert all(len(text) <= 3_000 for text in sections)
    assert sum(text.count("*vllm-") for text in sections) == 60


def test_health_without_providers_or_slack() -> None:
    rendered = health(HealthReport((), "not connected", False, 0, 0.0))
    assert_valid(rendered.blocks)
    assert "rules alone" in rendered.blocks[1]["text"]
    assert rendered.text.endswith("no provider configured; Slack not connected")


def test_a_cost_that_is_not_known_is_said_so():
    told = footer_text(Footer("vllm", "m", prompt_tokens=10, completion_tokens=5))
    assert "10 tokens in, 5 out · cost not known" in told
    assert "cost" not in footer_text(Footer("rules", ""))

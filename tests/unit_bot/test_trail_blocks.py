"""The trail of an answer: every decision in its order, within Slack's limits."""

from __future__ import annotations

from slack_sdk.models.views import View

from bot.slack.outgoing import VIEW_BLOCKS, AllowedLinks, safe_blocks
from bot.slack.trail_blocks import trail_view
from providers.base import Attempt, Usage

FAILED = Attempt(
    "vllm",
    "small",
    "stream_interrupted",
    seconds=2.5,
    time_to_first_token=0.4,
    usage=Usage(100, 20, estimated=True),
    cost_usd=0.0,
    discarded_characters=80,
    phrase="broke off its answer",
    reason="first",
    longest_gap=1.5,
)
SKIPPED = Attempt("openai", "gpt", "breaker_open", phrase="failed too often", skipped=True)
ANSWERED = Attempt(
    "anthropic",
    "claude <&>",
    "ok",
    seconds=3.0,
    time_to_first_token=0.6,
    usage=Usage(1_000, 200),
    cost_usd=0.012,
    reason="next",
    waited=0.3,
)


def shown(*trail: Attempt, reason: str = "") -> list[str]:
    view = trail_view(trail, reason)
    View(**view).validate_json()
    return [
        block["text"]["text"] if block["type"] == "section" else block["elements"][0]["text"]
        for block in view["blocks"]
    ]


def test_each_decision_says_who_why_how_and_what_it_took() -> None:
    assert shown(FAILED, SKIPPED, ANSWERED) == [
        ":x: *vllm* small: broke off its answer\n"
        "the first of the chain · 2.5 s · first text after 0.4 s · longest pause 1.5 s · "
        "about 120 tokens · $0.0000 · 80 characters thrown away",
        ":fast_forward: *openai* gpt failed too often",
        ":white_check_mark: *anthropic* claude &lt;&amp;&gt;: answered\n"
        "the next of the chain · waited 0.3 s · 3.0 s · first text after 0.6 s · 1,200 tokens · "
        "$0.0120",
        "2 asked, 1 passed over · about 1,320 tokens, $0.0120 · "
        "of these about 120 tokens, $0.0000, brought no answer",
    ]


def test_an_answer_of_rules_says_so_and_why() -> None:
    assert shown() == ["Rules answered, without a model"]
    assert shown(reason="no model is configured") == [
        "Rules answered, without a model: no model is configured"
    ]
    skipped_and_why = shown(SKIPPED, reason="openai <failed>")
    assert skipped_and_why[1:] == ["Rules answered, without a model: openai &lt;failed&gt;"]


def test_what_a_model_said_in_vain_is_wasted() -> None:
    """Its text did not pass the check: it was paid for, and nobody got it."""
    *_, rules, sums = shown(ANSWERED, reason="the answer of anthropic did not pass the check")
    assert rules.endswith("did not pass the check")
    assert sums == (
        "1 asked, 0 passed over · 1,200 tokens, $0.0120 · "
        "of these 1,200 tokens, $0.0120, brought no answer"
    )


def test_a_long_trail_says_what_it_leaves_out() -> None:
    view = trail_view([SKIPPED] * 300)
    assert len(view["blocks"]) <= VIEW_BLOCKS
    assert "203 more are not shown" in str(view["blocks"])
    assert safe_blocks(view["blocks"], AllowedLinks(frozenset()), VIEW_BLOCKS)

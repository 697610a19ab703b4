"""The modal "Mark the actual cause": what Slack is sent, and what is made of what comes back."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.analysis.report import Confidence, Report, Statement, Verdict
from bot.analysis.similar import Marked
from bot.slack.cause_view import CAUSE_VIEW, cause_view, errors, submitted
from bot.slack.outgoing import VIEW_BLOCKS, AllowedLinks, safe_blocks
from bot.workspace.modals import checked_view

SAID = "The pool of `orders-db` ran dry"


def report(verdict: Verdict = Verdict.CAUSE, said: str = SAID) -> Report:
    return Report(verdict, Statement(said), Confidence.PLAUSIBLE)


def filled(cause: Any, option: Any = None) -> dict[str, Any]:
    values = {
        "cause": {"cause": {"type": "plain_text_input", "value": cause}},
        "marked": {"marked": {"type": "static_select", "selected_option": option}},
    }
    return {"private_metadata": "run-1", "state": {"values": values}}


@pytest.mark.parametrize("said", [SAID, "x" * 900])
def test_the_modal_begins_with_the_bots_words_and_slack_accepts_it(said: str) -> None:
    view = cause_view(report(said=said), "run-1")
    sent = {**view, "blocks": safe_blocks(view["blocks"], AllowedLinks(frozenset()), VIEW_BLOCKS)}
    View(**sent).validate_json()
    shown = checked_view(sent, "modal")
    assert (shown["callback_id"], shown["private_metadata"]) == (CAUSE_VIEW, "run-1")
    text = shown["blocks"][0]["element"]
    assert text["initial_value"] == said[:300]
    assert (text["max_length"], text["multiline"]) == (300, True)


def test_what_the_bot_did_not_know_is_no_beginning() -> None:
    view = cause_view(report(Verdict.UNCLEAR, "The evidence is not enough"), "run-1")
    assert "initial_value" not in view["blocks"][0]["element"]


@pytest.mark.parametrize(
    ("cause", "option", "marked", "kept"),
    [
        (SAID, None, Marked.AS_SAID, SAID),
        ("A switch\n was  replaced", None, Marked.DIFFERENT, "A switch was replaced"),
        ("Only a test", {"value": "no_incident"}, Marked.NO_INCIDENT, "Only a test"),
        ("A switch", {"value": "as_said"}, Marked.AS_SAID, "A switch"),
        ("A switch", {"value": "forged"}, Marked.DIFFERENT, "A switch"),
        ("スイッチの故障", None, Marked.DIFFERENT, "スイッチの故障"),
        ("password=hunter2hunter2", None, Marked.DIFFERENT, "password=[SECRET:assignment:1]"),
    ],
)
def test_what_is_filled_in(cause: str, option: Any, marked: Marked, kept: str) -> None:
    found = submitted(filled(cause, option), SAID)
    assert (found.run_id, found.cause, found.marked, found.fault) == ("run-1", kept, marked, "")


@pytest.mark.parametrize("cause", [None, "", "  \n", "…!", "a" * 301])
def test_what_cannot_be_kept_has_a_fault_and_no_cause(cause: str | None) -> None:
    found = submitted(filled(cause), SAID)
    assert found.fault
    assert not found.cause
    assert errors(found.fault) == {"cause": found.fault}


@pytest.mark.parametrize("view", [{}, {"state": None}, {"state": {"values": {"cause": None}}}])
def test_a_view_without_values_is_one_without_a_cause(view: dict[str, Any]) -> None:
    assert submitted(view, SAID).fault

"""An answer that fails the check: one other provider is asked, then the rules answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.analysis.analyst import AnalysisEvent, Analyst, Answer, Draft, Stage, prepare
from bot.answers import footer_of
from bot.incident import Incident, Message
from bot.slack.blocks import footer_text
from providers.base import RequestScope
from providers.errors import AuthenticationError, ContentPolicyError, OverloadedError
from providers.fake import FakeProvider, Turn
from providers.manager import LLMProviderManager

START = 1767268800
SAID = [
    "Alert: invoices are late",
    "Upgraded the mailer to 3.1 this morning",
    "mailer log: smtp relay closed the connection after 20 messages",
    "The root cause was the new limit of the smtp relay, found in its changelog",
]
INCIDENT = Incident(
    tuple(Message(f"{START + 60 * n}.0", "ann", text) for n, text in enumerate(SAID)),
    question="why are invoices late?",
)
GOOD = (
    "Verdict: cause\nConfidence: supported\n",
    "## Likely cause\nThe relay closes the connection after 20 messages [E3]\n",
)
BAD = {
    "refusal": "I'm sorry, but I can't help with that.\n",
    "no form": "It was the network, as always.\n",
    "no citation": "Verdict: cause\n## Likely cause\nThe moon\n",
    "invented citations": "Verdict: cause\n## Likely cause\nThe moon [E3, E77, E78]\n",
    "misquoted": 'Verdict: cause\n## Likely cause\nIt says "the disk of the relay is full" [E3]\n',
    "secret": "Verdict: cause\n## Likely cause\nUse password=hunter2-again [E3]\n",
    "no incident": "Verdict: no_incident\n## Likely cause\nAll is well [E1]\n",
}


async def ask(
    *turns: tuple[str, Turn], questions: int = 1, **more: object
) -> tuple[list[AnalysisEvent], list[FakeProvider]]:
    chain = [FakeProvider(name=name, script=[turn], cost_usd=0.5) for name, turn in turns]
    events: list[AnalysisEvent] = []
    async with LLMProviderManager(providers=chain, max_retries=0, **more) as manager:  # type: ignore[arg-type]
        for _ in range(questions):
            analysis = Analyst(manager).analyse(INCIDENT, scope=RequestScope("team"))
            events = [event async for event in analysis]
    return events, chain


def answer_of(events: list[AnalysisEvent]) -> Answer:
    assert isinstance(events[-1], Answer)
    return events[-1]


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
async def test_the_next_provider_is_asked_and_the_reader_sees_it(text: str) -> None:
    events, (first, second) = await ask(("openai", [text]), ("anthropic", GOOD))
    answer = answer_of(events)
    assert answer.report.source == "model"
    assert answer.finished is not None
    assert answer.finished.provider == "anthropic"
    assert Stage("openai's answer did not pass the check, asking anthropic") in events
    assert [(one.provider, one.outcome) for one in answer.attempts] == [
        ("openai", "rejected"),
        ("anthropic", "ok"),
    ]
    assert (len(first.calls), len(second.calls)) == (1, 1)
    assert first.calls == second.calls
    footer = footer_text(footer_of(answer, 1.0))
    assert "openai gave an answer that did not pass the check" in footer
    assert "$1.0000" in footer


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
async def test_nothing_of_a_bad_answer_is_shown_while_it_comes(text: str) -> None:
    events, _ = await ask(("openai", [text]), ("anthropic", [text]))
    assert [event for event in events if isinstance(event, Draft)] == []


async def test_after_two_bad_answers_the_rules_answer_and_the_footer_says_so() -> None:
    bad = [BAD["no citation"]]
    events, providers = await ask(("openai", bad), ("anthropic", bad), ("ollama", GOOD))
    answer = answer_of(events)
    assert (answer.report.source, answer.finished) == ("rules", None)
    assert answer.reason == (
        "the answers of openai and anthropic did not pass the check: its cause rests on nothing"
    )
    assert [one.outcome for one in answer.attempts] == ["rejected", "rejected"]
    assert [len(provider.calls) for provider in providers] == [1, 1, 0]
    assert answer.reason in footer_text(footer_of(answer, 1.0))


async def test_where_there_is_nobody_else_the_rules_answer() -> None:
    events, _ = await ask(("openai", [BAD["no form"]]))
    answer = answer_of(events)
    assert answer.reason == (
        "the answer of openai did not pass the check: it is not in the form that was asked for"
    )
    assert [one.outcome for one in answer.attempts] == ["rejected"]


@pytest.mark.parametrize("error", [AuthenticationError(), ContentPolicyError(), OverloadedError()])
async def test_a_failure_after_a_bad_answer_is_told_beside_it(error: Exception) -> None:
    events, _ = await ask(("openai", [BAD["refusal"]]), ("anthropic", [error]))
    answer = answer_of(events)
    assert answer.reason == (
        f"the answer of openai did not pass the check: it is a refusal, anthropic {error.phrase}"  # type: ignore[attr-defined]
    )
    assert answer.attempts[0].outcome == "rejected"


async def test_a_provider_that_failed_before_may_not_be_asked_but_is_told() -> None:
    events, _ = await ask(
        ("openai", [AuthenticationError()]), ("anthropic", [BAD["refusal"]]), ("ollama", GOOD)
    )
    answer = answer_of(events)
    assert answer.finished is not None
    assert [(one.provider, one.outcome) for one in answer.attempts][:2] == [
        ("openai", "authentication"),
        ("anthropic", "rejected"),
    ]


async def test_a_bad_answer_in_the_cache_is_replaced_by_the_better_one() -> None:
    events, (first, second) = await ask(
        ("openai", [BAD["refusal"]]), ("anthropic", GOOD), questions=2, cache_seconds=60
    )
    answer = answer_of(events)
    assert answer.finished is not None
    assert answer.finished.cache_age is not None
    assert (len(first.calls), len(second.calls)) == (1, 1)


REPLY = (
    "Verdict: cause\nConfidence: supported\n## Likely cause\nThe relay has a new limit [E4]\n",
    "## Answer\n- The mailer was upgraded this morning [E2]\n",
)
BAD_REPLY = {
    "refusal": f"{REPLY[0]}## Answer\n- I'm sorry, but I can't help with that.\n",
    "no citation": "Verdict: cause\n## Answer\n- Dana did it\n",
    "no form": "Dana did it, as always.\n",
}


@pytest.mark.parametrize("text", BAD_REPLY.values(), ids=BAD_REPLY.keys())
async def test_a_short_answer_that_does_not_pass_is_asked_of_somebody_else(text: str) -> None:
    told = prepare(INCIDENT).rules
    asked = replace(INCIDENT, question="what changed?")
    chain = [FakeProvider(name="openai", script=[[text]]), FakeProvider(script=[REPLY])]
    async with LLMProviderManager(providers=chain, max_retries=0) as manager:
        analysis = Analyst(manager).analyse(asked, previous=told)
        events = [event async for event in analysis]
    answer = answer_of(events)
    assert [one.outcome for one in answer.attempts] == ["rejected", "ok"]
    assert answer.report.source == "model"
    assert [line.evidence for line in answer.report.summary] == [("E2",)]
    assert chain[0].calls == chain[1].calls
    assert all("Dana" not in str(event) for event in events)


async def test_after_two_bad_short_answers_the_rules_answer_the_question() -> None:
    told = prepare(INCIDENT).rules
    asked = replace(INCIDENT, question="what changed?")
    bad = [BAD_REPLY["no citation"]]
    chain = [FakeProvider(name=name, script=[bad]) for name in ("openai", "anthropic")]
    async with LLMProviderManager(providers=chain, max_retries=0) as manager:
        events = [event async for event in Analyst(manager).analyse(asked, previous=told)]
    answer = answer_of(events)
    assert answer.reason == (
        "the answers of openai and anthropic did not pass the check: its answer rests on nothing"
    )
    assert answer.report == prepare(asked, previous=told).rules
    assert "Upgraded the mailer" in answer.report.summary[0].text


async def test_calm_that_is_shown_may_contradict_the_rules() -> None:
    calm = "Verdict: no_incident\n## Likely cause\nIt recovered by itself [E5]\n"
    message = Message(f"{START + 600}.0", "ann", "All systems healthy, it was a false alarm")
    incident = Incident((*INCIDENT.messages, message))
    async with LLMProviderManager(providers=[FakeProvider(script=[[calm]])]) as manager:
        events = [event async for event in Analyst(manager).analyse(incident)]
    answer = answer_of(events)
    assert (answer.report.source, str(answer.report.verdict)) == ("model", "no_incident")


async def test_an_endless_answer_is_cut_off() -> None:
    flood = ["## Likely cause\nIt broke [E3]\n", *(["- and more of it [E3]\n" * 1_000] * 20)]
    events, _ = await ask(("openai", flood))
    report = answer_of(events).report
    assert report.source == "model"
    assert len(str(report.cause)) < 500

"""A prompt that is too long for every model is asked once more with less evidence."""

from __future__ import annotations

from contextlib import aclosing

from bot.analysis.analyst import Analyst, Answer, Stage
from bot.incident import Incident, Message
from providers.errors import ContextOverflowError
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager

GOOD = """Verdict: cause
Confidence: supported

## Likely cause
The disk of `db-1` is full. [E1]
"""
MANY = Incident(
    tuple(
        Message(f"{1763632900 + i}.000100", "ben", f"db-1: no space left on device, attempt {i}")
        for i in range(400)
    ),
    total_messages=400,
)


async def ask(provider: FakeProvider) -> tuple[list[str], Answer]:
    analyst = Analyst(LLMProviderManager(providers=[provider]), context_chars=9_000)
    stages = []
    async with aclosing(analyst.analyse(MANY)) as events:
        async for event in events:
            if isinstance(event, Stage):
                stages.append(event.text)
            if isinstance(event, Answer):
                return stages, event
    raise AssertionError("no answer")


async def test_less_evidence_is_asked_with_once():
    provider = FakeProvider(script=[[ContextOverflowError()], [GOOD]])
    stages, answer = await ask(provider)
    first, second = (len(call[-1].content) for call in provider.calls)
    assert second < first / 2
    assert "the evidence is too long for the model, choosing less of it" in stages
    assert answer.finished is not None
    assert [attempt.outcome for attempt in answer.attempts] == ["context_overflow", "ok"]


async def test_a_second_overflow_leaves_the_rules():
    provider = FakeProvider(script=[[ContextOverflowError()]])
    _, answer = await ask(provider)
    assert len(provider.calls) == 2
    assert answer.finished is None
    assert [attempt.outcome for attempt in answer.attempts] == ["context_overflow"] * 2
    assert "cannot take a prompt of this length" in answer.reason

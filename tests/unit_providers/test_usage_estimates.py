"""Tokens that a vendor did not tell are guessed from the text, and said to be guesses."""

from __future__ import annotations

import pytest

from providers.answer import Answer
from providers.base import LLMMessage, StopReason, Usage

PROMPT = [LLMMessage("system", "x" * 30), LLMMessage("user", "y" * 11)]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Usage(9, 3), Usage(9, 3)),
        (Usage(), Usage(11, 7, estimated=True)),
        (Usage(prompt_tokens=9), Usage(9, 7, estimated=True)),
        (Usage(completion_tokens=0, cached_tokens=2), Usage(11, 0, 2, estimated=True)),
    ],
)
def test_what_was_told_stays_and_the_rest_is_guessed(told: Usage, expected: Usage) -> None:
    answer = Answer(
        provider="openai",
        model="gpt-6-sol",
        started=0.0,
        stop_reasons={"stop": StopReason.STOP},
        prompt=PROMPT,
    )
    answer.thinking("hm" * 4)
    answer.text("障害 ok")
    answer.text("\udcff pieces")
    answer.usage, answer.complete, answer.raw_stop_reason = told, True, "stop"
    finished = answer.finished()
    assert finished.usage == expected
    assert finished.cost_usd is not None
    assert finished.cost_usd > 0

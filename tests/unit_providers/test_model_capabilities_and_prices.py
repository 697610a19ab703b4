"""What each family of models takes, and what an answer of it costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from providers.base import Usage
from providers.capabilities import THINKING_ALLOWANCE, Capabilities, capabilities_of
from providers.pricing import cost_usd

LIMIT, COMPLETION_LIMIT = "max_tokens", "max_completion_tokens"


@pytest.mark.parametrize(
    ("model", "sampling", "limit_field", "thinks", "context"),
    [
        ("claude-sonnet-5-5", False, LIMIT, True, 1_000_000),
        ("claude-opus-5-5", False, LIMIT, True, 1_000_000),
        ("claude-fable-5-2", False, LIMIT, True, 1_000_000),
        ("claude-haiku-5-5", False, LIMIT, False, 1_000_000),
        ("claude-opus-4-8", False, LIMIT, False, 1_000_000),
        ("claude-sonnet-4-6", True, LIMIT, False, 1_000_000),
        ("claude-haiku-4-5-20251001", True, LIMIT, False, 200_000),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", True, LIMIT, False, 200_000),
        ("anthropic.claude-opus-5-5", False, LIMIT, True, 1_000_000),
        ("claude-next-9", False, LIMIT, False, 1_000_000),
        ("gpt-6-sol", False, COMPLETION_LIMIT, True, 922_000),
        ("gpt-5.6-luna", False, COMPLETION_LIMIT, True, 922_000),
        ("gpt-5.2", False, COMPLETION_LIMIT, True, None),
        ("gpt-10-nova", False, COMPLETION_LIMIT, True, None),
        ("o4-mini", False, COMPLETION_LIMIT, True, 200_000),
        ("gpt-4.1-mini", True, COMPLETION_LIMIT, False, 1_047_576),
        ("openai/gpt-4o-mini", True, COMPLETION_LIMIT, False, 128_000),
        ("openai/gpt-oss-20b", True, LIMIT, True, 131_072),
        ("deepseek-r1:8b", True, LIMIT, True, None),
        ("gemma4", True, LIMIT, False, None),
        ("foo3-mini", True, LIMIT, False, None),
    ],
)
def test_what_a_model_takes(
    model: str, sampling: bool, limit_field: str, thinks: bool, context: int | None
) -> None:
    found = capabilities_of(model)
    assert (found.sampling, found.limit_field) == (sampling, limit_field)
    assert (found.thinks, found.context_tokens) == (thinks, context)


@pytest.mark.parametrize(
    ("model", "taken", "refused"),
    [
        ("claude-sonnet-5-5", "xhigh", "none"),
        ("claude-sonnet-4-6", "max", "xhigh"),
        ("gpt-6-sol", "none", "minimal"),
        ("o4-mini", "high", "xhigh"),
        ("openai/gpt-oss-20b", "low", "max"),
    ],
)
def test_which_reasoning_efforts_a_model_knows(model: str, taken: str, refused: str) -> None:
    efforts = capabilities_of(model).efforts
    assert efforts is not None
    assert taken in efforts
    assert refused not in efforts


@pytest.mark.parametrize("model", ["claude-haiku-4-5", "gpt-4.1", "command-a-03-2025", "gemma2:9b"])
def test_models_without_reasoning_effort(model: str) -> None:
    assert capabilities_of(model).efforts == ()


@pytest.mark.parametrize(
    ("model", "has_one"),
    [
        ("gemma", False),
        ("gemma2:9b", False),
        ("google/gemma-2-27b-it", False),
        ("gemma:7b", False),
        ("gemma-7b-it", False),
        ("gemma3:4b", True),
        ("gemma4", True),
        ("google/gemma-4-26b-a4b", True),
        ("o1-mini", False),
        ("o1", True),
    ],
)
def test_which_models_have_a_system_role(model: str, has_one: bool) -> None:
    assert capabilities_of(model).system_role is has_one


@pytest.mark.parametrize(
    ("model", "takes_it"),
    [("claude-haiku-4-5", True), ("claude-sonnet-4-6", False), ("claude-opus-5-5", False)],
)
def test_whose_answer_may_be_begun(model: str, takes_it: bool) -> None:
    assert capabilities_of(model).prefill is takes_it


@pytest.mark.parametrize(
    ("model", "sampling"),
    [
        ("gemini-3.8-flash", False),
        ("google/gemini-3.5-flash-lite", False),
        ("gemini-3.5-flash", True),
        ("gemini-3.1-pro-preview", True),
    ],
)
def test_which_gemini_takes_a_temperature(model: str, sampling: bool) -> None:
    assert capabilities_of(model).sampling is sampling


@pytest.mark.parametrize(
    ("capabilities", "wanted", "sent"),
    [
        (Capabilities(), 4096, 4096),
        (Capabilities(thinks=True), 4096, 4096 + THINKING_ALLOWANCE),
        (Capabilities(thinks=True, output_tokens=8000), 4096, 8000),
        (Capabilities(output_tokens=1000), 4096, 1000),
    ],
)
def test_thinking_comes_on_top_of_the_cap(
    capabilities: Capabilities, wanted: int, sent: int
) -> None:
    assert capabilities.token_limit(wanted) == sent


MILLION = Usage(prompt_tokens=1_000_000, completion_tokens=0)


def test_a_listed_model_has_its_price() -> None:
    half_cached = replace(MILLION, cached_tokens=500_000)
    full = cost_usd("anthropic", ["claude-haiku-4-5"], MILLION)
    cached = cost_usd("anthropic", ["claude-haiku-4-5"], half_cached)
    assert full == pytest.approx(1.0)
    assert cached is not None
    assert 0.5 < cached < 0.6


def test_the_first_listed_id_decides() -> None:
    assert cost_usd("anthropic", ["alias", "claude-haiku-4-5"], MILLION) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("provider", "models", "usage"),
    [
        ("openai", ["no-such-model"], MILLION),
        ("no-such-provider", ["claude-haiku-4-5"], MILLION),
        ("anthropic", [], MILLION),
        ("anthropic", ["claude-haiku-4-5"], Usage(prompt_tokens=5)),
        ("anthropic", ["claude-haiku-4-5"], Usage(completion_tokens=5)),
    ],
)
def test_an_unknown_cost_is_not_zero(provider: str, models: list[str], usage: Usage) -> None:
    assert cost_usd(provider, models, usage) is None

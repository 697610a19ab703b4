"""What goes down together, and who is asked after whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import LLMProviderFactory
from providers.policies.correlation import Domain, domain_of, family_of, spread, warnings
from providers.policies.windows import fits, window_of

AWS_CLAUDE = Domain("aws", "claude")
AWS_NOVA = Domain("aws", "nova")
OWN_CLAUDE = Domain("anthropic", "claude")
LOCAL = Domain("localhost:8000", "llama")
CHAIN = [("a", AWS_NOVA), ("b", OWN_CLAUDE), ("c", LOCAL)]


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("claude-sonnet-5-5", "claude"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude"),
        ("global.amazon.nova-2-lite-v1:0", "nova"),
        ("gpt-6-sol", "gpt"),
        ("o4-mini", "gpt"),
        ("openai/gpt-oss-20b", "gpt-oss"),
        ("gemini-3.8-flash", "gemini"),
        ("meta-llama/Llama-4-Scout", "llama"),
        ("qwq:32b", "qwen"),
        ("command-a-plus-05-2026", "command"),
        ("smollm2", "smollm"),
        ("something-new", ""),
        ("", ""),
    ],
)
def test_family(model: str, family: str) -> None:
    assert family_of(model) == family


@pytest.mark.parametrize(
    ("name", "base_url", "cloud"),
    [
        ("anthropic", None, "anthropic"),
        ("openai", None, "openai"),
        ("openai", "https://gateway.internal/v1", "gateway.internal"),
        ("azure", "https://res.openai.azure.com", "azure"),
        ("bedrock", None, "aws"),
        ("vertex", None, "google"),
        ("cohere", None, "cohere"),
        ("huggingface", None, "huggingface"),
        ("vllm", "http://gpu-1:8000", "gpu-1:8000"),
        ("ollama", "http://gpu-1:11434", "gpu-1:11434"),
    ],
)
def test_cloud(name: str, base_url: str | None, cloud: str) -> None:
    provider = LLMProviderFactory.create(name, model="m", base_url=base_url, api_key="k")
    assert domain_of(provider).cloud == cloud


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        ("overloaded", "bca"),
        ("unreachable", "bca"),
        ("first_content_timeout", "bca"),
        ("authentication", "bca"),
        ("rate_limited", "bca"),
        ("model_not_found", "acb"),
        ("empty_response", "acb"),
        ("context_overflow", "acb"),
        ("content_policy", "abc"),
    ],
)
def test_after_a_failure_those_that_share_its_cause_come_last(kind: str, order: str) -> None:
    assert "".join(spread(CHAIN, AWS_CLAUDE, kind)) == order


def test_what_is_not_known_is_not_shared() -> None:
    unknown = Domain("", "")
    assert spread([("a", unknown), ("b", LOCAL)], unknown, "overloaded") == ["a", "b"]
    assert spread([("a", unknown), ("b", LOCAL)], unknown, "model_not_found") == ["a", "b"]


domains = st.builds(Domain, st.sampled_from(["", "aws", "x"]), st.sampled_from(["", "claude"]))


@given(
    pending=st.lists(st.tuples(st.text(), domains), unique_by=lambda one: one[0]),
    failed=domains,
    kind=st.sampled_from(["overloaded", "model_not_found", "content_policy", "new"]),
)
def test_nobody_is_dropped(pending: list[tuple[str, Domain]], failed: Domain, kind: str) -> None:
    assert sorted(spread(pending, failed, kind)) == sorted(name for name, _ in pending)


@pytest.mark.parametrize(
    ("chain", "warned"),
    [
        ([("a", AWS_CLAUDE), ("b", AWS_NOVA)], True),
        ([("a", AWS_CLAUDE), ("b", OWN_CLAUDE)], False),
        ([("a", AWS_CLAUDE)], False),
        ([("a", Domain("", "")), ("b", Domain("", ""))], False),
        ([], False),
    ],
)
def test_a_chain_in_one_place_is_warned_of(chain: list[tuple[str, Domain]], warned: bool) -> None:
    said = warnings(chain)
    assert bool(said) is warned
    if said:
        assert "aws" in said[0]


@pytest.mark.parametrize(
    ("window", "overflown", "worth_it"),
    [
        (None, [], True),
        (None, [200_000], True),
        (8_000, [], True),
        (8_000, [8_000], False),
        (8_000, [4_000], True),
        (8_000, [4_000, 128_000], False),
        (8_000, [None], True),
    ],
)
def test_a_larger_window_or_an_unknown_one_is_worth_a_try(
    window: int | None, overflown: list[int | None], worth_it: bool
) -> None:
    assert fits(window, overflown) is worth_it


def test_windows_are_those_of_the_table() -> None:
    assert window_of("claude-haiku-4-5") == 200_000
    assert window_of("something-new") is None

"""What goes down together, and who is asked after whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import LLMProviderFactory, errors
from providers.base import BaseLLMProvider
from providers.errors import ProviderError
from providers.policies.correlation import Domain, domain_of, family_of, spread, warnings

AWS_CLAUDE = Domain("aws", "claude")
AWS_NOVA = Domain("aws", "nova")
OWN_CLAUDE = Domain("anthropic", "claude")
LOCAL = Domain("localhost:8000", "llama")
CHAIN = [("a", AWS_NOVA), ("b", OWN_CLAUDE), ("c", LOCAL)]


def create(name: str, base_url: str | None) -> BaseLLMProvider:
    return LLMProviderFactory.create(name, model="m", base_url=base_url, api_key="k")


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
        ("hf.co/unsloth/gpt-oss-20b-GGUF", "gpt-oss"),
        ("google/gemma-4-26b-a4b", "gemma"),
        ("gemma4", "gemma"),
        ("mistral.mixtral-8x7b-instruct-v0:1", "mistral"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mistral"),
        ("mixtral:8x7b", "mistral"),
        ("deepseek-r1-distill-qwen-7b", "deepseek"),
        ("commander", ""),
        ("phind-34b", ""),
        ("something-new", ""),
        ("", ""),
    ],
)
def test_family(model: str, family: str) -> None:
    assert family_of(model) == family


@pytest.mark.parametrize(
    ("name", "base_url", "cloud", "address"),
    [
        ("anthropic", None, "anthropic", ""),
        ("openai", None, "openai", ""),
        ("openai", "https://api.openai.com:443/v1", "openai", ""),
        ("openai", "https://gateway.internal/v1", "gateway.internal", "gateway.internal"),
        ("anthropic", "https://GATEWAY.internal:443", "gateway.internal", "gateway.internal"),
        ("openai", "https://notopenai.com/v1", "notopenai.com", "notopenai.com"),
        ("openai", "https://res.openai.azure.com/openai/v1", "azure", ""),
        ("openai", "https://bedrock-mantle.us-east-1.api.aws/openai/v1", "aws", ""),
        ("vllm", "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1", "aws", ""),
        ("azure", "https://res.openai.azure.com", "azure", ""),
        ("bedrock", None, "aws", ""),
        ("bedrock", "https://bedrock-runtime.cn-north-1.amazonaws.com.cn", "aws", ""),
        ("vertex", None, "google", ""),
        ("cohere", None, "cohere", ""),
        ("huggingface", None, "huggingface", ""),
        ("vllm", "http://gpu-1:8000", "gpu-1:8000", "gpu-1"),
        ("vllm", "http://gpu-1:80", "gpu-1", "gpu-1"),
        ("vllm", "http://[::1]:8000", "[::1]:8000", "::1"),
        ("vllm", "http://[::1", "", ""),
        ("ollama", "http://gpu-1:11434", "gpu-1:11434", "gpu-1"),
    ],
)
def test_cloud(name: str, base_url: str | None, cloud: str, address: str) -> None:
    domain = domain_of(create(name, base_url))
    assert (domain.cloud, domain.address) == (cloud, address)


def test_what_an_address_holds_of_credentials_is_no_part_of_the_name() -> None:
    domain = domain_of(create("openai", "https://user:secret@gateway.internal/v1"))
    assert domain == Domain("gateway.internal", "", "gateway.internal")
    assert not [it for it in warnings([("a", domain), ("b", domain)]) if "secret" in it]


@pytest.mark.parametrize("name", LLMProviderFactory.names())
def test_every_provider_has_a_cloud_or_an_address(name: str) -> None:
    assert domain_of(create(name, None)).cloud


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


def test_every_kind_that_leads_on_is_decided() -> None:
    """What moves nobody is not the provider's doing, or leads to no other one."""
    chain = [("a", AWS_CLAUDE), ("b", LOCAL)]
    known = [error for error in vars(errors).values() if isinstance(error, type)]
    kinds = {error.kind: error for error in known if issubclass(error, ProviderError)}
    unmoved = {kind for kind in kinds if spread(chain, AWS_CLAUDE, kind) == ["a", "b"]}
    assert {kind for kind in unmoved if kinds[kind].failover} == {
        "configuration",
        "error",
    }


@pytest.mark.parametrize("kind", ["overloaded", "model_not_found"])
def test_within_what_is_shared_the_order_stays(kind: str) -> None:
    chain = [("a", AWS_CLAUDE), ("b", LOCAL), ("c", AWS_CLAUDE), ("d", LOCAL)]
    assert spread(chain, AWS_CLAUDE, kind) == ["b", "d", "a", "c"]


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


def own(server: str, address: str) -> Domain:
    return Domain(server, "", address)


@pytest.mark.parametrize(
    ("domains", "place"),
    [
        ([AWS_CLAUDE, AWS_NOVA], "is in aws:"),
        ([own("gpu-1:1", "gpu-1"), own("gpu-1:1", "gpu-1")], "is in gpu-1:1:"),
        ([own("gpu-1:1", "gpu-1"), own("gpu-1:2", "gpu-1")], "is on gpu-1:"),
        ([own("localhost:1", "localhost"), own("127.0.0.1:2", "127.0.0.1")], "is on this machine:"),
        ([own("gpu-1:1", "gpu-1"), own("gpu-2:1", "gpu-2")], ""),
        ([AWS_CLAUDE, OWN_CLAUDE], ""),
        ([AWS_CLAUDE, own("gpu-1:1", "gpu-1")], ""),
        ([AWS_CLAUDE], ""),
        ([Domain("", ""), Domain("", "")], ""),
        ([], ""),
    ],
)
def test_a_chain_in_one_place_is_warned_of(domains: list[Domain], place: str) -> None:
    said = warnings([(str(number), domain) for number, domain in enumerate(domains)])
    assert len(said) == bool(place)
    assert all(place in it for it in said)

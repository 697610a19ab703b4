"""The order of a chain, and the names in it."""

from __future__ import annotations

import pytest

from providers.policies.chain import Choice, order, unique_names


@pytest.mark.parametrize(
    ("primary", "keys", "expected"),
    [
        (None, [], "ollama"),
        (None, ["openai"], "openai ollama"),
        (None, ["anthropic", "openai"], "openai anthropic ollama"),
        ("vllm", [], "vllm ollama"),
        ("vllm", ["openai", "anthropic"], "vllm openai anthropic ollama"),
        ("anthropic", ["openai", "anthropic"], "anthropic openai ollama"),
        ("anthropic", [], "anthropic ollama"),
        ("ollama", ["openai"], "ollama openai"),
    ],
)
def test_default_order(primary: str | None, keys: list[str], expected: str) -> None:
    head = Choice(primary, "some-model") if primary else None
    assert [choice.name for choice in order(head, None, keys.__contains__)] == expected.split()


def test_named_fallbacks_replace_the_default_and_none_comes_twice() -> None:
    head = Choice("vllm", "a")
    fallbacks = [Choice("vllm", "b"), Choice("vllm", "a"), Choice("ollama"), Choice("vllm", "b")]
    assert order(head, fallbacks, lambda name: True) == [head, fallbacks[0], fallbacks[2]]


def test_no_fallbacks_at_all() -> None:
    assert order(Choice("vllm"), [], lambda name: True) == [Choice("vllm")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("vllm ollama", "vllm ollama"),
        ("vllm vllm openai vllm", "vllm vllm-2 openai vllm-3"),
        ("vllm vllm-2 vllm", "vllm vllm-2 vllm-3"),
        ("", ""),
    ],
)
def test_unique_names(names: str, expected: str) -> None:
    assert unique_names(names.split()) == expected.split()

"""Which providers are asked, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider by name; without a model it is the one that its environment names."""

    name: str
    model: str | None = None


def order(
    primary: Choice | None,
    fallbacks: Sequence[Choice] | None,
    configured: Callable[[str], bool],
) -> list[Choice]:
    """Return the primary and what follows it, none twice.

    Where no fallbacks are named they are OpenAI and Anthropic, each if it has a key, and Ollama.
    """
    head = [primary] if primary else []
    if fallbacks is not None:
        return list(dict.fromkeys([*head, *fallbacks]))
    usual = [name for name in ("openai", "anthropic") if configured(name)] + ["ollama"]
    return head + [Choice(name) for name in usual if primary is None or name != primary.name]


def unique_names(names: Iterable[str]) -> list[str]:
    """Number what occurs twice: vllm, vllm-2."""
    result: list[str] = []
    for name in names:
        numbered = (f"{name}-{number}" for number in count(2))
        result.append(next(free for free in chain([name], numbered) if free not in result))
    return result

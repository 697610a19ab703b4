"""Settings that hold a small table: `name:option=value,option=value;name:…`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from providers.policies.clocks import Clocks
from providers.policies.limits import RateLimits

Options = TypeVar("Options", Clocks, RateLimits)

_LIMITS = {
    "concurrent": "concurrent",
    "requests": "requests_per_minute",
    "tokens": "tokens_per_minute",
}


def read_clocks(text: str) -> dict[str, Clocks]:
    """Read `ollama:first_content=60,connect=5;vllm:…`, in seconds. Raises ValueError."""
    names = {field.name: field.name for field in fields(Clocks)}
    return {
        provider: Clocks(**_numbers(options, names, float))
        for provider, options in _table(text, "ollama:first_content=60")
    }


def read_limits(text: str) -> dict[str, RateLimits]:
    """Read `openai:concurrent=4,requests=60,tokens=90000`, a minute each. Raises ValueError."""
    return {
        provider: RateLimits(**_numbers(options, _LIMITS, int))
        for provider, options in _table(text, "openai:concurrent=4")
    }


def read_lists(text: str) -> dict[str, tuple[str, ...]]:
    """Read `restricted=vllm,ollama;internal=bedrock`, in its order. Raises ValueError."""
    lists = {}
    for part in _parts(text, ";"):
        name, sign, items = part.partition("=")
        listed = tuple(_parts(items, ","))
        if not (sign and name.strip() and listed):
            raise ValueError(f"{part!r} should look like restricted=vllm,ollama")
        lists[name.strip()] = listed
    return lists


def _table(text: str, example: str) -> Iterator[tuple[str, dict[str, str]]]:
    for part in _parts(text, ";"):
        name, sign, options = part.partition(":")
        pairs = [option.partition("=") for option in _parts(options, ",")]
        if not (sign and name.strip() and pairs and all(equals for _, equals, _ in pairs)):
            raise ValueError(f"{part!r} should look like {example}")
        yield name.strip(), {key.strip(): value.strip() for key, _, value in pairs}


def _numbers(
    options: Mapping[str, str], names: Mapping[str, str], number: type[float] | type[int]
) -> dict[str, Any]:
    numbers = {}
    for option, value in options.items():
        if option not in names:
            raise ValueError(f"{option!r} is none of {', '.join(names)}")
        try:
            numbers[names[option]] = number(value)
        except ValueError:
            raise ValueError(f"{option}={value} is no number") from None
        if not numbers[names[option]] >= 0:
            raise ValueError(f"{option}={value} is below 0")
    return numbers


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]

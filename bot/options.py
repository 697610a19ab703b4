"""Settings that hold a small table: `name:option=value,option=value;name:…`, or lists by name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from providers.policies.clocks import Clocks
from providers.policies.limits import RateLimits

_CLOCKS = "ollama:first_content=60,connect=5"
_RATES = "openai:concurrent=4,requests=60,tokens=90000"
_LISTS = "restricted=vllm,ollama;internal=bedrock"


@dataclass(frozen=True, slots=True)
class _Option:
    """A number that may be given, by the name that it has inside; `zero` says that 0 is off."""

    name: str
    number: type[float] | type[int] = float
    zero: bool = False


_CLOCK_OPTIONS = {
    field.name: _Option(field.name, zero=field.name == "min_throughput") for field in fields(Clocks)
}
_RATE_OPTIONS = {
    "concurrent": _Option("concurrent", int),
    "requests": _Option("requests_per_minute", int),
    "tokens": _Option("tokens_per_minute", int),
}


def read_clocks(text: str) -> dict[str, Clocks]:
    """Read `ollama:first_content=60,connect=5;vllm:…`, in seconds. Raises ValueError."""
    table = _table(text, _CLOCK_OPTIONS, _CLOCKS)
    return {provider: Clocks(**numbers) for provider, numbers in table}


def read_limits(text: str) -> dict[str, RateLimits]:
    """Read `openai:concurrent=4,requests=60,tokens=90000`, a minute each. Raises ValueError."""
    table = _table(text, _RATE_OPTIONS, _RATES)
    return {provider: RateLimits(**numbers) for provider, numbers in table}


def read_lists(text: str) -> dict[str, tuple[str, ...]]:
    """Read `restricted=vllm,ollama;internal=bedrock`, in its order. Raises ValueError."""
    lists = {}
    for name, rest in _rows(text, "=", _LISTS):
        lists[name] = tuple(_parts(rest, ","))
    return lists


def _table(
    text: str, options: Mapping[str, _Option], example: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, rest in _rows(text, ":", example):
        pairs = [part.partition("=") for part in _parts(rest, ",")]
        if not all(sign for _, sign, _ in pairs):
            raise _malformed(f"{name}:{rest}", example)
        given = [(option.strip(), value.strip()) for option, _, value in pairs]
        unknown = [option for option, _ in given if option not in options]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is none of {', '.join(options)}")
        numbers = [(options[option], value) for option, value in given]
        yield name, {option.name: _number(option, value, example) for option, value in numbers}


def _rows(text: str, sign: str, example: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before the sign and after it, both filled, each name once."""
    seen: set[str] = set()
    for part in _parts(text, ";"):
        name, _, rest = (piece.strip() for piece in part.partition(sign))
        if not (name and _parts(rest, ",")):
            raise _malformed(part, example)
        if name in seen:
            # The last one would win, and nobody would know that the first one does not hold.
            raise ValueError(f"{name!r} is there twice: write it once, as in {example}")
        seen.add(name)
        yield name, rest


def _number(option: _Option, text: str, example: str) -> float | int:
    try:
        number = option.number(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and (number > 0 or (option.zero and number == 0))):
        kind = "a whole number" if option.number is int else "a number"
        bound = "of 0 or more" if option.zero else "above 0"
        raise ValueError(f"{text!r} must be {kind} {bound}, as in {example}")
    return number


def _malformed(part: str, example: str) -> ValueError:
    return ValueError(f"{part!r} should look like {example}")


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]

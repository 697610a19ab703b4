"""What an answer cost, from the price list that the library genai-prices carries; offline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from providers.base import Usage
from providers.errors import ConfigurationError

TYPICAL = Usage(prompt_tokens=8_000, completion_tokens=1_000)
"""A question about an incident, as providers are compared by."""

_PRICE = re.compile(r"(?P<model>[^=\s]+)=(?P<input>\d+(?:\.\d+)?)/(?P<output>\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens."""

    input: float
    output: float

    def of(self, usage: Usage) -> float:
        """Return the price of these tokens; cached ones count in full."""
        tokens = (usage.prompt_tokens or 0) * self.input + (
            usage.completion_tokens or 0
        ) * self.output
        return tokens / 1_000_000


def prepare() -> None:
    """Load the price list, which takes a few hundred milliseconds: once, off the event loop."""
    import genai_prices  # noqa: F401


def parse_prices(text: str) -> dict[str, Price]:
    """Read `model=input/output,…` in USD per million tokens.

    Raises ConfigurationError that names what is malformed.
    """
    prices = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _PRICE.fullmatch(part)
        if found is None:
            raise ConfigurationError(f"{part!r} is no price: write model=2/10, USD per million")
        prices[found["model"]] = Price(float(found["input"]), float(found["output"]))
    return prices


def cost_usd(
    provider: str,
    models: Iterable[str],
    usage: Usage,
    prices: Mapping[str, Price] | None = None,
) -> float | None:
    """Return the price in USD by the first of the model ids that is listed; None if none is.

    `prices` go before the list. None as well where the vendor did not tell the tokens: an unknown
    cost is not zero.
    """
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    known = list(models)
    if prices and (own := next((model for model in known if model in prices), None)):
        return prices[own].of(usage)
    costs = (_listed_cost(provider, model, usage) for model in known)
    return next((cost for cost in costs if cost is not None), None)


def typical_price(
    provider: str, model: str, prices: Mapping[str, Price] | None = None
) -> float | None:
    """Return the USD of a typical call, to compare providers by; None where it is not known."""
    return cost_usd(provider, (model,), TYPICAL, prices)


def _listed_cost(provider: str, model: str, usage: Usage) -> float | None:
    from genai_prices import Usage as PricedUsage

    listed = _listed(provider, model)
    if listed is None:
        return None
    priced = PricedUsage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cache_read_tokens=usage.cached_tokens,
    )
    return float(listed.calc_price(priced)["total_price"])


@lru_cache(maxsize=256)
def _listed(provider: str, model: str) -> Any:
    """Return the model's entry in the list, kept: the search goes through hundreds of them."""
    from genai_prices import Usage as PricedUsage
    from genai_prices import calc_price

    try:
        return calc_price(PricedUsage(), model_ref=model, provider_id=provider).model_price
    except LookupError:
        return None

"""What an answer cost, from the price list that the library genai-prices carries; offline."""

from __future__ import annotations

from collections.abc import Iterable

from providers.base import Usage


def prepare() -> None:
    """Load the price list, which takes a few hundred milliseconds: once, off the event loop."""
    import genai_prices  # noqa: F401


def cost_usd(provider: str, models: Iterable[str], usage: Usage) -> float | None:
    """Return the price in USD by the first of the model ids that is listed; None if none is.

    None as well where the vendor did not tell the tokens: an unknown cost is not zero.
    """
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    for model in models:
        cost = _listed_cost(provider, model, usage)
        if cost is not None:
            return cost
    return None


def _listed_cost(provider: str, model: str, usage: Usage) -> float | None:
    from genai_prices import Usage as PricedUsage
    from genai_prices import calc_price

    priced = PricedUsage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cache_read_tokens=usage.cached_tokens,
    )
    try:
        return float(calc_price(priced, model_ref=model, provider_id=provider).total_price)
    except LookupError:
        return None

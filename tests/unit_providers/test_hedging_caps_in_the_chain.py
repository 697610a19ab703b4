"""What a second request may cost holds for the chain as a whole, however many ask at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from providers.base import LLMMessage, LLMResponse
from providers.fake import FakeProvider, Silence
from providers.manager import LLMProviderManager
from providers.policies.hedging import Hedging
from providers.pricing import Price

MESSAGES = [LLMMessage("user", "why? " * 1000)]


def now() -> float:
    return asyncio.get_running_loop().time()


def chain_of(hedging: Hedging, seconds: float) -> LLMProviderManager:
    first = FakeProvider(name="a", script=[*[["quick"]] * 20, [Silence(seconds), "late"]])
    second = FakeProvider(name="b", script=[["second"]])
    return LLMProviderManager(
        providers=[first, second],
        hedging=hedging,
        prices={"fake-model": Price(10.0, 50.0)},
        clock=now,
        wall_clock=now,
        random=lambda: 0.0,
    )


async def warm_up(chain: LLMProviderManager) -> None:
    for _ in range(20):
        await chain.generate(MESSAGES)


def hedges(answers: Sequence[LLMResponse]) -> int:
    """How many of all attempts were second ones; what failed over is none."""
    return [it.reason for answer in answers for it in answer.attempts].count("hedge")


def test_the_share_holds_for_calls_that_are_late_together(
    in_virtual_time: Callable[..., None],
) -> None:
    async def ask() -> None:
        chain = chain_of(Hedging(share=0.1, day_usd=1000.0), 9)
        await warm_up(chain)
        answers = await asyncio.gather(*(chain.generate(MESSAGES) for _ in range(100)))
        assert 1 <= hedges(answers) <= 0.1 * 120

    in_virtual_time(ask())


def test_the_money_of_a_day_is_used_up(in_virtual_time: Callable[..., None]) -> None:
    """Who lost had said nothing, so what it cost is known by our estimate of the prompt alone."""

    async def ask() -> None:
        chain = chain_of(Hedging(share=1.0, day_usd=0.05), 9)
        await warm_up(chain)
        answers = [await chain.generate(MESSAGES) for _ in range(30)]
        assert 1 <= hedges(answers) < 10

    in_virtual_time(ask())

"""LLMProviderManager over the adapter that is named; text is not held back, nothing is cached.

A whole answer is a folded stream here: there is no second way to ask.
"""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

BEGAN = time.perf_counter()

from measure import QUESTION, Contestant, run  # noqa: E402

from providers import LLMMessage, LLMProviderFactory, LLMProviderManager  # noqa: E402 - timed
from providers.base import TextDelta  # noqa: E402


async def prepare(url: str) -> Contestant:
    adapter = sys.argv[2]

    def provider(path: str) -> Any:
        base_url = f"{url}/{path}"
        return LLMProviderFactory.create(adapter, model="m", base_url=base_url, api_key="k")

    def chain(*paths: str) -> LLMProviderManager:
        return LLMProviderManager(providers=[provider(path) for path in paths], hold_back=0)

    first = provider("words-5")
    chains = {5: LLMProviderManager(providers=[first], hold_back=0)}
    await first.initialize()
    broken = chain("dead", "words-5")
    question = [LLMMessage("user", QUESTION)]

    def of(words: int) -> LLMProviderManager:
        if words not in chains:
            chains[words] = chain(f"words-{words}")
        return chains[words]

    async def ask(words: int) -> str:
        return (await of(words).generate(question)).content

    async def told(manager: LLMProviderManager) -> AsyncIterator[str]:
        async with aclosing(cast("Any", manager.stream(question))) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    yield event.text

    def fail_over() -> AsyncIterator[str]:
        # Or its breaker would spare us what is to be measured.
        broken.close_breaker(broken.providers[0])
        return told(broken)

    return Contestant(ask, lambda words: told(of(words)), fail_over)


run(BEGAN, prepare)

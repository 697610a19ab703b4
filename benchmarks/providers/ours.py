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

QUESTIONS = [LLMMessage("user", QUESTION)]


class Ours:
    """A manager a number of words, each with one provider, and one whose first is dead."""

    def __init__(self, url: str, adapter: str) -> None:
        self._url = url
        self._adapter = adapter
        self._managers: dict[str, LLMProviderManager] = {}

    def manager(self, *paths: str) -> LLMProviderManager:
        """Return the manager over these paths of the upstream."""
        key = " ".join(paths)
        if key not in self._managers:
            providers = [self._provider(path) for path in paths]
            self._managers[key] = LLMProviderManager(providers=providers, hold_back=0)
        return self._managers[key]

    def _provider(self, path: str) -> Any:
        address = f"{self._url}/{path}"
        return LLMProviderFactory.create(self._adapter, model="m", base_url=address, api_key="k")

    async def ask(self, words: int) -> str:
        return (await self.manager(f"words-{words}").generate(QUESTIONS)).content

    def stream(self, words: int) -> AsyncIterator[str]:
        return _told(self.manager(f"words-{words}"))

    def fail_over(self) -> AsyncIterator[str]:
        broken = self.manager("dead", "words-5")
        # Or its breaker would spare us what is to be measured.
        broken.close_breaker(broken.providers[0])
        return _told(broken)


async def _told(manager: LLMProviderManager) -> AsyncIterator[str]:
    async with aclosing(cast("Any", manager.stream(QUESTIONS))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                yield event.text


async def prepare(url: str) -> Contestant:
    ours = Ours(url, sys.argv[2])
    # Ready is when a first question could be asked at once.
    await ours.manager("words-5").check_health()
    return Contestant(ours.ask, ours.stream, ours.fail_over)


run(BEGAN, prepare)

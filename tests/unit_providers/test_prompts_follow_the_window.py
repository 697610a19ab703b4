"""A prompt is packed for the model that is asked, at each attempt anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import pytest

from providers.base import AttemptStarted, LLMMessage, LLMResponse, RequestScope, StreamEvent
from providers.errors import (
    AllProvidersFailedError,
    ContextOverflowError,
    OverloadedError,
    ServerError,
)
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager
from providers.ollama import OllamaProvider
from providers.policies.hedging import Hedging
from providers.policies.limits import RateLimits
from providers.prompts import Prompt, packed_for
from providers.tokens import estimate_prompt
from providers.vllm import VLLMProvider

SCOPE = RequestScope("team", "channel")


class Letters(Prompt):
    """Four letters a token; too small a window has no prompt."""

    def __init__(self, size: int = 1_000, least: int = 10) -> None:
        self.messages = [LLMMessage("user", "abcd" * size)]
        self.least = least
        self.asked: list[int] = []

    @overload
    def __getitem__(self, index: int) -> LLMMessage: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[LLMMessage]: ...

    def __getitem__(self, index: int | slice) -> LLMMessage | Sequence[LLMMessage]:
        return self.messages[index]

    def __len__(self) -> int:
        return len(self.messages)

    async def packed(self, tokens: int) -> Sequence[LLMMessage]:
        self.asked.append(tokens)
        text = self.messages[0].content[: 4 * tokens]
        return [LLMMessage("user", text)] if tokens >= self.least else []


def sizes(provider: FakeProvider) -> list[int]:
    return [estimate_prompt(messages) for messages in provider.calls]


async def answer(manager: LLMProviderManager, prompt: Prompt) -> LLMResponse:
    async with manager:
        return await manager.generate(prompt)


async def test_failing_over_to_a_smaller_model_packs_anew() -> None:
    large = FakeProvider(name="large", script=[[OverloadedError()]], prompt_tokens=800)
    small = FakeProvider(name="small", prompt_tokens=100)
    found = await answer(LLMProviderManager(providers=[large, small]), Letters())
    assert (sizes(large), sizes(small)) == ([800], [100])
    assert found.provider == "small"


async def test_a_model_of_unknown_window_gets_all_of_it() -> None:
    small = FakeProvider(name="small", script=[[OverloadedError()]], prompt_tokens=100)
    unknown = FakeProvider(name="unknown")
    await answer(LLMProviderManager(providers=[small, unknown]), Letters())
    assert (sizes(small), sizes(unknown)) == ([100], [1_000])


async def test_a_repeat_is_packed_for_the_same_window() -> None:
    async def no_wait(seconds: float) -> None:
        return None

    only = FakeProvider(script=[[ServerError()], ["fine"]], prompt_tokens=100)
    await answer(LLMProviderManager(providers=[only], sleep=no_wait), Letters())
    assert sizes(only) == [100, 100]


async def test_a_window_in_which_nothing_fits_is_passed_over() -> None:
    tiny = FakeProvider(name="tiny", prompt_tokens=5)
    found = await answer(
        LLMProviderManager(providers=[tiny, FakeProvider(name="next")]), Letters(least=10)
    )
    assert tiny.calls == []
    assert [(one.provider, one.outcome, one.skipped) for one in found.attempts] == [
        ("tiny", "context_window", True),
        ("next", "ok", False),
    ]


async def test_after_an_overflow_a_smaller_window_gets_a_smaller_prompt() -> None:
    """Messages that cannot be packed anew are not sent to it: they would be too long again."""
    overflows = [[ContextOverflowError()]]
    for prompt, outcome in ((Letters(), "ok"), (list(Letters()), "context_window")):
        large = FakeProvider(name="large", script=overflows, prompt_tokens=800)
        small = FakeProvider(name="small", prompt_tokens=100)
        async with LLMProviderManager(providers=[large, small]) as manager:
            try:
                attempts = (await manager.generate(prompt)).attempts
            except AllProvidersFailedError as error:
                attempts = error.attempts
        assert [one.outcome for one in attempts] == ["context_overflow", outcome]


async def test_limits_and_wasted_tokens_count_what_was_sent() -> None:
    halting = FakeProvider(name="a", script=[["some text", OverloadedError()]], prompt_tokens=100)
    manager = LLMProviderManager(
        providers=[halting, FakeProvider(name="b", prompt_tokens=900)],
        limits={"b": RateLimits(tokens_per_minute=950)},
    )
    found = await answer(manager, Letters())
    assert found.provider == "b"
    assert found.attempts[0].usage.prompt_tokens == 100


async def test_the_reader_is_told_what_the_prompt_was_packed_for() -> None:
    def started(events: list[StreamEvent]) -> list[int | None]:
        return [event.window for event in events if isinstance(event, AttemptStarted)]

    small = FakeProvider(name="small", prompt_tokens=100)
    async with LLMProviderManager(providers=[small], cache_seconds=60) as manager:
        first = [event async for event in manager.stream(Letters(), scope=SCOPE)]
        kept = [event async for event in manager.stream(Letters(), scope=SCOPE)]
    assert started(first) == started(kept) == [100]
    assert len(small.calls) == 1


async def test_two_prompts_are_the_same_where_their_fullest_forms_are() -> None:
    small = FakeProvider(name="small", prompt_tokens=100)
    async with LLMProviderManager(providers=[small], cache_seconds=60) as manager:
        for size in (1_000, 1_000, 999):
            await manager.generate(Letters(size), scope=SCOPE)
    assert len(small.calls) == 2


async def test_what_packing_raises_reaches_the_caller_and_nobody_is_blamed() -> None:
    class Unsafe(Letters):
        async def packed(self, tokens: int) -> Sequence[LLMMessage]:
            raise LookupError("not safe")

    provider = FakeProvider(prompt_tokens=100)
    async with LLMProviderManager(
        providers=[provider], cache_seconds=60, hedging=Hedging()
    ) as manager:
        with pytest.raises(LookupError):
            await manager.generate(Unsafe(), scope=SCOPE)
        status = manager.get_provider_health_status()["fake"]
    assert (provider.calls, status["errors"], status["in_flight"]) == ([], {}, 0)


async def test_plain_messages_stay_as_they_are() -> None:
    messages = [LLMMessage("user", "hello")]
    assert await packed_for(messages, 1) is messages
    prompt = Letters()
    assert await packed_for(prompt, None) is prompt


@pytest.mark.parametrize(
    ("provider", "tokens"),
    [
        (lambda: OllamaProvider(model="gemma4"), 8_192 - 4_096),
        (lambda: OllamaProvider(model="gemma4", num_ctx=32_768), 32_768 - 4_096),
        (lambda: OllamaProvider(model="gemma4", max_tokens=1_000), 8_192 - 1_000),
        (lambda: OllamaProvider(model="gpt-oss:20b"), 8_192 - 4_096),
        (lambda: VLLMProvider(model="openai/gpt-oss-20b"), 131_072 - 20_096),
        (lambda: VLLMProvider(model="something/new"), None),
    ],
)
def test_room_for_the_answer_is_kept(provider: object, tokens: int | None) -> None:
    made = provider()  # type: ignore[operator]
    assert made.prompt_tokens == tokens

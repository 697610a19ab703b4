"""Models on local servers that write their thinking into the answer itself."""

from __future__ import annotations

from typing import Any

import pytest

from providers.base import TextDelta, Thinking
from providers.errors import EmptyResponseError, StreamInterruptedError


def selects(wire: Any) -> bool:
    return wire.provider in ("vllm", "lmstudio", "huggingface", "ollama")


async def test_it_is_progress_and_no_text(
    wire: Any, server: Any, provider: Any, messages: Any
) -> None:
    pieces = ["<th", "ink>hm", "m</thi", "nk>\n\nIt", " broke.", " <think>"]
    server.answers(*wire.opening(), *map(wire.text, pieces), *wire.closing())
    events = [event async for event in provider.stream(messages)]
    assert [type(event) for event in events[:3]] == [Thinking, Thinking, TextDelta]
    texts = [event.text for event in events if isinstance(event, TextDelta)]
    assert texts == ["It", " broke.", " <think>"]


async def test_an_answer_that_ends_like_a_tag_is_not_cut(
    wire: Any, server: Any, provider: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("<th"), *wire.closing())
    assert (await provider.generate(messages)).content == "<th"


async def test_thinking_alone_is_no_answer(
    wire: Any, server: Any, provider: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("<think>hmm"), *wire.closing())
    with pytest.raises(EmptyResponseError):
        await provider.generate(messages)


async def test_a_break_while_thinking_is_an_interruption(
    wire: Any, server: Any, provider: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("<think>hmm"))
    with pytest.raises(StreamInterruptedError):
        await provider.generate(messages)

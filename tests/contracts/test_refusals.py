"""A model's or vendor's refusal is never shown as an answer."""

from __future__ import annotations

from typing import Any

import pytest

from providers import BaseLLMProvider
from providers.errors import ContentPolicyError


def selects(wire: Any) -> bool:
    return wire.refusal is not None


async def test_a_refusal_is_not_an_answer(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    for pieces in ((), ("I will n",)):
        server.answers(*wire.opening(), *map(wire.text, pieces), *wire.closing(wire.refusal))
    for _ in range(2):
        with pytest.raises(ContentPolicyError):
            await provider.generate(messages)

"""What a prompt becomes for a model without a system role or without prefill."""

from __future__ import annotations

import pytest

from providers.base import LLMMessage, Role
from providers.capabilities import UNKNOWN, Capabilities
from providers.prompts import fitted

NO_SYSTEM = Capabilities(system_role=False)
NO_PREFILL = Capabilities(prefill=False)


def prompt(*pairs: tuple[Role, str]) -> list[LLMMessage]:
    return [LLMMessage(role, content) for role, content in pairs]


@pytest.mark.parametrize(
    ("capabilities", "given", "sent", "without"),
    [
        (UNKNOWN, [("system", "s"), ("user", "u")], [("system", "s"), ("user", "u")], ()),
        (UNKNOWN, [("user", "u"), ("assistant", "So")], [("user", "u"), ("assistant", "So")], ()),
        (NO_PREFILL, [("user", "u"), ("assistant", "So")], [("user", "u")], ("prefill",)),
        (NO_PREFILL, [("user", "u")], [("user", "u")], ()),
        (NO_PREFILL, [], [], ()),
        (
            NO_SYSTEM,
            [("system", "s"), ("user", "u"), ("system", "t")],
            [("user", "s\n\nt\n\nu")],
            ("system role",),
        ),
        (
            NO_SYSTEM,
            [("assistant", "a"), ("system", "s"), ("user", "u"), ("user", "v")],
            [("assistant", "a"), ("user", "s\n\nu"), ("user", "v")],
            ("system role",),
        ),
        (NO_SYSTEM, [("system", "s")], [("user", "s")], ("system role",)),
        (NO_SYSTEM, [("user", "u")], [("user", "u")], ()),
        (
            Capabilities(system_role=False, prefill=False),
            [("system", "s"), ("user", "u"), ("assistant", "So")],
            [("user", "s\n\nu")],
            ("prefill", "system role"),
        ),
    ],
)
def test_what_is_sent_of_a_prompt(
    capabilities: Capabilities,
    given: list[tuple[Role, str]],
    sent: list[tuple[Role, str]],
    without: tuple[str, ...],
) -> None:
    assert fitted(prompt(*given), capabilities) == (prompt(*sent), without)

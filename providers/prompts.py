"""A prompt as a model takes it: not every one has a system role, few let us begin their answer."""

from __future__ import annotations

from collections.abc import Sequence

from providers.base import LLMMessage
from providers.capabilities import Capabilities


def fitted(
    messages: Sequence[LLMMessage], capabilities: Capabilities
) -> tuple[list[LLMMessage], tuple[str, ...]]:
    """Return the messages that may be sent, and the names of what they go without.

    Without a system role its words come before the first question: nothing of them is lost.
    """
    fit, without = list(messages), []
    if not capabilities.prefill and fit and fit[-1].role == "assistant":
        del fit[-1]
        without.append("prefill")
    if not capabilities.system_role and any(message.role == "system" for message in fit):
        fit = _system_first_said(fit)
        without.append("system role")
    return fit, tuple(without)


def _system_first_said(messages: Sequence[LLMMessage]) -> list[LLMMessage]:
    said = [message.content for message in messages if message.role == "system"]
    turns = [message for message in messages if message.role != "system"]
    first = next((place for place, turn in enumerate(turns) if turn.role == "user"), None)
    if first is None:
        return [LLMMessage("user", "\n\n".join(said)), *turns]
    asked = LLMMessage("user", "\n\n".join([*said, turns[first].content]))
    return [*turns[:first], asked, *turns[first + 1 :]]

"""A prompt as a model takes it: within its window, with or without a system role."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from providers.base import LLMMessage
from providers.capabilities import Capabilities


class Prompt(Sequence[LLMMessage]):
    """Messages that can be packed anew for a smaller window.

    As a sequence it is what a model of unknown window is sent, and what tells two requests apart.
    """

    @abstractmethod
    async def packed(self, tokens: int) -> Sequence[LLMMessage]:
        """Return the messages for a model that takes so many tokens of prompt.

        Empty where nothing worth asking would fit. Called for each attempt: keep what was packed.
        """
        ...


async def packed_for(messages: Sequence[LLMMessage], tokens: int | None) -> Sequence[LLMMessage]:
    """Return what a model is sent that takes so many tokens; None is "not known"."""
    if tokens is None or not isinstance(messages, Prompt):
        return messages
    return await messages.packed(tokens)


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

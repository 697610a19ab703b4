"""A prompt as most vendors want it: the system's words apart, and turns that alternate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from providers.base import LLMMessage


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said before the other one did."""

    role: Literal["user", "assistant"]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """`system` holds each system message; no text in here is blank."""

    system: tuple[str, ...]
    turns: tuple[Turn, ...]


def conversation(messages: Sequence[LLMMessage]) -> Conversation:
    """Return the messages sorted into system and turns, without those that say nothing."""
    system: list[str] = []
    turns: list[Turn] = []
    for message in messages:
        if not message.content.strip():
            continue
        if message.role == "system":
            system.append(message.content)
        elif turns and turns[-1].role == message.role:
            turns[-1] = Turn(message.role, (*turns[-1].texts, message.content))
        else:
            turns.append(Turn(message.role, (message.content,)))
    return Conversation(tuple(system), tuple(turns))

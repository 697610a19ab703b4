"""What each family of models accepts. An unknown model gets what most servers take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

THINKING_ALLOWANCE = 16_000
"""Tokens added to the user's cap for models whose thinking counts towards it."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model takes; sizes in tokens, None where unknown (to be treated as large enough)."""

    sampling: bool = True
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    prefill: bool = False
    thinks: bool = False
    context_tokens: int | None = None
    output_tokens: int | None = None

    def token_limit(self, wanted: int) -> int:
        """Return the cap to send so that about `wanted` tokens are left for the answer itself."""
        limit = wanted + THINKING_ALLOWANCE if self.thinks else wanted
        return min(limit, self.output_tokens) if self.output_tokens else limit


_CLAUDE = Capabilities(sampling=False, context_tokens=1_000_000, output_tokens=128_000)
_CLAUDE_THINKING = Capabilities(
    sampling=False, thinks=True, context_tokens=1_000_000, output_tokens=128_000
)
_CLAUDE_4_6 = Capabilities(context_tokens=1_000_000, output_tokens=128_000)
_CLAUDE_4_5 = Capabilities(prefill=True, context_tokens=200_000, output_tokens=64_000)
_GPT_REASONING = Capabilities(
    sampling=False, limit_field="max_completion_tokens", thinks=True, output_tokens=128_000
)
_GPT_6 = Capabilities(
    sampling=False,
    limit_field="max_completion_tokens",
    thinks=True,
    context_tokens=922_000,
    output_tokens=128_000,
)
_O_SERIES = Capabilities(
    sampling=False,
    limit_field="max_completion_tokens",
    thinks=True,
    context_tokens=200_000,
    output_tokens=100_000,
)
_GPT_4_1 = Capabilities(
    limit_field="max_completion_tokens", context_tokens=1_047_576, output_tokens=32_768
)
_GPT_4O = Capabilities(
    limit_field="max_completion_tokens", context_tokens=128_000, output_tokens=16_384
)

# First match wins. Families newer than this table follow the newest rule of their name, since
# vendors have only ever taken parameters away. Sizes and rules: the vendors' SDKs, 2026-11.
_FAMILIES: tuple[tuple[str, Capabilities], ...] = (
    (r"claude-(opus|sonnet|haiku)-4-5", _CLAUDE_4_5),
    (r"claude-(opus|sonnet)-4-6", _CLAUDE_4_6),
    (r"claude-opus-4-[78]", _CLAUDE),
    (r"claude-(sonnet|opus)-5-5|claude-(fable|mythos)", _CLAUDE_THINKING),
    (r"claude-", _CLAUDE),
    (r"gpt-oss|deepseek-r1|qwq|magistral", Capabilities(thinks=True)),
    (r"gpt-4\.1", _GPT_4_1),
    (r"gpt-4o|chatgpt-4o", _GPT_4O),
    (r"gpt-5\.6|gpt-6", _GPT_6),
    (r"gpt-([5-9]|\d\d)", _GPT_REASONING),
    (r"o\d(-|$)", _O_SERIES),
)

# "us.anthropic.claude-…", "openai/gpt-oss-20b", "org/name:tag": the family starts after these.
_FAMILY_PATTERNS = tuple(
    (re.compile(rf"(?:^|[./])(?:{pattern})", re.IGNORECASE), capabilities)
    for pattern, capabilities in _FAMILIES
)


def capabilities_of(model: str) -> Capabilities:
    """Return what a model accepts, by its id with or without a vendor's or region's prefix."""
    for pattern, capabilities in _FAMILY_PATTERNS:
        if pattern.search(model):
            return capabilities
    return Capabilities()

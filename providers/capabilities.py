"""What each family of models accepts. An unknown model gets what most servers take."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

THINKING_ALLOWANCE = 16_000
"""Tokens added to the user's cap for models whose thinking counts towards it."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model takes; sizes in tokens.

    None is "unknown": a size that is to be treated as large enough, a parameter that may be tried.
    """

    sampling: bool = True
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    efforts: tuple[str, ...] | None = None
    """The levels of reasoning effort that it knows; empty where it has no such parameter."""
    system_role: bool = True
    prefill: bool = True
    """Whether a prompt may end with the beginning of the answer."""
    json_schema: bool | None = None
    thinks: bool = False
    context_tokens: int | None = None
    output_tokens: int | None = None

    def token_limit(self, wanted: int) -> int:
        """Return the cap to send so that about `wanted` tokens are left for the answer itself."""
        limit = wanted + THINKING_ALLOWANCE if self.thinks else wanted
        return min(limit, self.output_tokens) if self.output_tokens else limit


UNKNOWN = Capabilities()
"""What is assumed of a model that no family claims."""

_NO_EFFORT: tuple[str, ...] = ()
_THREE_EFFORTS = ("low", "medium", "high")

_CLAUDE_4_5 = Capabilities(
    efforts=_NO_EFFORT, json_schema=True, context_tokens=200_000, output_tokens=64_000
)
_CLAUDE_4_6 = Capabilities(
    efforts=(*_THREE_EFFORTS, "max"),
    prefill=False,
    json_schema=True,
    context_tokens=1_000_000,
    output_tokens=128_000,
)
_CLAUDE = replace(_CLAUDE_4_6, sampling=False, efforts=(*_THREE_EFFORTS, "xhigh", "max"))
_CLAUDE_THINKING = replace(_CLAUDE, thinks=True)

_GPT_4 = Capabilities(limit_field="max_completion_tokens", efforts=_NO_EFFORT, json_schema=True)
_GPT_4_1 = replace(_GPT_4, context_tokens=1_047_576, output_tokens=32_768)
_GPT_4O = replace(_GPT_4, context_tokens=128_000, output_tokens=16_384)
_GPT_REASONING = Capabilities(
    sampling=False,
    limit_field="max_completion_tokens",
    json_schema=True,
    thinks=True,
    output_tokens=128_000,
)
_GPT_6 = replace(
    _GPT_REASONING,
    efforts=("none", *_THREE_EFFORTS, "xhigh", "max"),
    context_tokens=922_000,
)
_O_SERIES = replace(
    _GPT_REASONING, efforts=_THREE_EFFORTS, context_tokens=200_000, output_tokens=100_000
)
_O1_EARLY = replace(
    _GPT_REASONING, efforts=_NO_EFFORT, system_role=False, json_schema=False, output_tokens=None
)

_GEMINI = Capabilities(
    efforts=("minimal", *_THREE_EFFORTS), json_schema=True, thinks=True, context_tokens=1_048_576
)
_GEMINI_FIXED = replace(_GEMINI, sampling=False)
_THINKING = Capabilities(efforts=_NO_EFFORT, thinks=True)

# First match wins. Families newer than this table follow the newest rule of their name, since
# vendors have only ever taken parameters away. Sizes and rules: the vendors' SDKs, 2026-11.
_FAMILIES: tuple[tuple[str, Capabilities], ...] = (
    (r"claude-(opus|sonnet|haiku)-4-5", _CLAUDE_4_5),
    (r"claude-(opus|sonnet)-4-6", _CLAUDE_4_6),
    (r"claude-opus-4-[78]", _CLAUDE),
    (r"claude-(sonnet|opus)-5-5|claude-(fable|mythos)", _CLAUDE_THINKING),
    (r"claude-", _CLAUDE),
    (r"gpt-oss", replace(_THINKING, efforts=_THREE_EFFORTS, context_tokens=131_072)),
    (r"deepseek-(r1|reasoner)|qwq|magistral", _THINKING),
    (r"gpt-4\.1", _GPT_4_1),
    (r"gpt-4o|chatgpt-4o", _GPT_4O),
    (r"gpt-5\.6|gpt-6", _GPT_6),
    (r"gpt-([5-9]|\d\d)", _GPT_REASONING),
    (r"o1-(mini|preview)", _O1_EARLY),
    (r"o\d(-|$)", _O_SERIES),
    (r"gemini-3\.(5-flash-lite|[6-9]-flash)", _GEMINI_FIXED),
    (r"gemini-(2\.5|[3-9])", _GEMINI),
    (r"gemma(-?2(-|:|$)|-[27]b|:|$)", Capabilities(efforts=_NO_EFFORT, system_role=False)),
    (
        r"command-a-03-2025",
        Capabilities(
            efforts=_NO_EFFORT, json_schema=True, context_tokens=256_000, output_tokens=8_000
        ),
    ),
    (r"command-(a|r)", Capabilities(efforts=_NO_EFFORT, json_schema=True)),
)

# "us.anthropic.claude-…", "openai/gpt-oss-20b", "org/name:tag": the family starts after these.
_FAMILY_PATTERNS = tuple(
    (re.compile(rf"(?:^|[./])(?:{pattern})", re.IGNORECASE), capabilities)
    for pattern, capabilities in _FAMILIES
)


@lru_cache(maxsize=256)
def capabilities_of(model: str) -> Capabilities:
    """Return what a model accepts, by its id with or without a vendor's or region's prefix."""
    for pattern, capabilities in _FAMILY_PATTERNS:
        if pattern.search(model):
            return capabilities
    return UNKNOWN

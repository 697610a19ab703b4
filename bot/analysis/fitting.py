"""The prompt of one question, packed for the window of whoever is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import overload

from bot.analysis import prompt
from bot.analysis.evidence import Evidence
from bot.analysis.hiding.search import Search
from bot.analysis.packing import Packed, pack
from bot.analysis.precedents import Precedents
from bot.analysis.redact import RedactionError, contains_secret
from bot.analysis.report import Coverage, Report
from bot.analysis.scoring import Judge
from bot.analysis.tokens import tokens
from providers.base import LLMMessage
from providers.prompts import Prompt

_SMALL = 6_000
"""Tokens below which a model is told what to do in short."""
_LEAST_CHARS = 300
_MARGIN = 0.97
"""Of a window: each server frames the messages with some tokens of its own."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What stands before any model is asked.

    `context` is the evidence as text, at most `context_chars`; `messages` hold the same items
    encoded for transport. `shown` is the part of `evidence` in it, shortened where need be.
    `rules` is the answer without any model: of a further question a short one, and those of the
    briefing say what is so of the incident. `search` is what is looked for in a text that was cut;
    None is what usually is.
    """

    evidence: tuple[Evidence, ...]
    shown: tuple[Evidence, ...]
    context: str
    messages: tuple[LLMMessage, ...]
    rules: Report
    coverage: Coverage
    judge: Judge
    briefing: prompt.Briefing
    search: Search | None = None

    @property
    def whole(self) -> Report | None:
        """What the rules say of the incident, where a further question gets a short answer."""
        return self.briefing.rules if self.briefing.earlier else None


def packed_safely(
    evidence: Sequence[Evidence], chars: int, judge: Judge, search: Search | None = None
) -> Packed:
    """Pack the evidence; raises RedactionError where a cut uncovers what the whole hid."""
    packed = pack(evidence, chars, judge.score)
    if any(contains_secret(item.text, search) for item in packed.shown):
        raise RedactionError("a shortened text shows what the whole one hid")
    return packed


def informed(prepared: Prepared, precedents: Precedents) -> Prepared:
    """Add what was seen before: beside the report, and as data beside a model's evidence."""
    if not precedents:
        return prepared
    rules = replace(prepared.rules, precedents=precedents)
    return _told(replace(prepared, rules=rules), precedents)


def repacked(prepared: Prepared, chars: int, *, is_short: bool) -> Prepared:
    """Return the same with less evidence shown; the ids stay as they are."""
    packed = packed_safely(prepared.evidence, chars, prepared.judge, prepared.search)
    coverage = replace(
        prepared.coverage, evidence_shown=len(packed.shown), shortened=packed.shortened
    )
    briefing = replace(prepared.briefing, coverage=coverage)
    return replace(
        prepared,
        shown=packed.shown,
        context=packed.context,
        messages=prompt.build(briefing, packed.shown, is_short=is_short),
        rules=replace(prepared.rules, coverage=coverage),
        coverage=coverage,
        briefing=briefing,
    )


def shortened(prepared: Prepared, chars: int) -> Prepared:
    """Return the same in few words, for a window that nobody knows and that is too small."""
    return repacked(_bare(prepared), chars, is_short=True)


def fitted(prepared: Prepared, window: int) -> Prepared:
    """Return it packed so that its prompt is at most so many tokens by our estimate.

    What was seen before makes room for evidence: of that, as much is shown as fits. Its
    `messages` are empty where no evidence worth asking about would fit.
    """
    limit = int(window * _MARGIN)
    is_short = limit < _SMALL
    for whole in (prepared, _bare(prepared)):
        told = _told(whole, whole.briefing.precedents, is_short=True) if is_short else whole
        if size_of(told.messages) <= limit:
            return told
    return _cut(_bare(prepared), limit, is_short=is_short)


def _cut(prepared: Prepared, limit: int, *, is_short: bool) -> Prepared:
    frame = size_of(prompt.build(prepared.briefing, (), is_short=is_short))
    chars = len(prepared.context)
    while chars >= _LEAST_CHARS and frame < limit:
        packed = repacked(prepared, chars, is_short=is_short)
        size = size_of(packed.messages)
        if size <= limit:
            return packed
        chars = int(chars * min(0.95, (limit - frame) / (size - frame)))
    return replace(prepared, shown=(), context="", messages=())


def _bare(prepared: Prepared) -> Prepared:
    """Return the same without precedents in its prompt; they stay beside the report."""
    return _told(prepared, Precedents()) if prepared.briefing.precedents else prepared


def _told(prepared: Prepared, precedents: Precedents, *, is_short: bool = False) -> Prepared:
    briefing = replace(prepared.briefing, precedents=precedents)
    messages = prompt.build(briefing, prepared.shown, is_short=is_short)
    return replace(prepared, briefing=briefing, messages=messages)


def size_of(messages: Sequence[LLMMessage]) -> int:
    """Return how many tokens a prompt is, by our estimate."""
    return sum(tokens(message.content) for message in messages)


class IncidentPrompt(Prompt):
    """One question's prompt; `at` also tells what was packed."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._packed: dict[int, Prepared] = {}

    async def packed(self, tokens: int) -> Sequence[LLMMessage]:
        return (await self.at(tokens)).messages

    async def at(self, window: int | None) -> Prepared:
        """Return what a model of that window is shown; None is "not known": the fullest.

        Raises RedactionError where it cannot be cut safely.
        """
        if window is None:
            return self._prepared
        if window not in self._packed:
            self._packed[window] = await asyncio.to_thread(fitted, self._prepared, window)
        return self._packed[window]

    @overload
    def __getitem__(self, index: int) -> LLMMessage: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[LLMMessage]: ...

    def __getitem__(self, index: int | slice) -> LLMMessage | Sequence[LLMMessage]:
        return self._prepared.messages[index]

    def __len__(self) -> int:
        return len(self._prepared.messages)

"""One question's analysis: prepare, ask, check every line, and fall back to rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol, cast

from bot.analysis import claims, followup, prompt, rules
from bot.analysis.collect import Collected, collect
from bot.analysis.evidence import Evidence
from bot.analysis.hiding.search import Search
from bot.analysis.packing import Packed, pack
from bot.analysis.precedents import Precedents
from bot.analysis.redact import RedactionError, contains_secret
from bot.analysis.report import Coverage, Report, Statement
from bot.analysis.scoring import Judge, scored
from bot.incident import Incident
from providers.base import (
    Attempt,
    AttemptStarted,
    Finished,
    LLMMessage,
    RequestScope,
    Restarted,
    StopReason,
    StreamEvent,
    TextDelta,
)
from providers.errors import (
    AllProvidersFailedError,
    ContextOverflowError,
    ProviderError,
    StreamInterruptedError,
)

DEFAULT_CONTEXT_CHARS = 24_000
_SHORTER = 3
"""A prompt that was too long is asked again with this part of its evidence."""
_NOT_SAFE = "the secrets in it could not be hidden safely"
_CUT_SHORT = Statement("The model's answer was cut off at its length limit.")


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done, in words for a reader."""

    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A partial report; it has passed the same check as the final one."""

    report: Report


@dataclass(frozen=True, slots=True)
class Answer:
    """The end: `finished` is None where the rules answered, and `reason` then says why."""

    report: Report
    finished: Finished | None
    attempts: tuple[Attempt, ...]
    reason: str = ""


AnalysisEvent = Stage | Draft | Answer
Recalling = Callable[[Report], Awaitable[Precedents]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What stands before any model is asked.

    `context` is the evidence as text, at most `context_chars`; `messages` hold the same items
    encoded for transport. `shown` is the part of `evidence` in it, shortened where need be.
    `rules` is the answer without any model: of a further question a short one, and `whole` then
    what the rules say of the incident. `told` is the earlier answer, with the ids of now.
    """

    evidence: tuple[Evidence, ...]
    shown: tuple[Evidence, ...]
    context: str
    messages: tuple[LLMMessage, ...]
    rules: Report
    coverage: Coverage
    judge: Judge
    question: str
    whole: Report
    told: Report | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """For whom a model is asked, whether anew, and what the thread was told before."""

    scope: RequestScope | None
    fresh: bool
    previous: Report | None = None


class Models(Protocol):
    """A chain of models; `LLMProviderManager` is one."""

    def stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        scope: RequestScope | None = None,
        fresh: bool = False,
    ) -> AsyncIterator[StreamEvent]:
        """Yield the events of one answer, `Finished` last. Raises ProviderError.

        `fresh` asks anew where an answer to the same request is still kept.
        """
        ...


def prepare(
    incident: Incident,
    *,
    context_chars: int = DEFAULT_CONTEXT_CHARS,
    search: Search | None = None,
    previous: Report | None = None,
) -> Prepared:
    """Redact, read, score, pack and apply the rules. CPU-bound: call it off the event loop.

    With `previous`, what the thread was told before, its question gets a short answer.
    Raises RedactionError where a text cannot be made safe.
    """
    collected = collect(incident, search)
    judge = Judge(collected.question, collected.items)
    evidence = scored(collected.items, judge)
    packed = pack(evidence, context_chars, judge.score)
    if any(contains_secret(item.text, search) for item in packed.shown):
        raise RedactionError("a shortened text shows what the whole one hid")
    coverage = _coverage(incident, collected, packed)
    report = rules.analyse(evidence, judge, coverage)
    told = followup.carried(previous, evidence) if previous else None
    messages = prompt.build(collected.question, packed.shown, report, coverage, told)
    answer = report
    if previous:
        answer = followup.answer_question(collected.question, report, previous, judge)
    return Prepared(
        *(evidence, packed.shown, packed.context, messages),
        *(answer, coverage, judge, collected.question),
        *(report, told),
    )


def informed(prepared: Prepared, precedents: Precedents) -> Prepared:
    """Add what was seen before: beside the report, and as data beside a model's evidence."""
    if not precedents:
        return prepared
    whole = replace(prepared.whole, precedents=precedents)
    messages = prompt.build(
        prepared.question, prepared.shown, whole, prepared.coverage, prepared.told
    )
    rules_report = replace(prepared.rules, precedents=precedents)
    return replace(prepared, rules=rules_report, whole=whole, messages=messages)


def _coverage(incident: Incident, collected: Collected, packed: Packed) -> Coverage:
    read = len(incident.messages)
    return Coverage(
        messages_read=read,
        messages_total=max(incident.total_messages, read),
        files_read=collected.files_read,
        files_total=collected.files_total,
        log_lines=collected.log_lines,
        log_templates=collected.log_templates,
        evidence_shown=len(packed.shown),
        evidence_total=len(collected.items),
        redactions=collected.redactions,
        shortened=packed.shortened,
        gaps=collected.gaps,
    )


class Analyst:
    """Answers questions about incidents; `models` is None where none is configured.

    `search` says what is hidden; without one, what usually is.
    """

    def __init__(
        self,
        models: Models | None,
        *,
        context_chars: int = DEFAULT_CONTEXT_CHARS,
        search: Search | None = None,
    ) -> None:
        self._models = models
        self._context_chars = context_chars
        self._search = search

    async def analyse(
        self,
        incident: Incident,
        *,
        scope: RequestScope | None = None,
        fresh: bool = False,
        recall: Recalling | None = None,
        previous: Report | None = None,
    ) -> AsyncGenerator[AnalysisEvent, None]:
        """Yield stages and drafts, then exactly one Answer; iterate it under `aclosing`.

        `scope` says for whom, `fresh` that no kept answer will do, `recall` finds what was seen
        before and never fails. With `previous`, what the thread was told before, the answer is a
        short one: its report's summary and gaps. Never raises ProviderError: the rules answer
        instead.
        """
        prepared, reason = await self._prepare(incident, previous)
        if recall is not None and not reason:
            prepared = informed(prepared, await recall(prepared.whole))
        if self._models is None or reason:
            yield Answer(prepared.rules, None, (), reason or "no model is configured")
            return
        run = _Run(prepared)
        try:
            asked = self._asked(incident, run, Asking(scope, fresh, previous))
            async with aclosing(asked) as shown:
                async for event in shown:
                    yield event
            answer = run.answer()
        except ProviderError as error:
            answer = _fallen_back(run, error)
        except RedactionError:
            answer = Answer(run.prepared.rules, None, run.earlier, _NOT_SAFE)
        yield answer

    async def _prepare(self, incident: Incident, previous: Report | None) -> tuple[Prepared, str]:
        """Return what to ask, and why nothing may be asked, where that is so."""
        try:
            return await self._prepared(incident, self._context_chars, previous), ""
        except RedactionError:
            nothing = prepare(Incident(()), context_chars=self._context_chars)
            return nothing, _NOT_SAFE

    async def _prepared(
        self, incident: Incident, context_chars: int, previous: Report | None
    ) -> Prepared:
        search = self._search
        return await asyncio.to_thread(
            prepare, incident, context_chars=context_chars, search=search, previous=previous
        )

    async def _asked(
        self, incident: Incident, run: _Run, asking: Asking
    ) -> AsyncGenerator[AnalysisEvent, None]:
        """Ask the chain; where the prompt is too long for all of it, once more with a third."""
        try:
            async with aclosing(self._told(run, asking)) as events:
                async for event in events:
                    yield event
            return
        except AllProvidersFailedError as error:
            if not any(attempt.outcome == ContextOverflowError.kind for attempt in error.attempts):
                raise
            run.earlier = error.attempts
        yield Stage("the evidence is too long for the model, choosing less of it")
        shorter = self._context_chars // _SHORTER
        # The precedents stay beside the report, and make room for evidence in the prompt.
        precedents = run.prepared.rules.precedents
        prepared = await self._prepared(incident, shorter, asking.previous)
        run.begin(replace(prepared, rules=replace(prepared.rules, precedents=precedents)))
        async with aclosing(self._told(run, asking)) as events:
            async for event in events:
                yield event

    async def _told(self, run: _Run, asking: Asking) -> AsyncGenerator[AnalysisEvent, None]:
        assert self._models is not None
        stream = self._models.stream(run.prepared.messages, scope=asking.scope, fresh=asking.fresh)
        async with aclosing(cast("AsyncGenerator[StreamEvent]", stream)) as events:
            async for event in events:
                if (shown := run.take(event)) is not None:
                    yield shown
                if run.finished:
                    return


class _Run:
    """Folds one stream; holds only complete lines back for showing."""

    def __init__(self, prepared: Prepared) -> None:
        self.finished: Finished | None = None
        self.earlier: tuple[Attempt, ...] = ()
        self._failed = ""
        self.begin(prepared)

    def begin(self, prepared: Prepared) -> None:
        """Start anew, with other evidence."""
        self.prepared = prepared
        self._text = ""

    def take(self, event: StreamEvent) -> AnalysisEvent | None:
        if isinstance(event, AttemptStarted):
            said = (
                f"{self._failed}, asking {event.provider}"
                if self._failed
                else f"asking {event.provider}"
            )
            return Stage(said)
        if isinstance(event, Restarted):
            self._text = ""
            self._failed = f"{event.provider} {event.phrase}"
        elif isinstance(event, TextDelta):
            self._text += event.text
            return self._draft() if "\n" in event.text else None
        elif isinstance(event, Finished):
            self.finished = event
        return None

    def answer(self) -> Answer:
        """Return the checked answer, or the rules' where the model's cannot stand."""
        if self.finished is None:
            raise StreamInterruptedError("no terminal event")
        report = self._check(self._text)
        attempts = (*self.earlier, *self.finished.attempts)
        if report is None or not claims.is_usable(report, self._text):
            reason = f"the answer of {self.finished.provider} did not pass the check"
            return Answer(self.prepared.rules, None, attempts, reason)
        if self.finished.stop_reason is StopReason.LENGTH:
            report = replace(report, gaps=(*report.gaps, _CUT_SHORT))
        return Answer(report, self.finished, attempts)

    def _draft(self) -> Draft | None:
        complete = self._text[: self._text.rfind("\n") + 1]
        report = self._check(complete)
        return Draft(report) if report else None

    def _check(self, text: str) -> Report | None:
        return claims.check(text, self.prepared.rules, self.prepared.judge)


def _fallen_back(run: _Run, error: ProviderError) -> Answer:
    attempts = (*run.earlier, *error.attempts)
    if not isinstance(error, AllProvidersFailedError):
        reason = f"{error.provider or 'the model'} {error.phrase}"
        return Answer(run.prepared.rules, None, attempts, reason)
    said = {a.provider: f"{a.provider} {a.phrase or a.outcome}" for a in error.attempts}
    reason = ", ".join(said.values()) or "none could be asked"
    return Answer(run.prepared.rules, None, attempts, f"all providers failed: {reason}")

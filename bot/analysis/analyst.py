"""One question's analysis: prepare, ask, check every line, and fall back to rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Protocol, cast

from bot.analysis.answering import AnalysisEvent, Answer, Draft, Run, Stage
from bot.analysis.fitting import Prepared, informed, shortened
from bot.analysis.hiding.search import Search
from bot.analysis.precedents import Precedents
from bot.analysis.preparing import DEFAULT_CONTEXT_CHARS, prepare
from bot.analysis.redact import RedactionError
from bot.analysis.report import Report
from bot.incident import Incident
from providers.base import Finished, LLMMessage, RequestScope, StreamEvent
from providers.errors import AllProvidersFailedError, ContextOverflowError, ProviderError

__all__ = [
    "DEFAULT_CONTEXT_CHARS",
    "AnalysisEvent",
    "Analyst",
    "Answer",
    "Draft",
    "Models",
    "Prepared",
    "Recalling",
    "Stage",
    "prepare",
]

_SHORTER = 3
"""A prompt that was too long is asked again with this part of its evidence."""
_NOT_SAFE = "the secrets in it could not be hidden safely"
Recalling = Callable[[Report], Awaitable[Precedents]]


@dataclass(frozen=True, slots=True)
class Asking:
    """For whom a model is asked, and whether it has to be asked anew."""

    scope: RequestScope | None
    fresh: bool


class Models(Protocol):
    """A chain of models; `LLMProviderManager` is one."""

    def stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        scope: RequestScope | None = None,
        fresh: bool = False,
        instead_of: Finished | None = None,
    ) -> AsyncIterator[StreamEvent]:
        """Yield the events of one answer, `Finished` last. Raises ProviderError.

        `fresh` asks anew where an answer to the same request is still kept; `instead_of` is an
        answer of the same call that would not do, and somebody else is asked.
        """
        ...


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
            prepared = informed(prepared, await recall(prepared.briefing.rules))
        if self._models is None or reason:
            yield Answer(prepared.rules, None, (), reason or "no model is configured")
            return
        run = Run(prepared)
        try:
            async with aclosing(self._asked(run, Asking(scope, fresh))) as shown:
                async for event in shown:
                    yield event
            answer = run.answer()
        except ProviderError as error:
            answer = run.fallen_back(error)
        except RedactionError:
            answer = Answer(run.prepared.rules, None, run.earlier, _NOT_SAFE)
        yield answer

    async def _prepare(self, incident: Incident, previous: Report | None) -> tuple[Prepared, str]:
        """Return what to ask, and why nothing may be asked, where that is so."""
        wanted = partial(prepare, context_chars=self._context_chars, search=self._search)
        try:
            return await asyncio.to_thread(wanted, incident, previous=previous), ""
        except RedactionError:
            return prepare(Incident(())), _NOT_SAFE

    async def _asked(self, run: Run, asking: Asking) -> AsyncGenerator[AnalysisEvent, None]:
        """Ask the chain; where its answer does not pass the check, once more and somebody else."""
        async with aclosing(self._fitted(run, asking)) as events:
            async for event in events:
                yield event
        rejected = run.reject()
        if rejected is None:
            return
        async with aclosing(self._told(run, asking, rejected)) as events:
            async for event in events:
                yield event

    async def _fitted(self, run: Run, asking: Asking) -> AsyncGenerator[AnalysisEvent, None]:
        """Ask the chain; where the prompt is too long for all of it, once more with a third.

        That is for models whose window nobody knows; for the others it was packed to fit.
        """
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
        chars = self._context_chars // _SHORTER
        run.begin(await asyncio.to_thread(shortened, run.prepared, chars))
        async with aclosing(self._told(run, asking)) as events:
            async for event in events:
                yield event

    async def _told(
        self, run: Run, asking: Asking, instead_of: Finished | None = None
    ) -> AsyncGenerator[AnalysisEvent, None]:
        assert self._models is not None
        stream = self._models.stream(
            run.prompt, scope=asking.scope, fresh=asking.fresh, instead_of=instead_of
        )
        async with aclosing(cast("AsyncGenerator[StreamEvent]", stream)) as events:
            async for event in events:
                if (shown := await run.take(event)) is not None:
                    yield shown
                if run.finished:
                    return

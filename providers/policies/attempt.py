"""One request to one provider: watched while it runs, and put on record when it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from providers.base import (
    Attempt,
    Finished,
    LLMMessage,
    RequestScope,
    StreamEvent,
    TextDelta,
    Thinking,
    Usage,
)
from providers.policies.clocks import Deadline
from providers.policies.completion import objection
from providers.policies.content import ContentClock
from providers.policies.route import Pass, Route
from providers.policies.rules import Rules
from providers.pricing import cost_usd


@dataclass(frozen=True, slots=True)
class Question:
    """What a call asks, and for whom; `rejected` is an earlier answer that would not do."""

    messages: Sequence[LLMMessage]
    scope: RequestScope | None
    rejected: Finished | None = None


class LiveAttempt:
    """A request in flight; `granted` is the leave for it, `reason` says why it is sent."""

    def __init__(
        self,
        route: Route,
        granted: Pass,
        question: Question,
        *,
        rules: Rules,
        deadline: Deadline,
        following: int,
        reason: str,
    ) -> None:
        self.route = route
        self.granted = granted
        self.reason = reason
        self._question = question
        self._rules = rules
        self._deadline_left = deadline.remaining
        share = deadline.share(following)
        limits = rules.clocks.limits(route.name, route.pace)
        self._connect_timeout = min(limits.connect, share)
        self._content = ContentClock(limits, share, deadline.fair_chance, rules.clock)
        self._clock = rules.clock
        self._began = rules.clock()
        self._characters = 0
        self._thought_characters = 0
        self._text_seen = False
        self._first_token: float | None = None
        self._finished: Finished | None = None
        route.begun()

    @property
    def content_seen(self) -> bool:
        """Whether the model had begun, be it with thinking or with text."""
        return self._content.content_seen

    @property
    def characters(self) -> int:
        """How much text has come."""
        return self._characters

    @property
    def prompt_cost(self) -> float | None:
        """USD of its prompt by our estimate: what is paid even where no answer comes."""
        return self._cost(Usage(self.granted.tokens, 0, estimated=True))

    async def events(self) -> AsyncIterator[StreamEvent]:
        """Yield content and, at last, `Finished`; nothing else comes through.

        Raises ProviderError where a clock runs out or the ending is not an answer.
        """
        stream = self.route.provider.stream(
            self.granted.messages,
            scope=self._question.scope,
            connect_timeout=self._connect_timeout,
        )
        async with aclosing(cast("Any", stream)) as source:
            try:
                while self._finished is None:
                    event = await self._content.next_event(source)
                    if self._note(event):
                        yield event
            finally:
                self._content.close()

    def record(self, outcome: str, phrase: str = "") -> Attempt:
        """Return the attempt as it stands now; what a failure wasted is counted."""
        usage = self._usage()
        return Attempt(
            provider=self.route.name,
            model=self.route.provider.model,
            outcome=outcome,
            seconds=self._clock() - self._began,
            time_to_first_token=self._first_token,
            usage=usage,
            cost_usd=self._cost(usage),
            discarded_characters=0 if outcome == "ok" else self._characters,
            phrase=phrase,
            reason=self.reason,
            waited=self.granted.waited,
            longest_gap=self._content.longest_gap,
            deadline_left=self._deadline_left,
        )

    def _usage(self) -> Usage:
        if self._finished is not None:
            return self._finished.usage
        if not self.content_seen:
            # Refused, or silent: what the vendor counts of that, if anything, nobody can know.
            return Usage()
        received = -(-(self._characters + self._thought_characters) // 4)
        return Usage(self.granted.tokens, received, estimated=True)

    def _cost(self, usage: Usage) -> float | None:
        provider, prices = self.route.provider, self._rules.prices
        version = self._finished.model_version if self._finished else ""
        models = (version, provider.model) if version else (provider.model,)
        priced = any(model in prices for model in models)
        if self._finished is not None and not priced:
            return self._finished.cost_usd
        if provider.local and not priced:
            return 0.0 if usage.total_tokens else None
        return cost_usd(provider.name, models, usage, prices)

    def _note(self, event: StreamEvent) -> bool:
        """Take an event in, and say whether it comes through."""
        if isinstance(event, TextDelta):
            self._note_text(event.text)
            return bool(event.text)
        if isinstance(event, Thinking):
            self._thought_characters += event.characters
            return True
        if isinstance(event, Finished):
            self._note_end(event)
            return True
        return False

    def _note_text(self, text: str) -> None:
        if self._first_token is None and text:
            self._first_token = self._clock() - self._began
        self._characters += len(text)
        self._text_seen = self._text_seen or bool(text.strip())

    def _note_end(self, finished: Finished) -> None:
        self._finished = finished
        error = objection(finished, self._text_seen)
        if error is not None:
            raise error

"""One request to one provider: watched while it runs, and put on record when it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

from providers.base import (
    Attempt,
    Finished,
    LLMMessage,
    RequestScope,
    StreamEvent,
    TextDelta,
    Usage,
)
from providers.policies.breaker import Permit
from providers.policies.clocks import ContentClock, Limits, is_content
from providers.policies.completion import objection
from providers.policies.route import Route


class LiveAttempt:
    """A request in flight; `share` is what it may take of the chain's deadline, in seconds."""

    def __init__(
        self,
        route: Route,
        permit: Permit,
        *,
        limits: Limits,
        share: float,
        clock: Callable[[], float],
    ) -> None:
        self.route = route
        self.permit = permit
        self._connect_timeout = min(limits.connect, share)
        self._content = ContentClock(limits, share, clock)
        self._clock = clock
        self._began = clock()
        self._characters = 0
        self._text_seen = False
        self._first_token: float | None = None
        self._finished: Finished | None = None

    @property
    def content_seen(self) -> bool:
        """Whether the model had begun, be it with thinking or with text."""
        return self._content.content_seen

    async def events(
        self, messages: Sequence[LLMMessage], scope: RequestScope | None
    ) -> AsyncIterator[StreamEvent]:
        """Yield content and, at last, `Finished`; nothing else comes through.

        Raises ProviderError where a clock runs out or the ending is not an answer.
        """
        stream = self.route.provider.stream(
            messages, scope=scope, connect_timeout=self._connect_timeout
        )
        async with aclosing(cast("Any", stream)) as source:
            while self._finished is None:
                event = await self._content.next_event(source)
                if isinstance(event, TextDelta):
                    self._note_text(event.text)
                elif isinstance(event, Finished):
                    self._note_end(event)
                if is_content(event) or isinstance(event, Finished):
                    yield event

    def record(self, outcome: str, phrase: str = "") -> Attempt:
        """Return the attempt as it stands now; what a failure discards is counted."""
        ended = self._finished
        return Attempt(
            provider=self.route.name,
            model=self.route.provider.model,
            outcome=outcome,
            seconds=self._clock() - self._began,
            time_to_first_token=self._first_token,
            usage=ended.usage if ended else Usage(),
            cost_usd=ended.cost_usd if ended else None,
            discarded_characters=0 if outcome == "ok" else self._characters,
            phrase=phrase,
        )

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

"""One answer as it comes in, and the judgement whether it may be called whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from providers.base import (
    Finished,
    LLMMessage,
    StopReason,
    StreamEvent,
    TextDelta,
    Thinking,
    Usage,
    now,
)
from providers.errors import (
    ContentPolicyError,
    ContextOverflowError,
    EmptyResponseError,
    StreamInterruptedError,
)
from providers.pricing import cost_usd
from providers.thought_tags import Part, ThoughtTags
from providers.tokens import estimate_prompt, tokens_of


class Answer:
    """Filled in by a wire's reader; `finished()` ends it.

    `complete` is set at the wire's terminal event and nowhere else: a stream that merely ends is
    not an answer.
    """

    def __init__(
        self,
        *,
        provider: str,
        model: str,
        started: float,
        stop_reasons: Mapping[str, StopReason],
        local: bool = False,
        prompt: Sequence[LLMMessage] = (),
    ) -> None:
        self.provider = provider
        self.model = model
        self.started = started
        self.complete = False
        self.refused = False
        self.progressed = False
        self.model_version = ""
        self.request_id: str | None = None
        self.raw_stop_reason = ""
        self.usage = Usage()
        self._stop_reasons = stop_reasons
        self._local = local
        self._prompt = prompt
        self._output_bytes = 0
        self._first_text: float | None = None
        self._has_words = False
        self._tags = ThoughtTags()

    def text(self, piece: str) -> TextDelta:
        """Take in a piece of the answer."""
        self.progressed = True
        if self._first_text is None:
            self._first_text = now() - self.started
        self._output_bytes += len(piece.encode(errors="replace"))
        self._has_words = self._has_words or bool(piece.strip())
        return TextDelta(piece)

    def thinking(self, piece: str) -> Thinking:
        """Take in a piece of reasoning: progress, but no part of the answer."""
        self.progressed = True
        self._output_bytes += len(piece.encode(errors="replace"))
        return Thinking(len(piece))

    def tagged_text(self, piece: str) -> list[StreamEvent]:
        """Take in a piece of a wire on which models may mark their thinking in the text."""
        return self._told_apart(self._tags.feed(piece))

    def rest_of_tagged_text(self) -> list[StreamEvent]:
        """Return what was held back because it looked like the beginning of a mark."""
        return self._told_apart(self._tags.rest())

    def _told_apart(self, parts: list[Part]) -> list[StreamEvent]:
        return [
            self.thinking(part.text) if part.thought else self.text(part.text) for part in parts
        ]

    def finished(self) -> Finished:
        """Return the last event.

        Raises StreamInterruptedError where the answer is not whole, ContentPolicyError for a
        refusal, ContextOverflowError or EmptyResponseError where there is not a word in it.
        """
        reason = self._stop_reasons.get(self.raw_stop_reason, StopReason.UNKNOWN)
        if not self.complete or reason is StopReason.ERROR:
            raise StreamInterruptedError("no terminal event" if not self.complete else "aborted")
        if reason is StopReason.CONTENT_FILTER or (self.refused and not self._has_words):
            raise ContentPolicyError("the answer was withheld")
        if not self._has_words:
            raise _nothing_said(reason)
        return self._finished(reason)

    def _finished(self, reason: StopReason) -> Finished:
        version = self.model_version or self.model
        usage = self._usage_or_estimate()
        models = (version, self.model)
        return Finished(
            provider=self.provider,
            model=self.model,
            model_version=version,
            stop_reason=reason,
            raw_stop_reason=self.raw_stop_reason,
            usage=usage,
            latency_seconds=now() - self.started,
            time_to_first_token=self._first_text,
            request_id=self.request_id,
            cost_usd=0.0 if self._local else cost_usd(self.provider, models, usage),
        )

    def _usage_or_estimate(self) -> Usage:
        usage = self.usage
        if usage.total_tokens is not None:
            return usage
        prompt, output = usage.prompt_tokens, usage.completion_tokens
        return replace(
            usage,
            prompt_tokens=estimate_prompt(self._prompt) if prompt is None else prompt,
            completion_tokens=tokens_of(self._output_bytes) if output is None else output,
            estimated=True,
        )


def _nothing_said(reason: StopReason) -> ContextOverflowError | EmptyResponseError:
    if reason is StopReason.CONTEXT_OVERFLOW:
        return ContextOverflowError("the window was full before any text")
    if reason is StopReason.LENGTH:
        return EmptyResponseError("the token limit was spent before any text")
    return EmptyResponseError()

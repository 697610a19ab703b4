"""Whether a stream that says it is finished is an answer."""

from __future__ import annotations

from providers.base import Finished, StopReason
from providers.errors import (
    ContentPolicyError,
    ContextOverflowError,
    EmptyResponseError,
    ProviderError,
    StreamInterruptedError,
)

_NOT_AN_ANSWER: dict[StopReason, type[ProviderError]] = {
    StopReason.CONTENT_FILTER: ContentPolicyError,
    StopReason.CONTEXT_OVERFLOW: ContextOverflowError,
    StopReason.ERROR: StreamInterruptedError,
}


def objection(finished: Finished, text_seen: bool) -> ProviderError | None:
    """Return why this ending is not an answer, or None; one cut at its length cap is one."""
    error = _NOT_AN_ANSWER.get(finished.stop_reason)
    if error is not None:
        return error("", provider=finished.provider, model=finished.model)
    if not text_seen:
        return EmptyResponseError("", provider=finished.provider, model=finished.model)
    return None

"""Which endings are answers."""

from __future__ import annotations

import pytest

from providers.base import Finished, StopReason, Usage
from providers.policies.completion import objection


@pytest.mark.parametrize(
    ("stop_reason", "text_seen", "kind"),
    [
        (StopReason.STOP, True, None),
        (StopReason.LENGTH, True, None),
        (StopReason.PAUSED, True, None),
        (StopReason.UNKNOWN, True, None),
        (StopReason.STOP, False, "empty_response"),
        (StopReason.LENGTH, False, "empty_response"),
        (StopReason.ERROR, True, "stream_interrupted"),
        (StopReason.CONTENT_FILTER, True, "content_policy"),
        (StopReason.CONTENT_FILTER, False, "content_policy"),
        (StopReason.CONTEXT_OVERFLOW, True, "context_overflow"),
    ],
)
def test_objection(stop_reason: StopReason, text_seen: bool, kind: str | None) -> None:
    finished = Finished("p", "m", "m-1", stop_reason, "raw", Usage(), 1.0, None)
    error = objection(finished, text_seen)
    assert (error.kind if error else None) == kind

"""What the workspace refuses, in the words of Slack's own answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class SlackError(Exception):
    """An answer with `"ok": false`; `extra` is laid beside the error in the body."""

    def __init__(self, error: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.extra = dict(extra or {})

    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.extra}


class RateLimitedError(SlackError):
    """HTTP 429; `retry_after` is in whole seconds, as the header wants it."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


class NotLoopbackError(ValueError):
    """The workspace was to be reachable from beyond this machine, which it never may be."""


def explained(error: str, messages: Sequence[str]) -> SlackError:
    """Return a refusal that names each fault the way Slack does, in its response_metadata."""
    details = [f"[ERROR] {message}" for message in messages]
    return SlackError(error, {"response_metadata": {"messages": details}})

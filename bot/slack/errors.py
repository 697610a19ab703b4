"""What can go wrong between us and Slack, and what to do about it.

    SlackError                      again?  what Slack said, or we saw
    ├── SlackUnavailableError       yes     5xx, HTML, bad JSON, a dropped connection, silence
    ├── RateLimitedError            wait    429, `ratelimited`; `retry_after` in seconds
    ├── NotInChannelError           no      not_in_channel, channel_not_found
    ├── ThreadGoneError             no      thread_not_found, a root that was deleted
    ├── MessageGoneError            no      the message cannot be changed any more
    ├── MissingScopeError           no      `needed` names the scope
    ├── UnknownMethodError          no      this server does not have the method
    ├── RejectedError               no      any other `ok: false`; `code` is Slack's word
    ├── AudienceError               no      ours: content of one channel, bound for another
    └── RefusedContentError         no      ours: an image, or an address that is not Slack's

After `SlackUnavailableError` a write may have happened all the same: look before repeating it.
No text of a message is ever part of an error's text.
"""

from __future__ import annotations

from typing import ClassVar


class SlackError(Exception):
    """A call to Slack failed."""

    transient: ClassVar[bool] = False
    retry_after: float | None = None


class SlackUnavailableError(SlackError):
    """No usable answer came; what was asked for may have been done."""

    transient = True


class RateLimitedError(SlackError):
    """Too many requests; nothing was done. `retry_after` is in seconds."""

    transient = True

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(f"rate limited for {retry_after:g} s")


class NotInChannelError(SlackError):
    """The bot is not in the channel, or the channel does not exist for it."""


class ThreadGoneError(SlackError):
    """The thread does not exist any more."""


class MessageGoneError(SlackError):
    """The message was deleted, is not ours, or its channel takes no more edits."""


class MissingScopeError(SlackError):
    """The token lacks a scope; `needed` is its name."""

    def __init__(self, needed: str) -> None:
        self.needed = needed
        super().__init__(f"the token lacks the scope {needed or '(not told which)'}")


class UnknownMethodError(SlackError):
    """The server behind the API address does not have this method."""


class RejectedError(SlackError):
    """Slack said no for a reason of its own; `code` is its word for it."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class AudienceError(SlackError):
    """What was read in one channel was about to be shown in another."""


class RefusedContentError(SlackError):
    """A block or an address that must never leave here was about to."""

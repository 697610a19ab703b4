"""Who wants to know what a chain does: metrics, traces. Nothing is observed by default."""

from __future__ import annotations

from typing import Protocol

from providers.base import Attempt, Finished
from providers.errors import ProviderError


class Observer(Protocol):
    """Told of decisions as they fall, in their order; free of prompt and vendor text.

    Each method is called on the event loop, in the middle of an answer: it must be quick, and
    what it raises is logged and goes no further.
    """

    def attempt_ended(self, attempt: Attempt) -> None:
        """Take an attempt that ended, or one that was skipped."""
        ...

    def failed_over(self, failed: Attempt, following: str) -> None:
        """Take that a provider's failure was answered by asking another, by its name."""
        ...

    def answered(self, finished: Finished) -> None:
        """Take an answer; `attempts` holds its whole way, the wasted ones too."""
        ...

    def gave_up(self, error: ProviderError) -> None:
        """Take that a call got no answer; `error.attempts` holds its whole way."""
        ...

    def breaker_changed(self, provider: str, model: str, old: str, new: str) -> None:
        """Take a breaker's transition between "closed", "open" and "half-open"."""
        ...


class Silent:
    """An observer that does not look."""

    def attempt_ended(self, attempt: Attempt) -> None:
        """Ignore it."""

    def failed_over(self, failed: Attempt, following: str) -> None:
        """Ignore it."""

    def answered(self, finished: Finished) -> None:
        """Ignore it."""

    def gave_up(self, error: ProviderError) -> None:
        """Ignore it."""

    def breaker_changed(self, provider: str, model: str, old: str, new: str) -> None:
        """Ignore it."""

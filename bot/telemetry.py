"""Logging: one line an event on stderr, and no text of an incident, a model or a key in it."""

from __future__ import annotations

import logging
import sys
import traceback

from providers.base import Attempt, Finished
from providers.errors import ProviderError
from providers.policies.observer import Observer

logger = logging.getLogger(__name__)

_QUIET = ("slack_bolt", "slack_sdk", "apscheduler", "aiohttp.access", "drain3", "httpx2", "openai")


def configure_logging(level: str) -> None:
    """Send log lines of this level and above to stderr. Called once, by the program's start."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # These log whole request bodies at DEBUG and INFO, a rejected signature's among them.
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def whereabouts(error: BaseException) -> str:
    """Return the error's type and place, without its message: that may quote an incident."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"


class DecisionLog:
    """Logs each decision of a chain in a line, and hands everything on to another observer."""

    def __init__(self, following: Observer) -> None:
        self._following = following

    def attempt_ended(self, attempt: Attempt) -> None:
        """Log who was asked, why, and how it ended."""
        if attempt.skipped:
            logger.info("%s was not asked: %s", attempt.provider, attempt.outcome)
        else:
            logger.info(
                "%s %s (%s): %s in %.2f s, %s tokens",
                attempt.provider,
                attempt.model,
                attempt.reason,
                attempt.outcome,
                attempt.seconds,
                attempt.usage.total_tokens,
            )
        self._following.attempt_ended(attempt)

    def failed_over(self, failed: Attempt, following: str) -> None:
        """Hand it on: both attempts have their own lines."""
        self._following.failed_over(failed, following)

    def answered(self, finished: Finished) -> None:
        """Hand it on."""
        self._following.answered(finished)

    def gave_up(self, error: ProviderError) -> None:
        """Log that no model answered."""
        logger.warning("no model answered: %s after %d decisions", error.kind, len(error.attempts))
        self._following.gave_up(error)

    def breaker_changed(self, provider: str, model: str, old: str, new: str) -> None:
        """Log a transition."""
        logger.info("breaker of %s %s: %s to %s", provider, model, old, new)
        self._following.breaker_changed(provider, model, old, new)

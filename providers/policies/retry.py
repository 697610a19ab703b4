"""Whether to ask the same provider again, and after how long: by kind of failure, not by count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from providers.errors import (
    OverloadedError,
    ProviderError,
    RateLimitedError,
    StreamInterruptedError,
)

SHORT_WAIT_SECONDS = 3.0
"""The longest wait that is worth more than asking another provider at once."""

_JITTER_SECONDS = (0.1, 0.5)
_BACKOFF_SECONDS = (1.0, 8.0)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the decision rests on beside the error.

    `repeated` holds the kinds that led to a repeat at this provider before, `alternative` says
    that another provider could be asked now, `budget` is what this one may still use, in seconds.
    """

    content_seen: bool = False
    repeated: tuple[str, ...] = ()
    max_retries: int = 2
    alternative: bool = True
    budget: float = float("inf")


def wait_before_repeat(
    error: ProviderError, situation: Situation, random: Callable[[], float]
) -> float | None:
    """Return the seconds to wait before the same provider is asked again; None is "do not".

    After content there is no repeat: whoever failed in the middle of one answer loses the next.
    """
    if situation.content_seen or len(situation.repeated) >= situation.max_retries:
        return None
    wait = _wait(error, situation, random)
    return wait if wait is not None and wait < situation.budget else None


def _wait(error: ProviderError, situation: Situation, random: Callable[[], float]) -> float | None:
    if isinstance(error, RateLimitedError):
        return _wait_for_limit(error, situation, random)
    if isinstance(error, OverloadedError):
        return None if situation.alternative else _wait_once(error, situation, random)
    if error.retryable or isinstance(error, StreamInterruptedError):
        return _wait_once(error, situation, random)
    return None


def _wait_for_limit(
    error: RateLimitedError, situation: Situation, random: Callable[[], float]
) -> float | None:
    stated = error.retry_after
    if stated is not None and stated <= SHORT_WAIT_SECONDS and _first(error, situation):
        return stated * (1 + 0.1 * random())
    if situation.alternative:
        return None
    shortest, longest = _BACKOFF_SECONDS
    backoff = min(longest, shortest * 2.0 ** len(situation.repeated))
    return max(stated or 0.0, backoff * (0.5 + 0.5 * random()))


def _wait_once(
    error: ProviderError, situation: Situation, random: Callable[[], float]
) -> float | None:
    stated = error.retry_after or 0.0
    too_long = stated > SHORT_WAIT_SECONDS and situation.alternative
    if too_long or not _first(error, situation):
        return None
    shortest, longest = _JITTER_SECONDS
    return max(stated, shortest + (longest - shortest) * random())


def _first(error: ProviderError, situation: Situation) -> bool:
    return error.kind not in situation.repeated

"""One call to Slack, its failure as one of our errors, and patience where it may be repeated."""

from __future__ import annotations

import asyncio
import copy
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import (
    MessageGoneError,
    MissingScopeError,
    NotInChannelError,
    RateLimitedError,
    RejectedError,
    SlackError,
    SlackUnavailableError,
    ThreadGoneError,
    UnknownMethodError,
)

Call = Callable[[], Awaitable[Any]]
Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]
_Result = TypeVar("_Result")

_CODES: dict[type[SlackError], tuple[str, ...]] = {
    NotInChannelError: ("not_in_channel", "channel_not_found"),
    ThreadGoneError: ("thread_not_found",),
    MessageGoneError: (
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "is_inactive",
    ),
    SlackUnavailableError: (
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "update_failed",
    ),
    UnknownMethodError: ("unknown_method", "not_implemented", "method_not_supported"),
}
_BY_CODE = {code: kind for kind, codes in _CODES.items() for code in codes}


def without_retries(client: AsyncWebClient) -> AsyncWebClient:
    """Return a copy of a client that sends each request once.

    The SDK's own handler repeats a post whose answer was lost, which posts it twice.
    """
    once = copy.copy(client)
    once.retry_handlers = []
    return once


async def attempt(call: Call, *, timeout: float = 15.0) -> Mapping[str, Any]:
    """Make one call and return what Slack answered. Raises SlackError and nothing else."""
    try:
        async with asyncio.timeout(timeout):
            response = await call()
    except SlackApiError as error:
        # Without its cause: the SDK quotes the body of the answer in its message.
        raise translated(error.response) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SlackUnavailableError(type(error).__name__) from error
    except (AttributeError, ValueError) as error:
        # The SDK stumbles over a body that is neither JSON nor HTML.
        raise SlackUnavailableError("unreadable answer") from error
    data = getattr(response, "data", None)
    return data if isinstance(data, dict) else {}


def translated(response: Any) -> SlackError:
    """Return the error behind an answer that is not one: of the SDK, a webhook or aiohttp."""
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    body: Mapping[str, Any] = data if isinstance(data, dict) else {}
    code = str(body.get("error") or "")
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return RateLimitedError(_retry_after(getattr(response, "headers", {})))
    if code:
        return _from_code(code, body)
    if status in (404, 405, 501):
        return UnknownMethodError(f"HTTP {status}")
    return SlackUnavailableError(f"HTTP {status}")


def _from_code(code: str, body: Mapping[str, Any]) -> SlackError:
    if code == "missing_scope":
        return MissingScopeError(str(body.get("needed") or ""))
    kind = _BY_CODE.get(code)
    return kind(code) if kind else RejectedError(code)


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(headers.get("Retry-After", 1)))
    except ValueError:
        return 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call that may be repeated is repeated: all in seconds."""

    deadline: float = 60.0
    first_wait: float = 0.5
    longest_wait: float = 30.0
    timeout: float = 15.0
    sleep: Sleep = asyncio.sleep
    clock: Clock = time.monotonic

    def wait_before(self, number: int, error: SlackError) -> float:
        """Return the pause after failed attempt `number` (from 1), jittered unless Slack set it."""
        if error.retry_after is not None:
            return error.retry_after
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (number - 1))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter is no secret

    async def read(self, call: Call) -> Mapping[str, Any]:
        """Repeat a call while its failures are transient. Raises the last failure."""
        return await self.repeat(lambda: attempt(call, timeout=self.timeout))

    async def repeat(self, operation: Callable[[], Awaitable[_Result]]) -> _Result:
        """Repeat what raises SlackError, as `read` does."""
        end = self.clock() + self.deadline
        number = 0
        while True:
            number += 1
            try:
                return await operation()
            except SlackError as error:
                wait = self.wait_before(number, error)
                if not error.transient or self.clock() + wait >= end:
                    raise
            await self.sleep(wait)

"""What can go wrong between us and a model, and what to do about it.

Each class carries the decision, so that no policy ever looks at a status code or a vendor:
`retryable` (ask the same provider again), `failover` (ask the next one), `retry_after` (seconds).

    ProviderError                            retry  failover  the vendor said, or we saw
    ├── ConfigurationError                   no     yes       nothing was sent: no key, no model
    ├── AuthenticationError                  no     yes       401, 403
    ├── QuotaExceededError                   no     yes       402, 429 that waiting does not cure
    ├── ModelNotFoundError                   no     yes       404
    ├── RateLimitedError                     wait   yes       429 with or without Retry-After
    ├── OverloadedError                      no     yes       503, 504, 529
    ├── ServerError                          once   yes       500, 502, 408, 409
    ├── UnreachableError                     no     yes       DNS, refused, TLS, connect timeout
    ├── ConnectionLostError                  once   yes       reset before any byte of an answer
    ├── FirstContentTimeoutError             no     yes       silence, or keep-alives only
    ├── ContentGapTimeoutError               no     yes       silence in the middle
    ├── TooSlowError                         no     yes       fewer tokens a second than asked for
    ├── StreamInterruptedError               no     yes       ended without its terminal event
    ├── MalformedResponseError               no     yes       HTML, bad JSON, unreadable events
    ├── EmptyResponseError                   no     yes       a complete answer without a word in it
    ├── ContextOverflowError                 no     yes       the prompt is too long for this model
    ├── ContentPolicyError                   no     no        a refusal: not to be routed around
    ├── InvalidRequestError                  no     no        any other 400, 422: our own bug
    └── AllProvidersFailedError              no     no        the chain is spent; holds the attempts

A repeat is decided by kind, not by count. A message of a vendor is never part of an error's text:
it may quote the prompt or a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from providers.base import Attempt


class ProviderError(Exception):
    """A call to a provider failed; `phrase` says how, in words fit for a reader."""

    kind: ClassVar[str] = "error"
    phrase: ClassVar[str] = "failed"
    retryable: ClassVar[bool] = False
    failover: ClassVar[bool] = True

    attempts: tuple[Attempt, ...] = ()
    """What a chain had tried when it gave up; empty where a provider was asked directly."""

    def __init__(
        self,
        detail: str = "",
        *,
        provider: str = "",
        model: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.detail = detail
        self.provider = provider
        self.model = model
        self.status = status
        self.retry_after = retry_after
        super().__init__(detail)

    def __str__(self) -> str:
        who = self.provider or "the provider"
        status = f" (HTTP {self.status})" if self.status else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{who} {self.phrase}{status}{detail}"


class ConfigurationError(ProviderError):
    """Nothing was sent: something that a person has to set is missing or malformed."""

    kind = "configuration"
    phrase = "is not configured"


class AuthenticationError(ProviderError):
    """The key is wrong, expired, or not allowed to use this model."""

    kind = "authentication"
    phrase = "did not accept our credentials"


class QuotaExceededError(ProviderError):
    """The account is out of credit; waiting does not help, a person has to act."""

    kind = "quota"
    phrase = "has no quota left"


class ModelNotFoundError(ProviderError):
    """The provider does not serve the model that was named."""

    kind = "model_not_found"
    phrase = "does not have the model"


class RateLimitedError(ProviderError):
    """Too many requests; `retry_after` in seconds where the vendor said how long."""

    kind = "rate_limited"
    phrase = "is limiting our rate"
    retryable = True


class OverloadedError(ProviderError):
    """The vendor has more work than it can take."""

    kind = "overloaded"
    phrase = "is overloaded"


class ServerError(ProviderError):
    """The vendor failed in a way that often passes at once."""

    kind = "server_error"
    phrase = "had an internal error"
    retryable = True


class UnreachableError(ProviderError):
    """No connection could be opened."""

    kind = "unreachable"
    phrase = "cannot be reached"


class ConnectionLostError(ProviderError):
    """The connection broke before any byte of an answer came."""

    kind = "connection_lost"
    phrase = "closed the connection"
    retryable = True


class FirstContentTimeoutError(ProviderError):
    """No content came in time; keep-alives and pings are not content."""

    kind = "first_content_timeout"
    phrase = "did not answer in time"


class ContentGapTimeoutError(ProviderError):
    """The answer stopped in the middle for too long."""

    kind = "content_gap_timeout"
    phrase = "stopped in the middle of its answer"


class TooSlowError(ProviderError):
    """Content came, but at less than the throughput that was asked for."""

    kind = "too_slow"
    phrase = "answered too slowly"


class StreamInterruptedError(ProviderError):
    """The stream ended without the event that says that the answer is whole."""

    kind = "stream_interrupted"
    phrase = "broke off its answer"


class MalformedResponseError(ProviderError):
    """What came back is not the provider's protocol."""

    kind = "malformed_response"
    phrase = "sent something unreadable"


class EmptyResponseError(ProviderError):
    """The answer was declared complete and has no text."""

    kind = "empty_response"
    phrase = "sent an empty answer"


class ContextOverflowError(ProviderError):
    """The prompt does not fit this model; compacting it is the caller's work."""

    kind = "context_overflow"
    phrase = "cannot take a prompt of this length"


class ContentPolicyError(ProviderError):
    """The model or its vendor refused; asking elsewhere would route around that."""

    kind = "content_policy"
    phrase = "declined to answer"
    failover = False


class InvalidRequestError(ProviderError):
    """The request itself is wrong; every provider would say the same."""

    kind = "invalid_request"
    phrase = "rejected the request as invalid"
    failover = False


class AllProvidersFailedError(ProviderError):
    """No provider of the chain gave an answer; `attempts` says what each one did."""

    kind = "all_failed"
    phrase = "could not answer"
    failover = False

    def __init__(self, attempts: tuple[Attempt, ...], detail: str = "") -> None:
        self.attempts = attempts
        super().__init__(detail, provider="the provider chain")

"""What the adapters on vendors' official SDKs do the same way.

Both SDKs come from one generator: the same names of errors, the same transport below. Both let
some of the transport's errors, and unreadable events, through bare.
"""

from __future__ import annotations

import asyncio
import json
import logging
from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any, ClassVar

from providers import pricing
from providers.adapter import ConfiguredProvider, Request
from providers.answer import Answer
from providers.errors import (
    ConnectionLostError,
    ContentGapTimeoutError,
    FirstContentTimeoutError,
    MalformedResponseError,
    ProviderError,
    StreamInterruptedError,
    UnreachableError,
)
from providers.network import READ_OUT_SECONDS, tls_context
from providers.sdk_connections import noted_sending, open_client
from providers.signals import read_signal


class SdkProvider(ConfiguredProvider):
    """Holds the SDK's client; a subclass builds it and reads its events.

    The SDK and its transport are imported when a provider is initialised, off the event loop:
    that takes about a second.
    """

    request_id_header: ClassVar[str]
    _client: Any = None
    _sdk: ModuleType
    _transport: ModuleType

    @abstractmethod
    def _load(self) -> tuple[ModuleType, ModuleType]:
        """Import the SDK and its transport, and return both."""

    @abstractmethod
    def _build_client(self, http_client: Any) -> Any:
        """Return a client without retries of its own, on these connections; makes no request."""

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _open(self) -> None:
        if self._client is not None:
            return
        self._sdk, self._transport = await asyncio.to_thread(self._load)
        await asyncio.to_thread(pricing.prepare)
        tls = await asyncio.to_thread(tls_context)
        self._quieten()
        # Another caller may have built one meanwhile.
        if self._client is None:
            self._client = self._build_client(open_client(self._sdk, tls))

    def _quieten(self) -> None:
        # At debug level the SDKs log whole requests, prompts included; their transport logs a
        # line for each one.
        logging.getLogger(self._sdk.__name__).setLevel(logging.INFO)
        logging.getLogger(self._transport.__name__).setLevel(logging.WARNING)

    def _timeout(self, connect_timeout: float, read_timeout: float | None = None) -> Any:
        return self._transport.Timeout(read_timeout or self.read_timeout, connect=connect_timeout)

    async def _objects(
        self, request: Request, arguments: Mapping[str, Any], optional: Sequence[str]
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Send a request and yield its events as plain objects; errors are ours.

        `optional` are the parameters that may be left out if the model refuses them.
        """
        stream = await self._started(request, arguments, optional)
        try:
            self._accept(stream.response, request.answer)
            async for event in stream:
                yield _plain(event)
        except self._failures() as error:
            raise self._translated(error, request.answer, optional) from None
        finally:
            if request.answer.complete:
                await self._read_out(stream)
            await stream.close()

    async def _started(
        self, request: Request, arguments: Mapping[str, Any], optional: Sequence[str]
    ) -> Any:
        """Return a stream that has begun; a connection that the server left is replaced once."""
        timeout = self._timeout(request.connect_timeout)
        with noted_sending() as sending:
            try:
                return await self._create(arguments, timeout)
            except self._failures() as error:
                failure = self._translated(error, None, optional)
        if not (sending.reused and isinstance(failure, ConnectionLostError)):
            raise failure
        try:
            return await self._create(arguments, timeout)
        except self._failures() as error:
            raise self._translated(error, None, optional) from None

    async def _read_out(self, stream: Any) -> None:
        # A connection can serve again only once its last answer was read to the end.
        with suppress(TimeoutError, *self._failures()):
            async with asyncio.timeout(READ_OUT_SECONDS):
                async for _ in stream:
                    pass

    async def _get(self, path: str, seconds: float) -> Any:
        """Return the JSON behind a path of the API.

        Fetched raw: the SDKs' own methods stumble over a page of HTML.
        """
        options = {"timeout": self._timeout(seconds, seconds)}
        try:
            response = await self._client.get(
                path, cast_to=self._transport.Response, options=options
            )
            return response.json()
        except self._failures() as error:
            raise self._translated(error, None) from None

    @abstractmethod
    async def _create(self, arguments: Mapping[str, Any], timeout: Any) -> Any:
        """Start a stream of the SDK."""

    def _accept(self, response: Any, answer: Answer) -> None:
        # The SDKs read a page of HTML as a stream without events, and call that a success.
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            raise MalformedResponseError("not an event stream", status=response.status_code)
        answer.request_id = response.headers.get(self.request_id_header)

    def _failures(self) -> tuple[type[Exception], ...]:
        return (
            self._sdk.APIError,
            self._transport.RequestError,
            self._transport.StreamError,
            json.JSONDecodeError,
            UnicodeError,
        )

    def _translated(
        self, error: Any, answer: Answer | None, optional: Sequence[str] = ()
    ) -> ProviderError:
        """Return an SDK's error as ours; `answer` is given once the server began to answer."""
        if isinstance(error, self._sdk.APIStatusError):
            headers = error.response.headers
            return self._failure(read_signal(error.status_code, error.body, headers), optional)
        if isinstance(error, self._sdk.APIConnectionError):
            return self._lost(error.__cause__, answer)
        if isinstance(error, self._sdk.APIResponseValidationError | ValueError):
            return MalformedResponseError("unreadable event")
        if isinstance(error, self._sdk.APIError):
            return self._failure(read_signal(None, error.body))
        return self._lost(error, answer)

    def _lost(self, cause: BaseException | None, answer: Answer | None) -> ProviderError:
        transport = self._transport
        if isinstance(
            cause, transport.ConnectError | transport.ConnectTimeout | transport.ProxyError
        ):
            return UnreachableError(_reason(type(cause).__name__))
        if isinstance(cause, transport.TimeoutException):
            began = answer is not None and answer.progressed
            return ContentGapTimeoutError() if began else FirstContentTimeoutError()
        return StreamInterruptedError("connection lost") if answer else ConnectionLostError()


def _reason(kind: str) -> str:
    return {"ConnectTimeout": "connect timeout", "ProxyError": "proxy failed"}.get(
        kind, "no connection"
    )


def _plain(event: Any) -> dict[str, Any]:
    # The SDKs construct without validating: whatever JSON came is what an event is.
    if isinstance(event, dict):
        return event
    dump = getattr(event, "model_dump", None)
    if dump is None:
        raise MalformedResponseError("unreadable event")
    plain: dict[str, Any] = dump(exclude_unset=True, warnings=False)
    return plain

"""HTTP over aiohttp: sessions, requests, and the transport's failures in our words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
from yarl import URL

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

_MAX_BODY_BYTES = 1024 * 1024
_ERROR_BODY_SECONDS = 5.0

_Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]


def open_session(read_timeout: float) -> aiohttp.ClientSession:
    """Return a session that obeys proxy variables and reuses no connection.

    No reuse: some servers close after a streamed answer without saying so, and the next request
    on that connection would be lost.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True, limit=0, ttl_dns_cache=300),
        timeout=aiohttp.ClientTimeout(total=None, sock_read=read_timeout),
        trust_env=True,
    )


def _adding(headers: Mapping[str, str]) -> aiohttp.ClientMiddlewareType:
    # As middleware, since a `.netrc` entry for the host would make aiohttp refuse a plain header.
    async def add(request: aiohttp.ClientRequest, handler: _Handler) -> aiohttp.ClientResponse:
        request.headers.update(headers)
        return await handler(request)

    return add


@asynccontextmanager
async def post(
    session: aiohttp.ClientSession,
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    connect_timeout: float,
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Send JSON and hold its response, whatever the status; the end closes the connection.

    The address is sent as it is written: what is encoded in it stays so.
    """
    timeout = aiohttp.ClientTimeout(
        total=None,
        connect=connect_timeout,
        sock_connect=connect_timeout,
        sock_read=session.timeout.sock_read,
    )
    with translated_errors():
        response = await session.post(
            URL(url, encoded=True),
            data=body,
            headers={"Content-Type": "application/json"},
            middlewares=(_adding(headers),),
            timeout=timeout,
            allow_redirects=False,
        )
    try:
        yield response
    finally:
        response.close()


async def fetch(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    body: bytes = b"",
    *,
    headers: Mapping[str, str],
    seconds: float,
) -> tuple[aiohttp.ClientResponse, Any]:
    """Ask within so many seconds; return the response and its JSON, None where it is none."""
    with translated_errors():
        async with session.request(
            method,
            URL(url, encoded=True),
            data=body or None,
            headers={"Content-Type": "application/json"} if body else None,
            middlewares=(_adding(headers),),
            timeout=aiohttp.ClientTimeout(total=seconds),
            allow_redirects=False,
        ) as response:
            return response, _json(await response.content.read(_MAX_BODY_BYTES))


async def error_body(response: aiohttp.ClientResponse) -> Any:
    """Return the JSON of an error response; None where it is not JSON or does not come."""
    try:
        async with asyncio.timeout(_ERROR_BODY_SECONDS):
            return _json(await response.content.read(_MAX_BODY_BYTES))
    except (aiohttp.ClientError, TimeoutError):
        # The status alone says enough.
        return None


def reader(response: aiohttp.ClientResponse, answer: Answer) -> Callable[[], Awaitable[bytes]]:
    """Return a function that reads the next bytes of the body; none at its end."""

    async def read() -> bytes:
        with translated_errors(answer):
            return await response.content.readany()

    return read


@contextmanager
def translated_errors(answer: Answer | None = None) -> Iterator[None]:
    """Raise aiohttp's errors as ours; `answer` is given once the server began to answer."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError) as error:
        raise _translated(error, answer) from error


def _translated(error: Exception, answer: Answer | None) -> ProviderError:
    # None of their messages is taken over: they name addresses, some of them with credentials.
    if isinstance(error, _NO_CONNECTION):
        return UnreachableError(_reason(error))
    if isinstance(error, TimeoutError):
        began = answer is not None and answer.progressed
        return ContentGapTimeoutError() if began else FirstContentTimeoutError()
    if isinstance(error, aiohttp.ClientResponseError | ValueError):
        return MalformedResponseError("not HTTP")
    return StreamInterruptedError("connection lost") if answer else ConnectionLostError()


_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientSSLError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "unknown host"
    if isinstance(error, aiohttp.ClientSSLError):
        return "TLS failed"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "connect timeout"
    return "connection refused"


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None

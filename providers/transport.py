"""HTTP over aiohttp: sessions, requests, and the transport's failures in our words."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
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
from providers.network import READ_OUT_SECONDS

_MAX_BODY_BYTES = 1024 * 1024
_ERROR_BODY_SECONDS = 5.0

_Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]


def open_session(
    read_timeout: float, tls: ssl.SSLContext, proxy: str | None
) -> aiohttp.ClientSession:
    """Return a session for one server that keeps connections as long as servers do."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, keepalive_timeout=30, ssl=tls),
        timeout=aiohttp.ClientTimeout(total=None, sock_read=read_timeout),
        trace_configs=[_noting_reuse()],
        proxy=proxy,
    )


@dataclass(slots=True)
class _Sending:
    """One try to send a request; `reused` where it went over a connection that stood already."""

    reused: bool = False


def _noting_reuse() -> aiohttp.TraceConfig:
    async def note(
        session: aiohttp.ClientSession,  # noqa: ARG001 - the signature is the library's
        context: Any,
        told: aiohttp.TraceConnectionReuseconnParams,  # noqa: ARG001
    ) -> None:
        context.trace_request_ctx.reused = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_reuseconn.append(note)
    return trace


async def _send(
    session: aiohttp.ClientSession, method: str, url: str, **arguments: Any
) -> aiohttp.ClientResponse:
    """Send a request, and once more at once where the server had left a kept connection.

    Some servers close after a streamed answer without saying so; nothing came back then.
    """
    address, sending = URL(url, encoded=True), _Sending()
    try:
        return await session.request(
            method, address, allow_redirects=False, trace_request_ctx=sending, **arguments
        )
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
        if not sending.reused:
            raise
    return await session.request(
        method, address, allow_redirects=False, trace_request_ctx=_Sending(), **arguments
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
    """Send JSON and hold its response, whatever the status.

    The end closes the connection, unless the body came to its own end. The address is sent as it
    is written: what is encoded in it stays so.
    """
    timeout = aiohttp.ClientTimeout(
        total=None,
        connect=connect_timeout,
        sock_connect=connect_timeout,
        sock_read=session.timeout.sock_read,
    )
    with translated_errors():
        response = await _send(session, "POST", url, timeout=timeout, **_content(body, headers))
    try:
        yield response
        await _read_out(response)
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
    timeout = aiohttp.ClientTimeout(total=seconds)
    with translated_errors():
        response = await _send(session, method, url, timeout=timeout, **_content(body, headers))
        async with response:
            return response, _json(await _body(response))


def _content(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    typed = {"Content-Type": "application/json"} if body else {}
    return {"data": body or None, "headers": typed, "middlewares": (_adding(headers),)}


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Return the body, cut off where it is longer than any that we want."""
    body = b""
    while len(body) < _MAX_BODY_BYTES and (chunk := await response.content.readany()):
        body += chunk
    return body


async def _read_out(response: aiohttp.ClientResponse) -> None:
    # A connection can serve again only once its last answer was read to the end.
    with suppress(aiohttp.ClientError, TimeoutError):
        async with asyncio.timeout(READ_OUT_SECONDS):
            while await response.content.readany():
                pass


async def error_body(response: aiohttp.ClientResponse) -> Any:
    """Return the JSON of an error response; None where it is not JSON or does not come."""
    try:
        async with asyncio.timeout(_ERROR_BODY_SECONDS):
            return _json(await _body(response))
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

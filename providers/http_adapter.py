"""What the adapters that speak HTTP themselves, by aiohttp, do the same way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import aiohttp

from providers import transport
from providers.adapter import ConfiguredProvider, Request
from providers.errors import MalformedResponseError
from providers.network import proxy_for, tls_context
from providers.signals import Signal, read_signal


class HttpProvider(ConfiguredProvider):
    """Holds the session; a subclass says where to post and how to read what comes."""

    stream_types: ClassVar[tuple[str, ...]] = ("text/event-stream",)
    request_id_header: ClassVar[str] = "x-request-id"
    _session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _open(self) -> None:
        if self._session is None:
            tls = await asyncio.to_thread(tls_context)
            # Another caller may have opened one meanwhile.
            if self._session is None:
                proxy = proxy_for(self._address)
                self._session = transport.open_session(self.read_timeout, tls, proxy)

    @property
    def _address(self) -> str:
        """The server that is asked; an adapter may know it from something else than its URL."""
        return self.base_url

    @property
    def _client(self) -> aiohttp.ClientSession:
        assert self._session is not None, "initialize() comes first"
        return self._session

    async def _authorization(
        self,
        method: str,  # noqa: ARG002 - some wires sign what they send
        url: str,  # noqa: ARG002
        body: bytes,  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Return the headers that say who is asking; called anew for every request."""
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    @asynccontextmanager
    async def _posted(
        self, url: str, body: dict[str, Any], request: Request, optional: Sequence[str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Hold a response that streams. Raises what any other response stands for.

        `optional` are the parameters that may be left out if the model refuses them.
        """
        encoded = json.dumps(body, ensure_ascii=False).encode()
        async with transport.post(
            self._client,
            url,
            encoded,
            headers=await self._authorization("POST", url, encoded),
            connect_timeout=request.connect_timeout,
        ) as response:
            if response.status != 200 or response.content_type not in self.stream_types:
                await self._reject(response, optional)
            request.answer.request_id = response.headers.get(self.request_id_header)
            yield response

    async def _reject(self, response: aiohttp.ClientResponse, optional: Sequence[str]) -> None:
        body = await transport.error_body(response)
        is_error = isinstance(body, Mapping) and body.get("error")
        if response.status == 200 and not is_error:
            raise MalformedResponseError("not a stream", status=200)
        raise self._failure(self._signal(response.status, body, response.headers), optional)

    async def _get(self, url: str, seconds: float) -> Any:
        """Return the JSON behind an address, None where it is none."""
        headers = await self._authorization("GET", url, b"")
        response, body = await transport.fetch(
            self._client, "GET", url, headers=headers, seconds=seconds
        )
        if response.status != 200:
            raise self._failure(self._signal(response.status, body, response.headers))
        return body

    def _signal(self, status: int, body: Any, headers: Mapping[str, str]) -> Signal:
        """Read what an error response says."""
        return read_signal(status, body, headers)

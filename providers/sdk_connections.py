"""The connections below the vendors' SDKs: which ones are trusted, and which had gone stale."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any


class Sending:
    """One request on its way; `reused` where it went over a connection that stood already."""

    def __init__(self) -> None:
        self._sent = False
        self._opened = False

    @property
    def reused(self) -> bool:
        """Whether the request was sent and no connection had to be opened for it."""
        return self._sent and not self._opened

    async def note(self, event: str, told: Any) -> None:  # noqa: ARG002 - httpcore's signature
        """Take in what the transport tells of its doings."""
        self._opened = self._opened or event == "connection.connect_tcp.started"
        self._sent = self._sent or event.endswith("send_request_headers.started")


_sending: ContextVar[Sending | None] = ContextVar("sending", default=None)


@contextmanager
def noted_sending() -> Iterator[Sending]:
    """Note how the one request is sent that is made within."""
    sending = Sending()
    token = _sending.set(sending)
    try:
        yield sending
    finally:
        _sending.reset(token)


def open_client(sdk: ModuleType, tls: ssl.SSLContext) -> Any:
    """Return the HTTP client that the SDK would make itself, with our trust and our notes."""
    return sdk.DefaultAsyncHttpxClient(verify=tls, event_hooks={"request": [_trace]})


async def _trace(request: Any) -> None:
    if sending := _sending.get():
        request.extensions = {**request.extensions, "trace": sending.note}

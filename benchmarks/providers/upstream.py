"""A model server that costs next to nothing: fixed bytes over a bare protocol, in its own process.

`POST /<what>/v1/chat/completions`, where <what> is `words-<n>` (n words, streamed if asked to) or
`dead` (503). Prints its address and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from functools import lru_cache

_REQUEST = re.compile(rb"POST /(?:words-(?P<words>\d+)|dead)\S* ")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


def _json(status: str, body: object) -> bytes:
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(data)}"
    return head.encode() + b"\r\n\r\n" + data


_DEAD = _json("503 Service Unavailable", {"error": {"message": "busy", "type": "overloaded"}})


def _words(count: int) -> list[str]:
    # Each its own: there are clients that take a repeated piece for a model gone wrong.
    return [f"word{number} " for number in range(count)]


def _deltas(count: int) -> list[bytes]:
    return [_delta({"content": word}) for word in _words(count)]


@lru_cache
def _whole(words: int) -> bytes:
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": "".join(_words(words))},
    }
    return _json("200 OK", _object("chat.completion", [choice], usage=_USAGE))


@lru_cache
def _streamed(words: int) -> tuple[bytes, ...]:
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    pieces = [_delta({"role": "assistant", "content": ""}), *_deltas(words)]
    pieces += [_delta({}, "stop"), _event(_object("chat.completion.chunk", [], usage=_USAGE))]
    chunks = [_chunk(piece) for piece in [*pieces, b"data: [DONE]\n\n"]]
    return (head, *chunks, b"0\r\n\r\n")


def _object(kind: str, choices: list[object], **more: object) -> dict[str, object]:
    return {"id": "c-1", "object": kind, "created": 1, "model": "m", "choices": choices, **more}


def _delta(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _event(_object("chat.completion.chunk", [choice]))


def _event(data: object) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


class Server(asyncio.Protocol):
    """Answers one request after the other on a connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(found[1]) if (found := _LENGTH.search(head)) else 0
        if len(body) < length:
            return
        self._received = body[length:]
        self._answer(head, body[:length])

    def _answer(self, head: bytes, body: bytes) -> None:
        asked = _REQUEST.match(head)
        if asked is None or asked["words"] is None:
            self._transport.write(_DEAD)
        elif re.search(rb'"stream": ?true', body):
            # One write an event, as a model's server sends them.
            for piece in _streamed(int(asked["words"])):
                self._transport.write(piece)
        else:
            self._transport.write(_whole(int(asked["words"])))


async def main() -> None:
    """Serve until nobody holds the other end of the pipe."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())

"""AWS's binary event streams, framed as JSON objects: `{event or exception: payload}`.

A frame is its length (4 bytes), the length of its headers (4), a CRC-32 of those eight bytes (4),
headers, payload, and a CRC-32 of all before it (4); numbers are big-endian.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from zlib import crc32

from providers.errors import MalformedResponseError, StreamInterruptedError

MAX_FRAME_BYTES = 24 * 1024 * 1024
"""The longest frame that AWS sends: botocore's limit of a payload, with room for headers."""

_PRELUDE = struct.Struct(">III")
_CHECKSUM = struct.Struct(">I")
_SMALLEST_FRAME = _PRELUDE.size + _CHECKSUM.size

_STRING_TYPE = 7
# Bytes of a header's value by its type; those of types 6 and 7 say their length themselves.
_FIXED_VALUES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}


class EventStreamFrames:
    """One frame a message, as the text of an object: its kind is the key of its payload."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the messages that the chunk completes.

        Raises MalformedResponseError where a checksum or a length is wrong.
        """
        self._rest += chunk
        return list(self._messages())

    def end(self) -> list[bytes]:
        """Return nothing. Raises StreamInterruptedError where half a frame is left."""
        if self._rest:
            raise StreamInterruptedError("half a frame")
        return []

    def _messages(self) -> Iterator[bytes]:
        while len(self._rest) >= _PRELUDE.size:
            length, headers_length, checksum = _PRELUDE.unpack_from(self._rest)
            _check_prelude(self._rest, length, headers_length, checksum)
            if len(self._rest) < length:
                return
            frame = bytes(self._rest[:length])
            del self._rest[:length]
            yield _message(frame, headers_length)


def _check_prelude(data: bytearray, length: int, headers_length: int, checksum: int) -> None:
    if crc32(data[:8]) != checksum:
        raise MalformedResponseError("checksum of a frame's prelude")
    if not _SMALLEST_FRAME + headers_length <= length <= MAX_FRAME_BYTES:
        raise MalformedResponseError("length of a frame")


def _message(frame: bytes, headers_length: int) -> bytes:
    end = len(frame) - _CHECKSUM.size
    if crc32(frame[:end]) != _CHECKSUM.unpack_from(frame, end)[0]:
        raise MalformedResponseError("checksum of a frame")
    payload_at = _PRELUDE.size + headers_length
    headers = _headers(frame[_PRELUDE.size : payload_at])
    return _object(headers, frame[payload_at:end])


def _object(headers: dict[str, str], payload: bytes) -> bytes:
    match headers.get(":message-type"):
        case "exception":
            kind = headers.get(":exception-type", "")
        case "error":
            kind = headers.get(":error-code", "")
            payload = json.dumps({"message": headers.get(":error-message", "")}).encode()
        case _:
            kind = headers.get(":event-type", "")
    return b"{%s: %s}" % (json.dumps(kind).encode(), payload or b"{}")


def _headers(data: bytes) -> dict[str, str]:
    """Return the headers that are strings. Raises MalformedResponseError where they are cut."""
    try:
        return dict(_strings(data))
    except (IndexError, KeyError, struct.error, UnicodeDecodeError) as error:
        raise MalformedResponseError("headers of a frame") from error


def _strings(data: bytes) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(data):
        value_at = at + 1 + data[at]
        name, kind = data[at + 1 : value_at], data[value_at]
        value_at += 1
        if kind in _FIXED_VALUES:
            at = value_at + _FIXED_VALUES[kind]
            continue
        (length,) = struct.unpack_from(">H", data, value_at)
        at = value_at + 2 + length
        if kind == _STRING_TYPE:
            yield name.decode(), data[value_at + 2 : at].decode()

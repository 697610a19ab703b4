"""AWS's binary frames, byte by byte."""

from __future__ import annotations

import json
import struct
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import MalformedResponseError, StreamInterruptedError
from providers.eventstream import MAX_FRAME_BYTES, EventStreamFrames


def header(name: str, kind: int, value: bytes) -> bytes:
    return bytes([len(name)]) + name.encode() + bytes([kind]) + value


def text_header(name: str, value: str) -> bytes:
    return header(name, 7, struct.pack(">H", len(value)) + value.encode())


def frame(headers: bytes, payload: bytes) -> bytes:
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    body = prelude + struct.pack(">I", crc32(prelude)) + headers + payload
    return body + struct.pack(">I", crc32(body))


def event(kind: str, payload: bytes = b"{}") -> bytes:
    headers = text_header(":message-type", "event") + text_header(":event-type", kind)
    return frame(headers, payload)


def test_a_frame_is_an_object_keyed_by_its_kind() -> None:
    (message,) = EventStreamFrames().feed(event("messageStop", b'{"stopReason": "end_turn"}'))
    assert json.loads(message) == {"messageStop": {"stopReason": "end_turn"}}


def test_a_frame_without_payload_is_empty() -> None:
    assert [json.loads(found) for found in EventStreamFrames().feed(event("ping", b""))] == [
        {"ping": {}}
    ]


def test_an_exception_and_an_error_are_keyed_by_their_names() -> None:
    exception = text_header(":message-type", "exception") + text_header(":exception-type", "aBad")
    error = (
        text_header(":message-type", "error")
        + text_header(":error-code", "InternalError")
        + text_header(":error-message", "gone")
    )
    found = EventStreamFrames().feed(frame(exception, b'{"message": "m"}') + frame(error, b""))
    assert [json.loads(message) for message in found] == [
        {"aBad": {"message": "m"}},
        {"InternalError": {"message": "gone"}},
    ]


def test_headers_of_every_type_are_passed_over() -> None:
    others = b"".join(
        [
            header("yes", 0, b""),
            header("no", 1, b""),
            header("byte", 2, b"x"),
            header("short", 3, b"xx"),
            header("int", 4, b"xxxx"),
            header("long", 5, b"xxxxxxxx"),
            header("bytes", 6, struct.pack(">H", 3) + b"\xff\xfe\xfd"),
            header("time", 8, b"xxxxxxxx"),
            header("uuid", 9, b"x" * 16),
        ]
    )
    kind = text_header(":message-type", "event") + text_header(":event-type", "last")
    assert EventStreamFrames().feed(frame(others + kind, b"1")) == [b'{"last": 1}']


@given(cuts=st.lists(st.integers(1, 400), max_size=12))
def test_frames_may_be_cut_anywhere(cuts: list[int]) -> None:
    stream = b"".join(event(f"kind{number}", b"%d" % number) for number in range(5))
    frames, found, at = EventStreamFrames(), [], 0
    for cut in cuts:
        found += frames.feed(stream[at : at + cut])
        at += cut
    found += frames.feed(stream[at:])
    assert found == [b'{"kind%d": %d}' % (number, number) for number in range(5)]
    assert frames.end() == []


@pytest.mark.parametrize("kept", [1, 11, 12, 30, -1])
def test_half_a_frame_at_the_end_is_an_interruption(kept: int) -> None:
    frames = EventStreamFrames()
    assert frames.feed(event("whole") + event("half")[:kept]) != []
    with pytest.raises(StreamInterruptedError, match="half a frame"):
        frames.end()


@pytest.mark.parametrize("at", range(len(event("kind", b'{"text": "hello"}'))))
def test_no_single_wrong_byte_goes_unnoticed(at: int) -> None:
    damaged = bytearray(event("kind", b'{"text": "hello"}'))
    damaged[at] ^= 0x20
    with pytest.raises(MalformedResponseError):
        EventStreamFrames().feed(bytes(damaged))


@pytest.mark.parametrize(
    ("length", "headers_length"), [(15, 0), (16, 1), (MAX_FRAME_BYTES + 1, 0), (0, 0)]
)
def test_a_length_that_cannot_be_is_refused_at_once(length: int, headers_length: int) -> None:
    prelude = struct.pack(">II", length, headers_length)
    with pytest.raises(MalformedResponseError, match="length"):
        EventStreamFrames().feed(prelude + struct.pack(">I", crc32(prelude)))


@pytest.mark.parametrize(
    "headers",
    [
        b"\x09:ab",
        header("name", 11, b""),
        header("name", 7, b"\x00"),
        header("name", 7, struct.pack(">H", 2) + b"\xff\xfe"),
        b"\x02\xff\xfe\x07" + struct.pack(">H", 1) + b"a",
    ],
)
def test_headers_that_cannot_be_read_are_refused(headers: bytes) -> None:
    with pytest.raises(MalformedResponseError, match="headers"):
        EventStreamFrames().feed(frame(headers, b"{}"))


def test_a_long_frame_that_comes_in_small_pieces() -> None:
    payload = json.dumps({"text": "x" * 1_000_000}).encode()
    frames, stream, found = EventStreamFrames(), event("contentBlockDelta", payload), []
    for at in range(0, len(stream), 16384):
        found += frames.feed(stream[at : at + 16384])
    assert found == [b'{"contentBlockDelta": ' + payload + b"}"]

"""Frames come out the same however the bytes are cut."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import framing
from providers.errors import MalformedResponseError
from providers.framing import EventFrames, LineFrames, json_objects

EVENTS = ': hello\r\n\r\ndata: {"a": "é"}\r\n\r\nevent: x\nid: 1\ndata:{"b":\ndata: 2}\n\n'.encode()


def frames_of(frames: LineFrames | EventFrames, chunks: Iterable[bytes]) -> list[bytes]:
    return [frame for chunk in chunks for frame in frames.feed(chunk)] + frames.end()


@given(st.lists(st.integers(0, len(EVENTS)), max_size=6))
def test_events_do_not_depend_on_how_they_were_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(EVENTS)]
    chunks = [EVENTS[start:end] for start, end in pairwise(edges)]
    assert frames_of(EventFrames(), chunks) == ['{"a": "é"}'.encode(), b'{"b":\n2}']


def test_lines_are_frames_and_empty_ones_are_not() -> None:
    assert frames_of(LineFrames(), [b"a\n\nb", b"b\r\n", b"c"]) == [b"a", b"bb", b"c"]


def test_a_line_that_does_not_end_is_given_up() -> None:
    with pytest.raises(MalformedResponseError):
        LineFrames().feed(b"x" * (framing.MAX_LINE_BYTES + 1))


async def objects_in(*chunks: bytes) -> list[dict[str, Any]]:
    left = list(chunks)

    async def read() -> bytes:
        return left.pop(0) if left else b""

    return [found async for found in json_objects(read, LineFrames())]


async def test_what_is_not_an_object_is_skipped_twice() -> None:
    assert await objects_in(b'[1]\n{"a": 1}\n', b"\xff\xfe\n", b'{"b": 2}') == [{"a": 1}, {"b": 2}]


async def test_what_is_not_an_object_fails_the_third_time() -> None:
    with pytest.raises(MalformedResponseError):
        await objects_in(b'1\n2\n{"a": 1}\n3\n')


async def test_nothing_after_done_is_read() -> None:
    assert await objects_in(b'{"a": 1}\n[DONE]\n{"b": 2}\n') == [{"a": 1}]

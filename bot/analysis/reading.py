"""Lines from a file of any size, within a time: its head, its end, and where it first fails."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from bot.analysis.textual import as_text, encoding_of

SECONDS = 20.0
"""What reading all files of one incident may take."""
LINE_BYTES = 16_000
"""The rest of a longer line is not read."""

_CHUNK = 256_000
_SCANNED = 4_000_000
_HEAD_SHARE = 0.6
_SYMPTOM_SHARE = 0.1
# The end is what matters most, and its lines may take longer than those before: 0.3 of the time is
# left for what should take 0.2 of it.
_TAIL_SHARE = 0.2
_LEAST_TAIL = 1_000_000
_BEFORE_SYMPTOM = 0.25
# However slow: nothing is read beyond this many times what was allowed.
_OVERTIME = 2.0
_SYMPTOMS = (b"ERROR", b"FATAL", b"CRITICAL", b"error", b"panic", b"Exception", b"Traceback")
_KEY = re.compile(rb"-----(BEGIN|END) [A-Z ]{0,30}PRIVATE KEY")
_LONGEST_KEY = 16_000

Clock = Callable[[], float]


@dataclass(slots=True)
class Allowance:
    """The time that is left for reading, divided among the files that are left."""

    files: int
    left: float = SECONDS

    def next(self) -> float:
        """Return the seconds that the next file may take."""
        share = self.left / max(1, self.files)
        self.files -= 1
        return share

    def spend(self, seconds: float) -> None:
        self.left = max(0.0, self.left - seconds)


class Reading:
    """One file on its way to being read; `file` is seekable.

    Whoever consumes the lines sets `symptom_seen` at the first one that tells of a failure: where
    the time allows no whole file, such a place is looked for. `took` is in seconds.
    """

    def __init__(
        self, file: BinaryIO, size: int, seconds: float, clock: Clock = time.monotonic
    ) -> None:
        self.symptom_seen = False
        self.lines = 0
        self._file = file
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._began = clock()
        self._parts: list[tuple[str, int]] = []
        self._encoding = encoding_of(file.read(65_536))

    @property
    def took(self) -> float:
        return self._clock() - self._began

    def chunks(self) -> Iterator[list[str]]:
        """Yield the lines in some hundred thousand bytes at a time. Raises OSError."""
        position = yield from self._part("the first {}", 0, self._size, _HEAD_SHARE)
        if position >= self._size:
            return
        rate = position / max(self.took, 1e-6)
        tail = max(position, self._size - max(int(rate * _TAIL_SHARE * self._seconds), _LEAST_TAIL))
        if not self.symptom_seen and (found := self._symptom(position, tail)) is not None:
            room = int(rate * _SYMPTOM_SHARE * self._seconds)
            start = max(position, found - int(room * _BEFORE_SYMPTOM))
            until = _HEAD_SHARE + 2 * _SYMPTOM_SHARE
            end = min(tail, start + room)
            yield from self._part("{} around the first symptom", start, end, until)
        yield from self._part("the last {}", tail, self._size, _OVERTIME, _LEAST_TAIL)

    def note(self) -> str:
        """Return what a reader must know of a file that was not read whole, else nothing."""
        read = sum(count for _, count in self._parts)
        if read >= self._size:
            return ""
        total = round(self.lines * self._size / max(read, 1), -3)
        parts = [text.format(size_text(count)) for text, count in self._parts if count]
        return (
            f"{size_text(self._size)}, read for {self._seconds:.0f} s: {_listed(parts)}; "
            f"{self.lines:,} of about {total:,.0f} lines"
        )

    def _part(
        self, text: str, start: int, end: int, share: float, least: int = 0
    ) -> Generator[list[str], None, int]:
        """Yield the lines between two places; return where the reading stopped.

        It stops at a share of the time, once `least` bytes are read.
        """
        start = min(end, line_start(self._file, start))
        position = start
        for data, place in whole_lines(self._file, start, end, self._encoding):
            position = place
            lines = [line[:LINE_BYTES] for line in as_text(data).split("\n")]
            self.lines += len(lines)
            yield lines
            is_over = self.took > share * self._seconds and position - start >= least
            if is_over and not self._is_nearly_done(position, end):
                break
        self._parts.append((text, position - start))
        return position

    def _is_nearly_done(self, position: int, end: int) -> bool:
        """Say whether the rest fits into the time at the speed so far: then nothing is left out."""
        took = self.took
        left = (end - position) * took / max(position, 1)
        return end == self._size and took + left < self._seconds

    def _symptom(self, start: int, end: int) -> int | None:
        """Return the first place with a word of failure, as far as there is time to look."""
        limit = self.took + _SYMPTOM_SHARE * self._seconds
        self._file.seek(start)
        while start < end and self.took < limit:
            data = self._file.read(min(_SCANNED, end - start))
            if not data:
                break
            places = [place for word in _SYMPTOMS if (place := data.find(word)) >= 0]
            if places:
                return start + min(places)
            start += len(data)
        return None


def whole_lines(file: BinaryIO, start: int, end: int, encoding: str) -> Iterator[tuple[bytes, int]]:
    """Yield (whole lines as UTF-8, the place after them); a line's rest beyond a limit is skipped.

    What is not UTF-16 is passed on as it is.
    """
    decode = codecs.getincrementaldecoder(encoding)("replace") if "16" in encoding else None
    rest, skipping = b"", False
    file.seek(start)
    while start < end and (data := file.read(min(_CHUNK, end - start))):
        start += len(data)
        data = decode.decode(data).encode() if decode else data
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if skipping:
            data = data[data.find(b"\n") :] if b"\n" in data else b""
        lines, newline, rest = (rest + data).rpartition(b"\n")
        skipping = len(rest) > LINE_BYTES or (skipping and not newline)
        rest = rest[:LINE_BYTES]
        if newline:
            yield lines, start
    if rest:
        yield rest, start


def line_start(file: BinaryIO, place: int) -> int:
    """Return where the first whole line after a place begins, outside of any private key."""
    if place == 0:
        return 0
    back = max(0, place - _LONGEST_KEY)
    file.seek(back)
    before, after = file.read(place - back), file.read(_LONGEST_KEY)
    start = after.find(b"\n") + 1
    marks = [found.group(1) for found in _KEY.finditer(before + after[:start])]
    ends = _KEY.search(after, start)
    # A key that begins beyond what was looked back at is told by its end.
    is_inside = marks[-1:] == [b"BEGIN"] or (ends is not None and ends.group(1) == b"END")
    if is_inside and ends is not None:
        start = after.find(b"\n", ends.end()) + 1 or len(after)
    return place + start


def size_text(count: float) -> str:
    """Return a number of bytes for a reader."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)

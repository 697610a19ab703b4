"""Files of any size and dress, as lines, within a time."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.analysis.reading import LINE_BYTES, Allowance, Reading, line_start
from bot.analysis.textual import NotTextError, as_text, cleaned, encoding_of

LINE = b"2026-01-01 12:00:00 INFO request done\n"


class Clock:
    """Goes on by a second at every look, so that reading takes time without any passing."""

    def __init__(self, step: float = 1.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def reading(data: bytes, seconds: float = 1e9, step: float = 0.0) -> Reading:
    return Reading(io.BytesIO(data), len(data), seconds, Clock(step))


def lines_of(data: bytes) -> list[str]:
    return [line for chunk in reading(data).chunks() for line in chunk]


def test_a_file_is_read_whole_where_the_time_allows() -> None:
    whole = reading(LINE * 100_000)
    assert sum(len(chunk) for chunk in whole.chunks()) == 100_000
    assert whole.note() == ""


def test_every_line_comes_once_wherever_the_chunks_end() -> None:
    data = b"".join(b"line %d %s\n" % (n, b"x" * (n % 97)) for n in range(60_000))
    assert lines_of(data) == data.decode().rstrip("\n").split("\n")


def test_head_and_tail_are_read_and_the_note_says_how_much() -> None:
    data = b"first\n" + LINE * 1_000_000 + b"last\n"
    short = reading(data, seconds=20.0, step=0.5)
    lines = [line for chunk in short.chunks() for line in chunk]
    assert (lines[0], lines[-1]) == ("first", "last")
    assert len(lines) < 1_000_000
    assert short.note().startswith("38.0 MB, read for 20 s: the first ")
    assert f"; {len(lines):,} of about 1,000,000 lines" in short.note()


def test_the_first_symptom_in_the_middle_is_found_and_what_stands_around_it() -> None:
    symptom = b"2026-01-01 12:00:00 ERROR lease lost\n"
    data = LINE * 200_000 + symptom + LINE * 200_000
    short = reading(data, seconds=20.0, step=0.5)
    lines = [line for chunk in short.chunks() for line in chunk]
    assert symptom.decode().strip() in lines
    assert "around the first symptom and the last" in short.note()


def test_a_symptom_in_the_head_is_looked_for_nowhere_else() -> None:
    data = LINE * 200_000 + b"ERROR lease lost\n" + LINE * 200_000
    short = reading(data, seconds=20.0, step=0.5)
    short.symptom_seen = True
    lines = [line for chunk in short.chunks() for line in chunk]
    assert "ERROR lease lost" not in lines
    assert "around" not in short.note()


def test_an_endless_line_is_cut_and_the_next_one_is_whole() -> None:
    data = b"a" * 5_000_000 + b"\nnext\n" + b"b" * 3_000_000
    assert [(line[:4], len(line)) for line in lines_of(data)] == [
        ("aaaa", LINE_BYTES),
        ("next", 4),
        ("bbbb", LINE_BYTES),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_wide_files_are_read_as_others(encoding: str) -> None:
    text = "\n".join(f"2026-01-01 12:00:00 ERROR ボーム {n}" for n in range(60_000))
    assert lines_of(text.encode(encoding)) == text.split("\n")


def test_a_tail_that_begins_inside_of_a_private_key_begins_after_it() -> None:
    body = (b"MIIE" + b"A" * 60 + b"\n") * 200
    end = b"-----END RSA PRIVATE KEY-----\n"
    data = LINE * 500_000 + b"-----BEGIN RSA PRIVATE KEY-----\n" + body + end + b"last\n"
    inside = len(data) - 6_000
    file = io.BytesIO(data)
    assert data[line_start(file, inside) :] == b"last\n"


def test_time_is_divided_and_what_is_left_over_goes_to_the_next() -> None:
    allowance = Allowance(files=4, left=20.0)
    assert allowance.next() == 5.0
    allowance.spend(2.0)
    assert allowance.next() == 6.0
    allowance.spend(60.0)
    assert allowance.next() == 0.0


def test_even_without_time_something_is_read(tmp_path: Path) -> None:
    none = reading(b"first\n" + LINE * 200_000 + b"last\n", seconds=0.0, step=1.0)
    lines = [line for chunk in none.chunks() for line in chunk]
    assert (lines[0], lines[-1]) == ("first", "last")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[31mERROR\x1b[0m disk", "ERROR disk"),
        ("\x1b]0;title\x07ERROR", "ERROR"),
        ("10%\r50%\r\ndone", "10%\n50%\ndone"),
        ("\ufeffERROR\u200b disk\x00", "ERROR disk"),
        ("ERROR ボーム", "ERROR ボーム"),
    ],
)
def test_what_nobody_sees_is_taken_out(text: str, clean: str) -> None:
    assert cleaned(text) == clean


def test_lines_in_two_encodings_are_all_kept() -> None:
    data = "Fehler in Köln\n".encode("cp1252") + "エラー\n".encode() + b"plain"
    assert as_text(data) == "Fehler in Köln\nエラー\nplain"


@pytest.mark.parametrize(
    "data",
    [b"\x7fELF\0\0", b"\0" * 900, bytes(range(256)) * 9, bytes(range(128, 256)) * 9, b"\0\1"],
)
def test_what_is_no_text_is_told(data: bytes) -> None:
    with pytest.raises(NotTextError):
        encoding_of(data)


@pytest.mark.parametrize("data", [b"", b"\0" * 900 + LINE * 100, LINE, "エラー".encode() * 90])
def test_what_is_text(data: bytes) -> None:
    assert encoding_of(data) == "utf-8"

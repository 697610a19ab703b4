"""The file of confirmed incidents: kept over restarts, bounded, and never worse than missing."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.analysis.similar import ArchiveUnavailableError, Confirmed, Marked, Signs
from bot.store.incidents import FILE, IncidentFile, missing_search

ONE = Confirmed(
    channel="C1",
    thread_ts="100.000001",
    at=100.0,
    marked_at=500.0,
    marked_by="U1",
    marked=Marked.AS_SAID,
    cause="The pool was too small",
    text='orders-db said "FATAL": 接続 プール枯渇',
    link="https://acme.slack.com/archives/C1/p100000001",
    signatures=("too-many-connections", "pool"),
    messages=("100.000001", "101.000001"),
)


def signs(*terms: str, signatures: tuple[str, ...] = ()) -> Signs:
    return Signs(signatures, terms, " ".join(terms))


def causes(archive: IncidentFile, asked: Signs, channel: str = "C1") -> list[str]:
    return sorted(item.cause for item in archive.search(asked, channel).candidates)


def test_this_sqlite_can_search() -> None:
    assert missing_search() == ""


def test_what_is_kept_comes_back_whole_from_a_new_archive(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    IncidentFile(folder).keep(ONE)
    (kept,) = IncidentFile(folder).newest(5)
    assert replace(kept, signatures=()) == replace(ONE, signatures=())
    assert set(kept.signatures) == set(ONE.signatures)


def test_a_later_mark_of_a_thread_replaces_the_earlier_one(tmp_path: Path) -> None:
    archive = IncidentFile(tmp_path)
    archive.keep(ONE)
    archive.keep(replace(ONE, cause="It was the network", text="net-a", signatures=("net",)))
    archive.keep(replace(ONE, channel="C2", cause="Other"))
    assert sorted(item.cause for item in archive.newest(5)) == ["It was the network", "Other"]
    assert causes(archive, signs("orders-db")) == ["Other"]
    assert causes(archive, signs(signatures=("pool",))) == ["Other"]
    assert causes(archive, signs("net-a")) == ["It was the network"]
    found = archive.search(signs("orders-db", "net-a", signatures=("pool", "net")), "C1")
    assert (found.total, dict(found.counts)) == (
        2,
        {"orders-db": 1, "net-a": 1, "pool": 1, "net": 1},
    )


@pytest.mark.parametrize(
    ("term", "is_found"),
    [
        ("orders-db", True),
        ("ORDERS-DB", True),
        ('said "fatal"', True),
        ("プール枯渇", True),
        ("接続", True),
        ("枯渇", True),
        ("障害", False),
        ("orders_db", False),
        ("NEAR(", False),
        ('" OR texts : "', False),
    ],
)
def test_text_is_found_whatever_its_script_and_its_marks(
    tmp_path: Path, term: str, is_found: bool
) -> None:
    archive = IncidentFile(tmp_path)
    archive.keep(ONE)
    found = archive.search(signs(term), "C1")
    assert (len(found.candidates), found.counts[term]) == (int(is_found), int(is_found))


def test_the_mark_that_is_oldest_goes_first(tmp_path: Path) -> None:
    archive = IncidentFile(tmp_path, kept=2)
    for number, marked_at in enumerate((30.0, 10.0, 20.0)):
        archive.keep(
            replace(ONE, thread_ts=f"{number}.0", at=number, marked_at=marked_at, cause=str(number))
        )
    assert [item.cause for item in archive.newest(5)] == ["2", "0"]
    found = archive.search(signs("orders-db", signatures=("pool",)), "C1")
    assert (found.total, found.counts) == (2, {"orders-db": 2, "pool": 2})


def test_no_other_channel_crowds_out_the_own_one(tmp_path: Path) -> None:
    archive = IncidentFile(tmp_path)
    archive.keep(ONE)
    for number in range(80):
        archive.keep(
            replace(ONE, channel="C2", thread_ts=f"{number}.0", at=200.0 + number, cause="other")
        )
    found = archive.search(signs("orders-db", signatures=("pool",)), "C1").candidates
    assert [item.cause for item in found if item.channel == "C1"] == [ONE.cause]
    assert 60 <= len(found) <= 81


def test_without_a_file_there_is_nothing_and_none_is_made(tmp_path: Path) -> None:
    archive = IncidentFile(tmp_path)
    assert archive.newest(5) == []
    assert archive.search(signs("orders-db"), "C1").candidates == ()
    assert list(tmp_path.iterdir()) == []


def test_many_threads_keep_and_search_at_once(tmp_path: Path) -> None:
    archive = IncidentFile(tmp_path)
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            archive.keep(replace(ONE, thread_ts=f"{number}.0"))
            archive.search(signs("orders-db"), "C1")
        except ArchiveUnavailableError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(archive.newest(50)) == 8


def broken(folder: Path) -> None:
    (folder / FILE).write_bytes(b"no database at all" * 500)


def of_the_future(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as connection:
        connection.execute("PRAGMA user_version = 99")


def a_folder(folder: Path) -> None:
    (folder / FILE).mkdir()


def without_its_text(folder: Path) -> None:
    IncidentFile(folder).keep(ONE)
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        connection.execute("DELETE FROM texts")


@pytest.mark.parametrize("spoil", [broken, of_the_future, a_folder, without_its_text])
def test_a_file_that_cannot_be_used_says_so_in_one_error(tmp_path: Path, spoil) -> None:
    spoil(tmp_path)
    archive = IncidentFile(tmp_path)
    with pytest.raises(ArchiveUnavailableError, match="incidents"):
        archive.search(signs("orders-db", signatures=("pool",)), "C1")
    with pytest.raises(ArchiveUnavailableError):
        archive.newest(5)
    if spoil is not without_its_text:
        with pytest.raises(ArchiveUnavailableError):
            archive.keep(ONE)


def test_a_file_that_another_program_holds_says_so(tmp_path: Path) -> None:
    archive = IncidentFile(tmp_path)
    archive.keep(ONE)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ArchiveUnavailableError, match="locked"):
            archive.keep(replace(ONE, cause="later"))
        # Whoever only reads does not wait for a writer.
        assert causes(archive, signs("orders-db")) == [ONE.cause]


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(ArchiveUnavailableError):
        IncidentFile(tmp_path / "data").keep(ONE)


def test_nobody_else_on_the_machine_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        IncidentFile(tmp_path).keep(ONE)
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0]

"""Confirmed incidents in one SQLite file, found again by SQLite's full-text search."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bot.analysis.similar import ArchiveUnavailableError, Confirmed, Found, Signs
from bot.store.incident_queries import COLUMNS, counts, loaded, promising

FILE = "incidents.sqlite3"
KEPT = 10_000
"""Incidents that are kept; the one that was marked longest ago goes first."""

_VERSION = 1
_BUSY_SECONDS = 2.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS incidents (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    thread_ts TEXT NOT NULL,
    at REAL NOT NULL,
    marked_at REAL NOT NULL,
    marked_by TEXT NOT NULL,
    marked TEXT NOT NULL,
    cause TEXT NOT NULL,
    link TEXT NOT NULL,
    messages TEXT NOT NULL,
    UNIQUE (channel, thread_ts)
);
CREATE INDEX IF NOT EXISTS incidents_by_mark ON incidents (marked_at);
CREATE TABLE IF NOT EXISTS signatures (
    signature TEXT NOT NULL,
    incident INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    PRIMARY KEY (signature, incident)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS signatures_by_incident ON signatures (incident);
CREATE VIRTUAL TABLE IF NOT EXISTS texts USING fts5(text, tokenize = 'trigram');
CREATE TRIGGER IF NOT EXISTS forget_text AFTER DELETE ON incidents BEGIN
    DELETE FROM texts WHERE rowid = old.id;
END;
"""
_INSERT = f"INSERT INTO incidents ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_UPGRADE = f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"


def missing_search() -> str:
    """Return what SQLite lacks for this archive, in a sentence; empty where it lacks nothing."""
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='trigram')")
    except sqlite3.Error as error:
        return f"SQLite {sqlite3.sqlite_version} has no full-text search by trigrams ({error})"
    return ""


class IncidentFile:
    """The archive in a folder; the file is made with the first incident that is kept.

    Each call opens and closes a connection of its own, so that any thread may call.
    """

    def __init__(self, folder: Path, *, kept: int = KEPT) -> None:
        self._path = folder / FILE
        self._kept = kept

    def keep(self, incident: Confirmed) -> None:
        """Keep an incident in place of an earlier one of the same thread."""
        with self._made() as connection, connection:
            connection.execute(
                "DELETE FROM incidents WHERE channel = ? AND thread_ts = ?",
                (incident.channel, incident.thread_ts),
            )
            done = connection.execute(_INSERT, _row_of(incident))
            connection.execute(
                "INSERT INTO texts (rowid, text) VALUES (?, ?)", (done.lastrowid, incident.text)
            )
            connection.executemany(
                "INSERT INTO signatures (signature, incident) VALUES (?, ?)",
                [(id_, done.lastrowid) for id_ in dict.fromkeys(incident.signatures)],
            )
            connection.execute(
                "DELETE FROM incidents WHERE id IN "
                "(SELECT id FROM incidents ORDER BY marked_at DESC LIMIT -1 OFFSET ?)",
                (self._kept,),
            )

    def search(self, signs: Signs, channel: str) -> Found[Confirmed]:
        """Return the most promising of this channel, and as many of all others."""
        with self._opened() as connection:
            if connection is None:
                return Found()
            (total,) = connection.execute("SELECT count(*) FROM incidents").fetchone()
            ids = promising(connection, signs, channel)
            return Found(loaded(connection, ids), total, counts(connection, signs))

    def newest(self, limit: int) -> list[Confirmed]:
        """Return the newest, the newest first."""
        with self._opened() as connection:
            if connection is None:
                return []
            rows = connection.execute("SELECT id FROM incidents ORDER BY at DESC LIMIT ?", (limit,))
            found = loaded(connection, [id_ for (id_,) in rows])
            return sorted(found, key=lambda incident: -incident.at)

    @contextmanager
    def _made(self) -> Iterator[sqlite3.Connection]:
        with _translated(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # What is in it was said in channels: nobody else on the machine may read it.
            self._path.touch(mode=0o600)
            with _connected(self._path) as connection:
                yield connection

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection | None]:
        with _translated(self._path):
            if not self._path.exists():
                yield None
                return
            with _connected(self._path) as connection:
                yield connection


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as error:
        raise ArchiveUnavailableError(f"{path}: {error}") from error


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        _upgrade(connection)
        yield connection


def _upgrade(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == _VERSION:
        return
    if version:
        raise ValueError(f"its version is {version}, and this program knows {_VERSION}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(_UPGRADE)


def _row_of(incident: Confirmed) -> tuple[Any, ...]:
    return (
        *(incident.channel, incident.thread_ts, incident.at),
        *(incident.marked_at, incident.marked_by, str(incident.marked)),
        *(incident.cause, incident.link, json.dumps(incident.messages)),
    )

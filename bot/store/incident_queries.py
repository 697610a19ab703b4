"""The questions that are asked of the file of confirmed incidents."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from bot.analysis.similar import Confirmed, Marked, Signs

COLUMNS = "channel, thread_ts, at, marked_at, marked_by, marked, cause, link, messages"
_SELECT = (
    f"SELECT {COLUMNS}, text FROM incidents JOIN texts ON texts.rowid = id "  # noqa: S608
    "WHERE id = ?"
)
_CANDIDATES = 60
_TRIGRAM = 3


def promising(connection: sqlite3.Connection, signs: Signs, channel: str) -> set[int]:
    """Return the ids of those that share most, of this channel and as many of all others."""
    return {
        id_
        for own in (True, False)
        for id_ in (
            *_by_signature(connection, signs.signatures, channel, own=own),
            *_by_text(connection, signs.terms, channel, own=own),
        )
    }


def _by_signature(
    connection: sqlite3.Connection, signatures: Sequence[str], channel: str, *, own: bool
) -> Iterable[int]:
    rows = connection.execute(
        "SELECT incident FROM signatures JOIN incidents ON incidents.id = incident "  # noqa: S608 - marks only
        f"WHERE signature IN ({', '.join('?' * len(signatures))}) AND (channel = ?) = ? "
        "GROUP BY incident ORDER BY count(*) DESC, at DESC LIMIT ?",
        (*signatures, channel, own, _CANDIDATES),
    )
    return [id_ for (id_,) in rows]


def _by_text(
    connection: sqlite3.Connection, terms: Sequence[str], channel: str, *, own: bool
) -> Iterable[int]:
    phrases = [_quoted(term) for term in terms if len(term) >= _TRIGRAM]
    if not phrases:
        return _by_short_terms(connection, terms, channel, own=own)
    rows = connection.execute(
        "SELECT incidents.id FROM texts JOIN incidents ON incidents.id = texts.rowid "
        "WHERE texts MATCH ? AND (channel = ?) = ? ORDER BY bm25(texts), at DESC LIMIT ?",
        (" OR ".join(phrases), channel, own, _CANDIDATES),
    )
    return [id_ for (id_,) in rows]


def _by_short_terms(
    connection: sqlite3.Connection, terms: Sequence[str], channel: str, *, own: bool
) -> Iterable[int]:
    # Trigrams know nothing of two characters, which are a whole word in Chinese; LIKE asks them
    # all the same where two characters are six bytes.
    found: list[int] = []
    for term in terms:
        rows = connection.execute(
            "SELECT incidents.id FROM texts JOIN incidents ON incidents.id = texts.rowid "
            "WHERE instr(text, ?) AND (channel = ?) = ? ORDER BY at DESC LIMIT ?",
            (term, channel, own, _CANDIDATES),
        )
        found += [id_ for (id_,) in rows]
    return found[:_CANDIDATES]


def counts(connection: sqlite3.Connection, signs: Signs) -> Mapping[str, int]:
    """Return how many incidents have each sign."""
    marks = ", ".join("?" * len(signs.signatures))
    found: dict[str, int] = dict(
        connection.execute(
            f"SELECT signature, count(*) FROM signatures WHERE signature IN ({marks}) "  # noqa: S608 - marks only
            "GROUP BY signature",
            signs.signatures,
        ).fetchall()
    )
    for term in signs.terms:
        having, value = (
            ("texts MATCH ?", _quoted(term)) if len(term) >= _TRIGRAM else ("instr(text, ?)", term)
        )
        (found[term],) = connection.execute(
            f"SELECT count(*) FROM texts WHERE {having}",  # noqa: S608 - one of two texts above
            (value,),
        ).fetchone()
    return found


def loaded(connection: sqlite3.Connection, ids: Iterable[int]) -> list[Confirmed]:
    """Return these incidents. Raises ValueError for a row that is broken."""
    return [_incident(connection, id_) for id_ in sorted(ids)]


def _incident(connection: sqlite3.Connection, id_: int) -> Confirmed:
    row = connection.execute(_SELECT, (id_,)).fetchone()
    if row is None:
        raise ValueError(f"the incident {id_} has lost its text")
    channel, thread_ts, at, marked_at, marked_by, marked, cause, link, messages, text = row
    signatures = connection.execute("SELECT signature FROM signatures WHERE incident = ?", (id_,))
    return Confirmed(
        channel=channel,
        thread_ts=thread_ts,
        at=at,
        marked_at=marked_at,
        marked_by=marked_by,
        marked=Marked(marked),
        cause=cause,
        text=text,
        link=link,
        signatures=tuple(signature for (signature,) in signatures),
        messages=tuple(json.loads(messages)),
    )


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'

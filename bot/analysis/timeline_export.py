"""The timeline as data: Markdown for people, JSON and CSV for programs. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

from bot.analysis.evidence import Evidence
from bot.analysis.moments import kind_of
from bot.analysis.report import TimelineEntry
from bot.analysis.timeline import times_of

SCHEMA = "rca-timeline/1"
"""Changes where a column goes or means something else, not where one is added."""

# What a spreadsheet takes for a formula, in both widths; a quote too, so that ours can be told.
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠']")
# An underscore inside a word is none of Markdown's.
_MARKUP = re.compile(r"([\\`*\[\]<>|~]|(?<!\w)_|_(?!\w))")


@dataclass(frozen=True, slots=True)
class Row:
    """One moment: `time_utc` is ISO 8601 with a Z, `kind` a word of `moments.Kind`.

    `count` says how many lines like it were folded into the first of them, `seen` ("first",
    "last" or empty) which of them came at this time, where they came over more than a minute.
    """

    time_utc: str
    kind: str
    source: str
    author: str
    text: str
    evidence: str
    permalink: str
    count: int
    seen: str = ""

    @property
    def often(self) -> str:
        """How many lines like it there are, in words; empty for one alone."""
        which = f"{self.seen} of " if self.seen else ""
        return f"{which}{self.count} lines like it" if self.count > 1 else ""


COLUMNS = tuple(field.name for field in fields(Row))


def rows(entries: Iterable[TimelineEntry], evidence: Sequence[Evidence]) -> tuple[Row, ...]:
    """Return the entries as rows, in their order; one that names no evidence we know is left out.

    An entry's time must be one of an item it names: no other is believed.
    """
    known = {item.id: item for item in evidence}
    found = []
    for entry in entries:
        cited = [known[name] for name in entry.evidence if name in known]
        item = next((item for item in cited if entry.at in (item.at, *times_of(item))), None)
        if item is not None:
            found.append(_row(entry, item))
    return tuple(found)


def as_markdown(entries: Iterable[TimelineEntry], evidence: Sequence[Evidence]) -> str:
    """Return a table; nothing in the texts acts as markup."""
    lines = ["| Time (UTC) | Kind | Who | What | Evidence |", "|---|---|---|---|---|"]
    lines += [_table_row(row) for row in rows(entries, evidence)]
    return "\n".join(lines) + "\n"


def as_json(entries: Iterable[TimelineEntry], evidence: Sequence[Evidence]) -> str:
    """Return an object with the schema's name and version, and the rows as "entries"."""
    told = [asdict(row) for row in rows(entries, evidence)]
    document = {"schema": SCHEMA, "timezone": "UTC", "entries": told}
    return json.dumps(document, ensure_ascii=False, indent=2)


def as_csv(entries: Iterable[TimelineEntry], evidence: Sequence[Evidence]) -> str:
    """Return CSV with a header; a cell that a spreadsheet would run has a quote before it."""
    return csv_of(rows(entries, evidence))


def csv_of(told: Iterable[Row], *, header: bool = True) -> str:
    """Return rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    if header:
        writer.writerow(COLUMNS)
    for row in told:
        writer.writerow([_defused(value) for value in asdict(row).values()])
    return out.getvalue()


def from_json(text: str) -> tuple[Row, ...]:
    """Read what `as_json` wrote. Raises ValueError for another schema."""
    document = json.loads(text)
    if document.get("schema") != SCHEMA:
        raise ValueError(f"not {SCHEMA}: {document.get('schema')}")
    told = (
        {name: entry[name] for name in COLUMNS if name in entry} for entry in document["entries"]
    )
    return tuple(Row(**row) for row in told)


def from_csv(text: str) -> tuple[Row, ...]:
    """Read what `as_csv` wrote."""
    read = csv.DictReader(io.StringIO(text, newline=""))
    return tuple(_read_row(cells) for cells in read)


def _row(entry: TimelineEntry, item: Evidence) -> Row:
    said = entry.text.removeprefix(f"{item.author}: ") if item.author else entry.text
    said = " ".join(said.split())
    return Row(
        time_utc=iso(entry.at),
        kind=str(kind_of(item, said)),
        source=item.source,
        author=item.author,
        text=said,
        evidence=item.id,
        permalink=item.permalink,
        count=item.count,
        seen=_seen(entry.at, times_of(item)),
    )


def _seen(at: float, times: Sequence[float]) -> str:
    if len(times) < 2 or at not in times:
        return ""
    return "first" if at == times[0] else "last"


def iso(at: float) -> str:
    """Return a moment as ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds") + "Z"


def _table_row(row: Row) -> str:
    who = row.author if row.source == "message" else f"{row.author}, {row.source}"
    what = f"{row.text} ({row.often})" if row.often else row.text
    cited = f"[{row.evidence}]({row.permalink})" if row.permalink else row.evidence
    cells = [row.time_utc, row.kind, _plain(who), _plain(what), cited]
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _defused(value: object) -> str:
    cell = str(value)
    return f"'{cell}" if _FORMULA.match(cell.lstrip(" ")) else cell


def _read_row(cells: dict[str, str]) -> Row:
    text = {name: _fused(cells[name]) for name in COLUMNS if name in cells}
    count = int(text.pop("count"))
    return Row(**text, count=count)


def _fused(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell

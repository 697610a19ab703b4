"""From an incident to numbered evidence: redacted, log lines folded, dumps cut into pieces."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from bot.analysis.dumps import is_structured, pieces, segments
from bot.analysis.evidence import Evidence
from bot.analysis.examples import LINE_CHARS, shown
from bot.analysis.fences import code_and_prose
from bot.analysis.hiding.search import Search
from bot.analysis.inspections import Note, inspect
from bot.analysis.logs import looks_like_log, parse_time
from bot.analysis.measured import Figures
from bot.analysis.reading import LINE_BYTES, Allowance, Reading
from bot.analysis.records import records
from bot.analysis.redact import Redactor
from bot.analysis.shapes import Shapes
from bot.analysis.storms import annotated
from bot.analysis.templates import Template, TemplateIndex
from bot.analysis.textual import NotTextError, cleaned
from bot.incident import Attachment, Incident, Message

# A dump longer than this is folded like a log: near-identical lines are one item with a count.
_FOLD_LINES = 200
_FOLD_STRUCTURED = 2_000
# More than this is a log, whatever it looks like; it is redacted by its examples only.
_LARGE = 400_000


@dataclass(frozen=True, slots=True)
class Collected:
    """All evidence of an incident, in its order, and what it cost to read."""

    items: tuple[Evidence, ...]
    question: str
    log_lines: int
    log_templates: int
    files_read: int
    files_total: int
    redactions: int
    gaps: tuple[str, ...]


@dataclass(slots=True)
class _Item:
    """Evidence before it has its number; a template's figures are known only at the end."""

    text: str
    message: Message
    source: str
    at: float | None
    level: str = ""
    count: int = 1
    template: Template | None = None
    measured: float = 0.0
    pasted: bool = False


class _Reader:
    def __init__(self, incident: Incident, search: Search | None) -> None:
        self.redactor = Redactor(search)
        self.shapes = Shapes()
        self.index = TemplateIndex()
        self.figures = Figures()
        self.notes: list[tuple[Message, str, Note]] = []
        self.items: list[_Item] = []
        self.gaps = list(incident.gaps)
        self.files_read = 0
        files = [file for message in incident.messages for file in message.attachments]
        self.allowance = Allowance(sum(_is_large(file) for file in files))

    def message(self, message: Message) -> None:
        for is_code, text in code_and_prose(self.redactor.redact(message.text)):
            if is_code:
                self.block(text, message, "message")
            else:
                at = message_time(message)
                self.items.append(_Item(text, message, "message", at))
        for attachment in message.attachments:
            self.attachment(attachment, message)

    def attachment(self, attachment: Attachment, message: Message) -> None:
        name = self.redactor.redact(attachment.name)
        if attachment.note:
            self.gaps.append(f"{name}: {self.redactor.redact(attachment.note)}")
        if _is_large(attachment):
            self.large(attachment, name, message)
        elif attachment.text is not None:
            self.files_read += 1
            self.text(cleaned(attachment.text), name, message)

    def text(self, text: str, name: str, message: Message) -> None:
        """Take a file's text; of a log it is enough to redact what is shown of it."""
        self.figures.add(name, text)
        lines = _lines(text)
        if self.is_log(lines, message):
            self.log([lines], message, name)
        else:
            self.block(self.redactor.redact(text), message, name)

    def large(self, attachment: Attachment, name: str, message: Message) -> None:
        """Fold a file whose lines are too many to be looked at one by one."""
        seconds = self.allowance.next()
        try:
            with _opened(attachment) as (file, size):
                reading = Reading(file, size, seconds)
                self.log(reading.chunks(), message, name, reading)
        except (OSError, NotTextError) as error:
            reason = "it is not text" if isinstance(error, NotTextError) else error.strerror
            self.gaps.append(f"{name}: {reason}")
            return
        self.allowance.spend(reading.took)
        self.files_read += 1
        if note := reading.note():
            self.gaps.append(f"{name}: {note}")

    def measure(self, incident: Incident) -> None:
        """Add what the figures show, beside the last message: it rests on all files together."""
        said = " ".join([incident.question, *(message.text for message in incident.messages[:1])])
        for finding in self.figures.findings(said):
            last = incident.messages[-1]
            text = self.redactor.redact(finding.text)
            item = _Item(text, last, finding.source, finding.at, measured=finding.weight)
            self.items.append(item)

    def block(self, text: str, message: Message, source: str) -> None:
        """Take a text apart that is redacted as a whole."""
        near = message_time(message) or 0.0
        self.notes += [(message, source, note) for note in inspect(text)]
        for lines in segments(_lines(text)):
            if self.is_log(lines, message):
                self.log([lines], message, source)
                continue
            for piece in pieces([line[:LINE_CHARS] for line in lines], near):
                at = piece.at or parse_time(piece.text, near)
                item = _Item(piece.text, message, source, at, piece.level, piece.count, pasted=True)
                self.items.append(item)

    def is_log(self, lines: Sequence[str], message: Message) -> bool:
        """Say whether lines are folded: a log, or more of anything than can be shown."""
        most = _FOLD_STRUCTURED if is_structured(lines) else _FOLD_LINES
        near = message_time(message) or 0.0
        return len(lines) > most or looks_like_log(lines, near, self.shapes)

    def log(
        self,
        chunks: Iterable[Sequence[str]],
        message: Message,
        source: str,
        reading: Reading | None = None,
    ) -> None:
        for record in records(chunks, self.shapes, message_time(message) or 0.0):
            if reading is not None and record.level in _FAILED:
                reading.symptom_seen = True
            if template := self.index.add(record, source):
                text = shown(record, self.redactor.redact)
                item = _Item(
                    text, message, source, record.at, record.level, template=template, pasted=True
                )
                self.items.append(item)

    def all_gaps(self) -> list[str]:
        unfolded = self.index.unfolded
        told = [
            *self.gaps,
            *([f"{unfolded:,} log lines of rare kinds left out"] if unfolded else []),
            *([_NO_ZONE] if self.shapes.unzoned else []),
        ]
        return list(dict.fromkeys(told))


_FAILED = frozenset({"error", "fatal"})
_LAST_SECOND = 253_402_300_800.0
"""Where the year 10,000 begins: no calendar of ours goes further."""
_NO_ZONE = "times without a zone were read as UTC"


@contextmanager
def _opened(attachment: Attachment) -> Iterator[tuple[BinaryIO, int]]:
    """Open what an attachment holds. Raises OSError."""
    if attachment.path is None:
        held = (attachment.text or "").encode("utf-8", "replace")
        yield io.BytesIO(held), len(held)
        return
    with attachment.path.open("rb") as file:
        yield file, attachment.path.stat().st_size


def _lines(text: str) -> list[str]:
    return [line[:LINE_BYTES] for line in text.split("\n")]


def _is_large(attachment: Attachment) -> bool:
    return attachment.path is not None or len(attachment.text or "") > _LARGE


def collect(incident: Incident, search: Search | None = None) -> Collected:
    """Read everything once. Raises RedactionError where a text cannot be made safe."""
    reader = _Reader(incident, search)
    reader.redactor.look_through(message.text for message in incident.messages)
    for message in incident.messages:
        reader.message(message)
    reader.measure(incident)
    return Collected(
        items=annotated(tuple(_numbered(reader)), incident.messages),
        question=reader.redactor.redact(incident.question),
        log_lines=reader.index.lines,
        log_templates=len(reader.index.templates),
        files_read=reader.files_read,
        files_total=sum(len(message.attachments) for message in incident.messages),
        redactions=reader.redactor.count,
        gaps=tuple(reader.all_gaps()),
    )


def message_time(message: Message) -> float | None:
    """Return a message's time in UTC seconds, None where its `ts` is no time of a calendar."""
    try:
        at = float(message.ts)
    except ValueError:
        return None
    return at if 0 <= at < _LAST_SECOND else None


def _numbered(reader: _Reader) -> Iterator[Evidence]:
    # Few people write many messages.
    names = dict.fromkeys(item.message.author for item in reader.items)
    authors = {name: reader.redactor.redact(name) for name in names}
    for number, item in enumerate(reader.items, 1):
        evidence = Evidence(
            id=f"E{number}",
            text=item.text,
            author=authors[item.message.author],
            source=item.source,
            at=item.at,
            message_ts=item.message.ts,
            permalink=item.message.permalink,
            count=item.count,
            level=item.level,
            measured=item.measured,
            pasted=item.pasted,
            stands_out=tuple(_notes_in(item, reader.notes)) if reader.notes else (),
        )
        yield _told(evidence, item.template, reader.index.lines) if item.template else evidence


def _notes_in(item: _Item, notes: Iterable[tuple[Message, str, Note]]) -> Iterator[Note]:
    for message, source, note in notes:
        if message is item.message and source == item.source and note.line in item.text:
            yield note


def _told(evidence: Evidence, template: Template, lines: int) -> Evidence:
    """Add what is known of all records of a template, once all are read."""
    evidence = replace(evidence, count=template.count, rarity=template.rarity(lines))
    if not template.timed:
        return evidence
    return replace(
        evidence,
        first_at=template.first_at,
        last_at=template.last_at,
        burst_at=template.densest_minute * 60,
        burst=template.burst,
    )

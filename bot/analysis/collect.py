"""From an incident to numbered evidence: redacted, log lines folded, dumps cut into pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.analysis.evidence import Evidence
from bot.analysis.logs import (
    Template,
    TemplateIndex,
    looks_like_log,
    parse_time,
    records,
)
from bot.analysis.measured import Figures
from bot.analysis.redact import Redactor
from bot.analysis.storms import annotated
from bot.incident import Attachment, Incident, Message

_FENCE = re.compile(r"```[a-z]{0,12}\n?(.*?)(?:```|\Z)", re.DOTALL)
_PIECE_LINES = 40
_PIECE_CHARS = 1_500
# A dump longer than this is folded like a log: near-identical lines are one item with a count.
_FOLD_LINES = 200
_LINE_CHARS = 2_000


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
    """Evidence before it has its number; a template's count is known only at the end."""

    text: str
    message: Message
    source: str
    at: float | None
    level: str = ""
    template: Template | None = None
    measured: float = 0.0


class _Reader:
    def __init__(self, incident: Incident) -> None:
        self.redactor = Redactor()
        self.index = TemplateIndex()
        self.figures = Figures()
        self.items: list[_Item] = []
        self.gaps = list(incident.gaps)
        self.files_read = 0

    def message(self, message: Message) -> None:
        for is_code, text in _parts(self.redactor.redact(message.text)):
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
        if attachment.text is None:
            return
        self.files_read += 1
        text = self.redactor.redact(attachment.text)
        self.figures.add(name, text)
        self.block(text, message, name)

    def measure(self, incident: Incident) -> None:
        """Add what the figures show, beside the last message: it rests on all files together."""
        said = " ".join([incident.question, *(message.text for message in incident.messages[:1])])
        for finding in self.figures.findings(said):
            last = incident.messages[-1]
            item = _Item(finding.text, last, finding.source, finding.at, measured=finding.weight)
            self.items.append(item)

    def block(self, text: str, message: Message, source: str) -> None:
        lines = [line[:_LINE_CHARS] for line in text.splitlines()]
        if looks_like_log(lines) or len(lines) > _FOLD_LINES:
            self.log(lines, message, source)
            return
        for piece in _pieces(lines):
            self.items.append(_Item(piece, message, source, parse_time(piece)))

    def log(self, lines: list[str], message: Message, source: str) -> None:
        year = datetime.fromtimestamp(message_time(message) or 0, UTC).year
        for record in records(lines, year):
            if template := self.index.add(record, source):
                item = _Item(record.text, message, source, record.at, record.level, template)
                self.items.append(item)

    def all_gaps(self) -> list[str]:
        unfolded = self.index.unfolded
        return [
            *self.gaps,
            *([f"{unfolded:,} log lines of rare kinds left out"] if unfolded else []),
        ]


def collect(incident: Incident) -> Collected:
    """Read everything once. Raises RedactionError where a text cannot be made safe."""
    reader = _Reader(incident)
    for message in incident.messages:
        reader.message(message)
    reader.measure(incident)
    return Collected(
        items=annotated(tuple(_numbered(reader.items, reader.redactor)), incident.messages),
        question=reader.redactor.redact(incident.question),
        log_lines=reader.index.lines,
        log_templates=len(reader.index.templates),
        files_read=reader.files_read,
        files_total=sum(len(message.attachments) for message in incident.messages),
        redactions=reader.redactor.count,
        gaps=tuple(reader.all_gaps()),
    )


def message_time(message: Message) -> float | None:
    """Return a message's time in UTC seconds, None where its `ts` is not a number."""
    try:
        return float(message.ts)
    except ValueError:
        return None


def _numbered(items: list[_Item], redactor: Redactor) -> Iterator[Evidence]:
    for number, item in enumerate(items, 1):
        yield Evidence(
            id=f"E{number}",
            text=item.text,
            author=redactor.redact(item.message.author),
            source=item.source,
            at=item.at,
            message_ts=item.message.ts,
            permalink=item.message.permalink,
            count=item.template.count if item.template else 1,
            level=item.level,
            measured=item.measured,
        )


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """Yield (is code, text) in order; prose that is empty is left out."""
    position = 0
    for fence in _FENCE.finditer(text):
        yield from _prose(text[position : fence.start()])
        if fence.group(1).strip():
            yield True, fence.group(1)
        position = fence.end()
    yield from _prose(text[position:])


def _prose(text: str) -> Iterator[tuple[bool, str]]:
    if text.strip():
        yield False, text.strip()


def _pieces(lines: list[str]) -> Iterator[str]:
    """Cut a dump at line ends, so that every piece can be cited and shown on its own."""
    piece: list[str] = []
    size = 0
    for line in lines:
        if piece and (len(piece) >= _PIECE_LINES or size + len(line) > _PIECE_CHARS):
            yield "\n".join(piece)
            piece, size = [], 0
        if line.strip() or piece:
            piece.append(line)
            size += len(line) + 1
    if any(line.strip() for line in piece):
        yield "\n".join(piece)

"""A model's Markdown, taken apart: labels, headings, and lines with the ids that they cite."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.analysis.lookalikes import seen

# What a model may call each section, folded to lower case.
_SECTIONS = {
    "likely cause": "cause",
    "root cause": "cause",
    "cause": "cause",
    "what is going on": "summary",
    "summary": "summary",
    "answer": "summary",
    "what changed": "changes",
    "timeline": "timeline",
    "other hypotheses": "hypotheses",
    "next checks": "next_checks",
    "next steps": "next_checks",
    "missing": "gaps",
}
_HEADING = re.compile(r"^\s{0,3}(?:#{1,6}\s*|\*\*)([^#*\n]{2,60}?)\s*:?\s*(?:\*\*)?:?\s*#*$")
_LABEL = re.compile(r"^\W{0,4}(verdict|confidence)\W{1,6}([a-z_ ]{3,40})", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+)")
_CITATION = re.compile(
    r"\s?[\[(【［（]\s?((?:E|evidence )\d{1,6}(?:(?:\s?[,;、–-]\s?"
    r"|\s)(?:and )?E\d{1,6}){0,40})\s?[\])】］）]",
    re.IGNORECASE,
)
_ID = re.compile(r"\d+")
_ROW_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section: its words, and every id that it cites, known or not."""

    text: str
    cited: tuple[str, ...] = ()


@dataclass(slots=True)
class Sections:
    """A model's answer by section; a heading we do not know belongs to none."""

    verdict: str = ""
    confidence: str = ""
    lines: dict[str, list[Line]] = field(default_factory=dict)

    @property
    def abstains(self) -> bool:
        """Whether it says itself that there is no cause to name."""
        return self.verdict in {"unclear", "no_incident"}


def parse(text: str) -> Sections:
    """Take a whole or partial answer apart; never fails, whatever the text is."""
    sections = Sections()
    current = ""
    for line_of_text in text.splitlines():
        row = seen(line_of_text[:_ROW_CHARS])
        if label := _LABEL.match(row):
            _set_label(sections, label.group(1).lower(), label.group(2).strip().lower())
        elif heading := _HEADING.match(row):
            current = _SECTIONS.get(heading.group(1).strip().lower(), "")
            if current:
                sections.lines.setdefault(current, [])
        elif current and (line := parse_line(row)):
            sections.lines[current].append(line)
    return sections


def parse_line(row: str) -> Line | None:
    """Return a line without its bullet and its citations; None where nothing is left."""
    body = _BULLET.sub("", row).strip()
    cited = tuple(
        f"E{int(number)}" for group in _CITATION.findall(body) for number in _ID.findall(group)
    )
    words = _CITATION.sub("", body).strip()
    if not words and not cited:
        return None
    return Line(words, tuple(dict.fromkeys(cited)))


def _set_label(sections: Sections, name: str, value: str) -> None:
    if name == "verdict":
        sections.verdict = value.replace(" ", "_")
    else:
        sections.confidence = value

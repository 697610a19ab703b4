"""Bytes as clean text: any usual encoding, without colours and invisible characters."""

from __future__ import annotations

import codecs
import re

_SAMPLE = 65_536
_CONTROL = bytes(set(range(9)) | set(range(14, 27)) | {28, 29, 30, 31, 127})
_MOST_CONTROL = 0.02
_HIGH = bytes(range(128, 256))
_MOST_HIGH = 0.5
_WIDE_NULS = 0.3

# Colours and other terminal sequences, window titles, and characters that take no room.
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,256}(?:\x07|\x1b\\)?|[@-Z\\-_])"
)
_INVISIBLE = re.compile("[\u0000\u200b\u200c\u2060\ufeff\u00ad]")


class NotTextError(Exception):
    """The bytes are no text."""


def encoding_of(head: bytes) -> str:
    """Return how a file is encoded, by its first bytes. Raises NotTextError for what is no text."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16-le" if head[:1] == b"\xff" else "utf-16-be"
    sample = head[:_SAMPLE]
    if wide := _without_mark(sample):
        return wide
    said = sample.replace(b"\0", b"")
    control = len(said) - len(said.translate(None, _CONTROL))
    if sample and (not said or control > _MOST_CONTROL * len(said) or _is_noise(said)):
        raise NotTextError
    return "utf-8"


def _is_noise(said: bytes) -> bool:
    """Say whether most of it is neither ASCII nor UTF-8; a character may be cut at the end."""
    high = len(said) - len(said.translate(None, _HIGH))
    if high <= _MOST_HIGH * len(said):
        return False
    return said.decode(errors="replace").count("\ufffd") > 0.01 * len(said) + 1


def _without_mark(sample: bytes) -> str:
    """Tell UTF-16 that does not say so: every other byte of plain words is 0."""
    half = max(1, len(sample) // 2)
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if even < 0.01 and _WIDE_NULS < odd <= 1 and len(sample) > 1 and _is_said(sample[::2]):
        return "utf-16-le"
    return "utf-16-be" if odd < 0.01 and even > _WIDE_NULS and _is_said(sample[1::2]) else ""


def _is_said(half: bytes) -> bool:
    return len(half.translate(None, _CONTROL)) >= (1 - _MOST_CONTROL) * len(half)


def as_text(data: bytes, encoding: str = "utf-8") -> str:
    """Return bytes as clean text with "\\n" line ends; no line is lost, whatever its encoding."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-8":
            text = "\n".join(map(_line, data.split(b"\n")))
        else:
            text = data.decode(encoding, errors="replace")
    return cleaned(text)


def _line(line: bytes) -> str:
    """Return one line: older programs write what their system uses, beside others in UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def cleaned(text: str) -> str:
    """Return a text without terminal sequences and characters that nobody sees."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    return text if text.isascii() and "\0" not in text else _INVISIBLE.sub("", text)

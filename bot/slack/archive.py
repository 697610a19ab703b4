"""An incident from disk: a folder with its thread.json, a thread.json, or a single log file."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from bot.analysis.textual import NotTextError, encoding_of
from bot.incident import Attachment, Incident, Message
from bot.slack.files import HeadAndTail, UnreadableFileError, decoded, shortened_note
from bot.slack.messages import Raw, files_of, from_raw, in_order, unread

_THREAD = "thread.json"
_HELD_BYTES = 8_000_000
"""A larger file is read line by line when it is analysed, and never held."""
_THREAD_BYTES = 200_000_000
_CHUNK = 1_000_000
_EXPECTED = "a JSON list of messages as conversations.replies returns them"


class ArchiveError(Exception):
    """The path does not hold an incident; the text names it and says what is expected."""


def load_incident(path: Path, question: str = "") -> Incident:
    """Return an incident folder, a thread.json or a log file as an incident.

    Raises ArchiveError.
    """
    if path.is_dir():
        return _load_thread(path / _THREAD, question)
    if path.suffix == ".json" and _looks_like_a_thread(path):
        return _load_thread(path, question)
    attachment = _attachment(path, {"name": path.name})
    if attachment.text is None and attachment.path is None:
        raise ArchiveError(f"{path}: {attachment.note}; a folder or a text file is expected")
    written_at = path.stat().st_mtime
    return _of_one_file(attachment, written_at, question)


def texts_in(folder: Path) -> list[str]:
    """Return the messages' texts of a folder's thread as Slack wrote them, in its markup."""
    raws = _raws(json.loads(_read(folder / _THREAD)))
    return [text for raw in raws if isinstance(text := raw.get("text"), str)]


def load_stream(name: str, stream: BinaryIO, question: str = "") -> Incident:
    """Return what comes from nowhere on disk as one file beside one message, its middle left out.

    Raises ArchiveError.
    """
    kept = HeadAndTail(_HELD_BYTES)
    while chunk := stream.read(_CHUNK):
        kept.feed(chunk)
    try:
        text = decoded(*kept.parts())
    except UnreadableFileError as error:
        raise ArchiveError(f"{name}: {error}; a text is expected") from error
    attachment = Attachment(name, text, kept.total, "text/plain", shortened_note(kept))
    return _of_one_file(attachment, time.time(), question)


def _of_one_file(attachment: Attachment, at: float, question: str) -> Incident:
    message = Message(
        ts=f"{at:.6f}", author="file", text=attachment.name, attachments=(attachment,)
    )
    gaps = (f"{attachment.name}: {attachment.note}",) if attachment.note else ()
    return Incident((message,), question, attachment.name, total_messages=1, gaps=gaps)


def _looks_like_a_thread(path: Path) -> bool:
    if path.name == _THREAD:
        return True
    try:
        is_small = path.exists() and path.stat().st_size <= _THREAD_BYTES
        return is_small and bool(_raws(json.loads(_read(path))))
    except (ValueError, RecursionError):
        return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ArchiveError(f"{path}: {reason}; {_EXPECTED} is expected") from error


def _load_thread(path: Path, question: str) -> Incident:
    try:
        raws = _raws(json.loads(_read(path)))
    except ValueError as error:
        raise ArchiveError(f"{path}: not JSON; {_EXPECTED} is expected") from error
    if not raws:
        raise ArchiveError(f"{path}: no messages in it; {_EXPECTED} is expected")
    read = (_message(raw, path.parent) for raw in in_order(raws))
    messages = tuple(message for message in read if message is not None)
    gaps = tuple(
        f"{file.name}: {file.note}"
        for message in messages
        for file in message.attachments
        if file.note
    )
    return Incident(
        messages, question, title=path.parent.name, total_messages=len(messages), gaps=gaps
    )


def _raws(document: Any) -> list[Raw]:
    messages = document.get("messages") if isinstance(document, dict) else document
    if not isinstance(messages, list):
        return []
    if all(isinstance(raw, dict) and _is_ts(raw.get("ts")) for raw in messages):
        return messages
    return []


def _is_ts(value: Any) -> bool:
    return isinstance(value, str) and value.replace(".", "", 1).isdigit()


def _message(raw: Raw, folder: Path) -> Message | None:
    message = from_raw(raw, {}, "")
    if message is None:
        return None
    attachments = (_stored(file, folder) for file in files_of(raw))
    return replace(message, attachments=tuple(attachments))


def _stored(file: Raw, folder: Path) -> Attachment:
    relative = file.get("path")
    if not relative:
        return unread(file, "it is not in the folder")
    path = (folder / str(relative)).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ArchiveError(f"{folder / _THREAD}: {relative} leads out of the folder")
    return _attachment(path, file)


def _attachment(path: Path, file: Raw) -> Attachment:
    known = unread(file)
    try:
        size = path.stat().st_size
        with path.open("rb") as opened:
            head = opened.read(_HELD_BYTES)
        if size > _HELD_BYTES:
            encoding_of(head)
            return replace(known, size=size, note="", path=path)
        text = decoded(head)
    except NotTextError:
        return unread(file, "it is not text")
    except OSError as error:
        return unread(file, f"it could not be opened ({error.strerror})")
    except UnreadableFileError as error:
        return unread(file, str(error))
    return replace(known, text=text, size=size, note="")

"""Incidents from disk."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.slack.archive import ArchiveError, load_incident, load_stream


def folder(path: Path, messages: Any, **files: bytes) -> Path:
    (path / "thread.json").write_text(json.dumps(messages))
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path


def message(ts: str, text: str, *files: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "ts": ts, "user": "U1", "text": text, "files": list(files)}


def test_a_folder_with_its_files(tmp_path: Path) -> None:
    log = {"name": "app.log", "path": "app_log", "mimetype": "text/plain", "size": 4}
    dump = {"name": "core", "path": "core", "mimetype": "application/octet-stream"}
    lost = {"name": "lost.txt", "path": "lost.txt"}
    absent = {"name": "absent.txt"}
    messages = [
        message("1700000060.000000", "&lt;later&gt;", log, dump, lost, absent),
        message("1700000000.000000", "first"),
        {"ts": "1700000001.000000", "subtype": "channel_join", "text": "joined"},
    ]
    incident = load_incident(folder(tmp_path, messages, app_log=b"boom", core=b"\0\1"), "why?")
    assert [m.text for m in incident.messages] == ["first", "<later>"]
    assert [file.text for file in incident.messages[1].attachments] == ["boom", None, None, None]
    assert (incident.question, incident.title) == ("why?", tmp_path.name)
    assert incident.total_messages == 2
    assert [gap.partition(":")[0] for gap in incident.gaps] == ["core", "lost.txt", "absent.txt"]


def test_the_answer_of_the_api_itself_is_a_thread(tmp_path: Path) -> None:
    exported = tmp_path / "export.json"
    exported.write_text(json.dumps({"ok": True, "messages": [message("1.0", "x")]}))
    assert load_incident(exported).messages[0].text == "x"


def test_a_log_file_is_one_message_with_it_attached(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("ERROR boom\n")
    os.utime(log, (1_700_000_000, 1_700_000_000))
    incident = load_incident(log)
    (only,) = incident.messages
    assert only.ts == "1700000000.000000"
    assert only.attachments[0].text == "ERROR boom\n"


def test_json_that_is_no_thread_is_a_log_file(tmp_path: Path) -> None:
    for content in ('{"level": "error"}', '{"a": 1}\n{"a": 2}', "[1, 2]", '[{"ts": "soon"}]'):
        log = tmp_path / "app.json"
        log.write_text(content)
        assert load_incident(log).messages[0].attachments[0].text == content


def test_a_large_log_is_left_where_it_lies(tmp_path: Path) -> None:
    log = tmp_path / "big.log"
    log.write_bytes(b"first line\n" + (b"y" * 79 + b"\n") * 120_000)
    (attachment,) = load_incident(log).messages[0].attachments
    assert (attachment.text, attachment.path, attachment.note) == (None, log, "")
    assert attachment.size == 9_600_011


def test_a_large_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    dump = {"name": "core", "path": "core"}
    content = bytes(range(256)) * 40_000
    incident = load_incident(folder(tmp_path, [message("1.0", "x", dump)], core=content))
    assert incident.gaps == ("core: it is not text",)
    assert incident.messages[0].attachments[0].path is None


def test_text_from_nowhere(tmp_path: Path) -> None:
    incident = load_stream("stdin", io.BytesIO("ERROR ボーム".encode()), "why?")
    assert incident.messages[0].attachments[0].text == "ERROR ボーム"
    assert incident.title == "stdin"


def test_of_an_endless_stream_head_and_tail_are_kept() -> None:
    stream = io.BytesIO(b"first line\n" + (b"y" * 79 + b"\n") * 120_000 + b"last\n")
    incident = load_stream("stdin", stream)
    text = incident.messages[0].attachments[0].text or ""
    assert (text[:11], text[-5:]) == ("first line\n", "last\n")
    assert len(text) < 8_100_000
    assert "shortened: the first 5.6 MB and the last 2.4 MB of 9.6 MB" in incident.gaps[0]


def test_a_tail_that_begins_inside_of_a_private_key_begins_after_it() -> None:
    key = b"-----BEGIN RSA PRIVATE KEY-----\n" + b"MIIEowIB\n" * 900
    key += b"-----END RSA PRIVATE KEY-----\n"
    end = b"y" * 79 + b"\n"
    stream = io.BytesIO(end * 90_000 + key + end * ((2_400_000 - 4_000) // 80))
    text = load_stream("stdin", stream).messages[0].attachments[0].text or ""
    assert "shortened" in text
    assert "MIIEowIB" not in text


def test_a_stream_that_is_no_text_is_told() -> None:
    with pytest.raises(ArchiveError, match="stdin: it is not text"):
        load_stream("stdin", io.BytesIO(b"\0\1"))


@pytest.mark.parametrize(
    ("content", "says"),
    [("{broken", "not JSON"), ("[]", "no messages"), ('{"messages": 3}', "no messages")],
)
def test_a_broken_thread_is_told_with_its_name(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "thread.json").write_text(content)
    with pytest.raises(ArchiveError, match=f"thread.json: {says}.*conversations.replies"):
        load_incident(tmp_path)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="No such file"):
        load_incident(tmp_path / "nothing.log")
    with pytest.raises(ArchiveError, match="No such file"):
        load_incident(tmp_path)


def test_a_binary_file_is_no_incident(tmp_path: Path) -> None:
    (tmp_path / "core").write_bytes(b"\0\0\1")
    with pytest.raises(ArchiveError, match="it is not text"):
        load_incident(tmp_path / "core")


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/hostname", "link"])
def test_no_file_outside_of_the_folder_is_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    inside = tmp_path / "incident"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "secret.txt")
    folder(inside, [message("1.0", "x", {"name": "f", "path": path})])
    with pytest.raises(ArchiveError, match="leads out of the folder"):
        load_incident(inside)

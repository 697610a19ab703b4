"""The sample incidents: they load, they hold nothing they should not, and the rules read them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.analysis.analyst import Prepared, prepare
from bot.analysis.redact import contains_secret
from bot.incident import Incident
from bot.slack.archive import load_incident
from bot.workspace.clock import SystemClock
from bot.workspace.incidents import folders_in, load_folder
from bot.workspace.state import Identity, State

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
GUIDE = SAMPLES.parent / "docs" / "samples.md"
NAMES = [folder.name for folder in folders_in(SAMPLES)]
THREAD = "thread.json"
LARGEST = 300_000
LONGEST_PAUSE = 900
# Where people keep things; the recordings run in a place of their own under /tmp.
A_MACHINE = re.compile(r"/(?:work|root|home|Users|opt)/|/\.pyenv|/\.venv|\b10\.\d+\.\d+\.\d+\b")
A_TIME = re.compile(r"^\[?20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    """What is right to say of a sample, and what the rules alone say where that is less.

    Each of `keywords` is a group of alternatives; one of each must stand in the cause.
    """

    verdict: str
    cause: str
    keywords: list[list[str]]
    rules: dict[str, Any]


def read(name: str, file: str) -> str:
    return (SAMPLES / name / file).read_text(encoding="utf-8")


def expected(name: str) -> Expected:
    known = yaml.safe_load(read(name, "expected.yaml"))
    return Expected(**{"rules": {}, **known})


@cache
def incident_of(name: str) -> Incident:
    return load_incident(SAMPLES / name)


@cache
def prepared(name: str) -> Prepared:
    return prepare(incident_of(name))


def thread_of(name: str) -> list[dict[str, Any]]:
    thread: list[dict[str, Any]] = json.loads(read(name, THREAD))
    return thread


def files_of(name: str) -> list[str]:
    """Name what lies beside the thread."""
    ours = {THREAD, "expected.yaml"}
    return sorted(path.name for path in (SAMPLES / name).iterdir() if path.name not in ours)


def text_of(name: str) -> str:
    """Return all that is shown of a sample, as it lies on disk."""
    return "\n".join(read(name, file) for file in [THREAD, *files_of(name)])


def everything_in(incident: Incident) -> str:
    texts = [message.text for message in incident.messages]
    files = [file.text or "" for message in incident.messages for file in message.attachments]
    return "\n".join(texts + files)


def test_there_are_samples_of_failures_and_one_of_none() -> None:
    verdicts = [expected(name).verdict for name in NAMES]
    assert len(NAMES) >= 5
    assert verdicts.count("no_incident") == 1
    assert verdicts.count("cause") == len(NAMES) - 1


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_read_whole(name: str) -> None:
    incident = incident_of(name)
    assert 6 <= len(incident.messages) <= 14
    assert incident.gaps == ()
    assert all(file.text for message in incident.messages for file in message.attachments)
    assert prepared(name).coverage.redactions == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_becomes_a_channel_of_the_local_workspace(name: str) -> None:
    channel = load_folder(State(SystemClock(), Identity()), SAMPLES / name)
    assert channel.name == f"inc-{name}"
    assert len(channel.messages) == len(thread_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_thread_has_people_and_an_alert_and_names_every_file_beside_it(name: str) -> None:
    thread = thread_of(name)
    people = {message["user"] for message in thread if "user" in message}
    root = thread[0]["ts"]
    assert 2 <= len(people) <= 4
    assert any("bot_id" in message for message in thread)
    assert {message["thread_ts"] for message in thread} == {root}
    assert [message["ts"] for message in thread] == sorted(message["ts"] for message in thread)
    named = [file for message in thread for file in message.get("files", [])]
    assert sorted(file["path"] for file in named) == files_of(name)
    for file in named:
        assert file["size"] == (SAMPLES / name / file["path"]).stat().st_size


@pytest.mark.parametrize("name", NAMES)
def test_people_write_while_the_logs_are_written(name: str) -> None:
    """A file was shared after its last line, and the thread is about what its lines tell."""
    for message in thread_of(name):
        for file in message.get("files", []):
            times = times_in(read(name, file["path"]))
            if times:
                assert 0 <= float(message["ts"]) - max(times) <= LONGEST_PAUSE


def times_in(text: str) -> list[float]:
    found = (match.group().strip("[").replace("T", " ") for match in A_TIME.finditer(text))
    times = (datetime.strptime(f"{time}+0000", "%Y-%m-%d %H:%M:%S%z") for time in found)
    return [time.astimezone(UTC).timestamp() for time in times]


@pytest.mark.parametrize("name", NAMES)
def test_a_line_that_somebody_pasted_stands_in_a_file(name: str) -> None:
    written = "\n".join(read(name, file) for file in files_of(name))
    incident = incident_of(name)
    for message in incident.messages:
        for pasted in re.findall(r"```\n?(.*?)```", message.text, re.DOTALL):
            for line in pasted.strip().splitlines():
                assert line in written


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_holds_no_secret_and_nothing_of_a_machine(name: str) -> None:
    text = text_of(name)
    assert not contains_secret(text)
    assert not A_MACHINE.search(text)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_small(name: str) -> None:
    assert len(text_of(name).encode()) <= LARGEST


@pytest.mark.parametrize("name", NAMES)
def test_the_rules_give_the_expected_verdict_and_cause(name: str) -> None:
    """What the rules cannot say yet is written down; once they can, it has to go."""
    right, report = expected(name), prepared(name).rules
    is_right = report.verdict == right.verdict and names(report.cause.text, right.keywords)
    assert is_right != bool(right.rules), report.cause.text
    assert report.verdict == right.rules.get("verdict", right.verdict)
    assert names(report.cause.text, right.rules.get("keywords", right.keywords)), report.cause.text


def names(cause: str, keywords: list[list[str]]) -> bool:
    return all(any(word.lower() in cause.lower() for word in group) for group in keywords)


@pytest.mark.parametrize("name", NAMES)
def test_every_quote_stands_in_the_sample(name: str) -> None:
    quotes, known = prepared(name).rules.quotes, everything_in(incident_of(name))
    assert quotes
    assert all(quote in known for quote in quotes)


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_can_be_recorded_again_and_is_described(name: str) -> None:
    assert (SAMPLES / "record" / f"{name}.sh").stat().st_mode & 0o100
    assert f"## {name}" in GUIDE.read_text(encoding="utf-8")


def test_where_nothing_is_wrong_nothing_is_left_to_check_or_to_explain() -> None:
    found = prepared("no-incident").rules
    assert found.next_checks == ()
    assert not any("changed before" in gap.text for gap in found.gaps)
    assert not any("$ curl" in other.text for other in found.hypotheses[1:])

"""What is recalled for an answer, and what no trouble may cost it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.analysis.analyst import prepare
from bot.analysis.report import Report
from bot.analysis.similar import ArchiveUnavailableError, Confirmed, Found, Marked, Signs
from bot.incident import Incident, Message
from bot.recall import Mark, Recall, find_for_operator
from bot.slack.reader import Reader
from bot.store.incidents_in_memory import IncidentsInMemory
from bot.store.runbooks import RunbookFolder
from bot.workspace.faults import Fault
from bot.workspace.server import Workspace, serve_workspace

TEXT = "orders-db: FATAL: remaining connection slots are reserved"
MARK = Mark("U1", Marked.DIFFERENT, "The pool was too small")


def report(start: float) -> Report:
    texts = ("Checkout fails", TEXT)
    messages = [Message(f"{start + n:.6f}", "ann", text) for n, text in enumerate(texts)]
    return prepare(Incident(tuple(messages))).rules


@asynccontextmanager
async def a_reader() -> AsyncIterator[tuple[Workspace, Reader]]:
    async with serve_workspace() as workspace, aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
        yield (
            workspace,
            Reader(
                client,
                session=session,
                api_url=workspace.api_url,
                bot_user_id=workspace.bot_user_id,
                bot_id="",
            ),
        )


class Failing:
    """An archive whose disk is broken until it is repaired."""

    def __init__(self) -> None:
        self.why = "disk I/O error"

    def keep(self, incident: Confirmed) -> None:
        self.newest(1)

    def search(self, signs: Signs, channel: str) -> Found[Confirmed]:
        self.newest(1)
        return Found()

    def newest(self, limit: int) -> list[Confirmed]:
        if self.why:
            raise ArchiveUnavailableError(self.why)
        return []


class Hanging(IncidentsInMemory):
    """An archive on a disk that does not answer until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def search(self, signs: Signs, channel: str) -> Found[Confirmed]:
        self.let_go.wait(30)
        return super().search(signs, channel)


@pytest.fixture
def runbooks(tmp_path: Path) -> RunbookFolder:
    (tmp_path / "a.md").write_text(f"# orders-db is full\n{TEXT}")
    return RunbookFolder(tmp_path)


async def test_each_trouble_is_told_once_and_costs_no_runbook(
    runbooks: RunbookFolder, caplog: pytest.LogCaptureFixture
) -> None:
    archive = Failing()
    async with a_reader() as (_, reader):
        recall = Recall(archive, runbooks, reader)
        for why in ("disk I/O error", "disk I/O error", "is locked", "", "is locked"):
            archive.why = why
            found = await recall.find(report(100.0), channel="C1", thread_ts="1.0")
            assert found.incidents == ()
            assert [advice.file for advice in found.runbooks] == ["a.md"]
    told = [record.getMessage() for record in caplog.records if record.name == "bot.recall"]
    assert [line.rpartition(": ")[2] for line in told] == [
        *("disk I/O error", "is locked", "is locked")
    ]
    found = await find_for_operator(report(100.0), archive=archive, runbooks=runbooks)
    assert [advice.file for advice in found.runbooks] == ["a.md"]


class Buggy(IncidentsInMemory):
    """An archive with a fault that nobody thought of."""

    def search(self, signs: Signs, channel: str) -> Found[Confirmed]:
        raise KeyError("the secret is hunter2")


async def test_a_bug_costs_the_section_and_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    async with a_reader() as (_, reader):
        found = await Recall(Buggy(), None, reader).find(
            report(100.0), channel="C1", thread_ts="1.0"
        )
    assert not found
    assert "KeyError at test_recall.py" in caplog.text
    assert "hunter2" not in caplog.text


async def test_an_archive_that_hangs_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    archive = Hanging()
    async with a_reader() as (_, reader):
        recall = Recall(archive, None, reader, seconds=0.05)
        assert not await recall.find(report(100.0), channel="C1", thread_ts="1.0")
        archive.let_go.set()
    assert "nothing was found within 0.05 s" in caplog.text


async def test_a_slack_that_hangs_costs_only_what_other_channels_know() -> None:
    async with a_reader() as (workspace, reader):
        person = workspace.add_user("ann")
        own, other = (workspace.add_channel(name, members=[person]) for name in ("own", "other"))
        archive = IncidentsInMemory()
        recall = Recall(archive, None, reader, seconds=5)
        for channel in (own, other):
            assert await recall.confirm(
                report(100.0), channel=channel, thread_ts="100.000000", mark=MARK
            )
        asked = report(900_000.0)
        both = await recall.find(asked, channel=own, thread_ts="1.0")
        assert len(both.incidents) == 2
        hasty = Recall(archive, None, reader, seconds=0.3)
        workspace.faults.add(Fault("conversations.info", "slow", times=None, seconds=3.0))
        one = await hasty.find(asked, channel=own, thread_ts="1.0")
        assert [past.link for past in one.incidents] == [await reader.permalink(own, "100.000000")]


async def test_without_an_archive_nothing_is_kept_and_nothing_asked() -> None:
    async with a_reader() as (_, reader):
        recall = Recall(None, None, reader)
        assert not recall.keeps
        assert not await recall.confirm(report(1.0), channel="C1", thread_ts="1.0", mark=MARK)
        assert not await recall.find(report(1.0), channel="C1", thread_ts="1.0")


async def test_the_operator_sees_every_channel_but_the_incident_itself() -> None:
    async with a_reader() as (_, reader):
        archive = IncidentsInMemory()
        recall = Recall(archive, None, reader, clock=lambda: 777.0)
        await recall.confirm(report(100.0), channel="C1", thread_ts="100.000000", mark=MARK)
    (kept,) = archive.newest(1)
    assert (kept.at, kept.marked_at, kept.marked_by) == (100.0, 777.0, "U1")
    (past,) = (await find_for_operator(report(900.0), archive=archive, runbooks=None)).incidents
    assert (past.at, past.cause) == (100.0, MARK.cause)
    assert not await find_for_operator(report(100.0), archive=archive, runbooks=None)
    await asyncio.sleep(0)

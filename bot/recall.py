"""What was seen before: found for an answer, kept when a person marks a cause.

Nothing of it may cost an answer: what fails here is one line in the log.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.analysis import similar
from bot.analysis.likeness import matches
from bot.analysis.precedents import Advice, Precedents
from bot.analysis.report import Report
from bot.analysis.similar import (
    Archive,
    ArchiveUnavailableError,
    Confirmed,
    Marked,
    Match,
    Passage,
    Runbooks,
    Signs,
)
from bot.slack.reader import Reader
from bot.telemetry import whereabouts

_SECONDS = 5.0
_MEMBER_SECONDS = 2.0
_OTHER_CHANNELS = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person said of an answer; `cause` is redacted."""

    user: str
    marked: Marked
    cause: str


class Recall:
    """Asks the archive and the runbooks, either of which may be missing.

    An incident of another channel is shown only where `reader` knows that everybody may read it.
    """

    def __init__(
        self,
        archive: Archive | None,
        runbooks: Runbooks | None,
        reader: Reader,
        *,
        seconds: float = _SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._archive = archive
        self._runbooks = runbooks
        self._reader = reader
        self._seconds = seconds
        self._clock = clock
        self._told = ""

    @property
    def keeps(self) -> bool:
        """Tell whether marked causes are kept at all."""
        return self._archive is not None

    async def warm_up(self) -> None:
        """Read the runbooks before the first question waits for them."""
        if self._runbooks is not None:
            await asyncio.to_thread(self._runbooks.search, Signs((), (), ""))

    async def may_mark(self, user: str, channel: str) -> bool:
        """Tell whether a person is in a channel, within the time that Slack waits for us."""
        try:
            async with asyncio.timeout(_MEMBER_SECONDS):
                return await self._reader.is_member(user, channel)
        except TimeoutError:
            return False

    async def find(self, report: Report, *, channel: str, thread_ts: str) -> Precedents:
        """Return what an answer in this thread may show; nothing where it takes too long.

        Never raises: a section less is better than no answer.
        """
        try:
            return await self._find(report, channel, thread_ts)
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer stands without it
            self._tell(whereabouts(error))
            return Precedents()

    async def _find(self, report: Report, channel: str, thread_ts: str) -> Precedents:
        if self._archive is None and self._runbooks is None:
            return Precedents()
        try:
            async with asyncio.timeout(self._seconds):
                found = await asyncio.to_thread(
                    candidates, report, self._archive, self._runbooks, channel, thread_ts
                )
        except TimeoutError:
            self._tell(f"nothing was found within {self._seconds:g} s")
            return Precedents()
        except ArchiveUnavailableError as error:
            self._tell(str(error))
            return Precedents(runbooks=await self._advice(report))
        self._told = ""
        incidents = await self._readable(found.incidents, channel)
        return Precedents(similar.seen_before(incidents), similar.advice(found.passages))

    async def confirm(self, report: Report, *, channel: str, thread_ts: str, mark: Mark) -> bool:
        """Keep what a person marked; False where it could not be kept, which is logged."""
        if self._archive is None:
            return False
        link = await self._reader.permalink(channel, thread_ts)
        try:
            confirmed = await asyncio.to_thread(_confirmed, report, channel, thread_ts, mark)
            marked = replace(confirmed, link=link, marked_at=self._clock())
            await asyncio.to_thread(self._archive.keep, marked)
        except ArchiveUnavailableError as error:
            self._tell(str(error))
            return False
        return True

    async def _readable(
        self, matches: Sequence[Match[Confirmed]], channel: str
    ) -> list[Match[Confirmed]]:
        others = dict.fromkeys(m.item.channel for m in matches if m.item.channel != channel)
        shown = {channel}
        if others:
            try:
                async with asyncio.timeout(self._seconds):
                    shown |= await self._open(list(others)[:_OTHER_CHANNELS], channel)
            except TimeoutError:
                logger.info("other channels' incidents are left out: Slack does not say who reads")
        return [match for match in matches if match.item.channel in shown]

    async def _open(self, others: Sequence[str], channel: str) -> set[str]:
        """Return the channels that whoever reads this one may read too."""
        if not await self._reader.are_insiders(channel):
            return set()
        are_open = await asyncio.gather(*map(self._reader.is_open, others))
        return {other for other, is_open in zip(others, are_open, strict=True) if is_open}

    async def _advice(self, report: Report) -> tuple[Advice, ...]:
        found = await asyncio.to_thread(candidates, report, None, self._runbooks, "", "")
        return similar.advice(found.passages)

    def _tell(self, trouble: str) -> None:
        if trouble != self._told:
            logger.warning("similar incidents are left out: %s", trouble)
        self._told = trouble


async def find_for_operator(
    report: Report, *, archive: Archive | None, runbooks: Runbooks | None
) -> Precedents:
    """Return what is like a report from every channel: for whoever has the files anyway."""
    try:
        found = await asyncio.to_thread(candidates, report, archive, runbooks, "", "")
    except ArchiveUnavailableError as error:
        logger.warning("similar incidents are left out: %s", error)
        found = await asyncio.to_thread(candidates, report, None, runbooks, "", "")
    return Precedents(similar.seen_before(found.incidents), similar.advice(found.passages))


@dataclass(frozen=True, slots=True)
class Candidates:
    """What looks alike, the best first, whoever may read it."""

    incidents: list[Match[Confirmed]]
    passages: list[Match[Passage]]


def candidates(
    report: Report,
    archive: Archive | None,
    runbooks: Runbooks | None,
    channel: str,
    thread_ts: str,
) -> Candidates:
    """Look for what is like a report. Waits for a disk: call it in a thread.

    Raises ArchiveUnavailableError.
    """
    signs = similar.signs_of(report)
    incidents = matches(signs, archive.search(signs, channel)) if archive else []
    passages = matches(signs, runbooks.search(signs)) if runbooks else []
    others = [
        match
        for match in incidents
        if not similar.is_this_one(match.item, report, channel, thread_ts)
    ]
    return Candidates(others, passages)


def _confirmed(report: Report, channel: str, thread_ts: str, mark: Mark) -> Confirmed:
    text = similar.search_text(report)
    return Confirmed(
        channel=channel,
        thread_ts=thread_ts,
        at=float(thread_ts),
        marked_at=0.0,
        marked_by=mark.user,
        marked=mark.marked,
        cause=mark.cause,
        text=f"{text}\n{mark.cause}",
        signatures=similar.signatures_in(text),
        messages=similar.messages_of(report, thread_ts),
    )

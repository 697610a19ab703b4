"""A thread or a channel's window as an incident: all of it, or a word on what is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.incident import Incident, Message
from bot.slack.addresses import Addresses
from bot.slack.attachments import Attachments, file_gaps
from bot.slack.audience import Audience
from bot.slack.calls import Clock, Patience, Sleep, without_retries
from bot.slack.errors import SlackError, ThreadGoneError
from bot.slack.files import Downloader
from bot.slack.messages import Raw, from_raw, in_order, order, user_ids
from bot.slack.names import Names
from bot.slack.pages import PageReader, Pages
from bot.slack.permalinks import Permalink, parse_permalink, permalink

__all__ = ["Permalink", "Reader", "parse_permalink"]

Progress = Callable[[str], None]

# For what an answer can do without: seconds.
_BRIEFLY = 10.0
_OLDER_ROOTS = 200
_EVER = "0"


class Reader:
    """Reads one workspace with the bot's own eyes.

    Reading is repeated while failures are transient, for at most `deadline` seconds a call.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        session: aiohttp.ClientSession,
        api_url: str,
        bot_user_id: str,
        bot_id: str,
        file_bytes: int = 1_000_000,
        deadline: float = 45.0,
        timeout: float = 15.0,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
        wall_clock: Clock = time.time,
    ) -> None:
        self._client = without_retries(client)
        self._patience = Patience(deadline=deadline, timeout=timeout, sleep=sleep, clock=clock)
        self._ours = {bot_user_id, bot_id} - {""}
        self._wall_clock = wall_clock
        briefly = replace(self._patience, deadline=min(deadline, _BRIEFLY))
        files = Downloader(
            session, token=client.token or "", api_url=api_url, file_bytes=file_bytes
        )
        self._pages = PageReader(self._client, self._patience)
        self._attachments = Attachments(self._client, self._patience, files)
        self._audience = Audience(self._client, self._patience)
        self._names = Names(self._client, briefly)
        self._addresses = Addresses(self._client, briefly)

    async def thread(
        self,
        channel: str,
        thread_ts: str,
        *,
        question: str = "",
        exclude: frozenset[str] = frozenset(),
        progress: Progress | None = None,
    ) -> Incident:
        """Read a whole thread; `thread_ts` may be that of a reply.

        Our own messages and those of `exclude` are no evidence and count as none. Raises
        NotInChannelError, ThreadGoneError, MissingScopeError, SlackUnavailableError.
        """
        pages = await self._pages.replies(channel, thread_ts, seen=_count(progress))
        root = next(iter(pages.messages.values()), {}).get("thread_ts")
        if root and root not in pages.messages:
            pages = await self._pages.replies(channel, str(root), seen=_count(progress))
        self._note_deleted_root(pages, thread_ts)
        raws = [raw for raw in in_order(pages.messages.values()) if self._counts(raw, exclude)]
        total = len(raws) if pages.whole else max(len(raws), _told_total(pages))
        return await self._incident(
            channel, raws, total, pages.gaps, question=question, progress=progress
        )

    @staticmethod
    def _note_deleted_root(pages: Pages, thread_ts: str) -> None:
        gone = [raw for raw in pages.messages.values() if raw.get("subtype") == "tombstone"]
        if len(gone) == len(pages.messages):
            raise ThreadGoneError(f"nothing is left of the thread {thread_ts}")
        if gone:
            pages.gaps.append("the first message of the thread was deleted")

    async def window(
        self,
        channel: str,
        *,
        hours: float | None,
        messages: int,
        until: str | None = None,
        question: str = "",
        exclude: frozenset[str] = frozenset(),
        progress: Progress | None = None,
    ) -> Incident:
        """Read the newest `messages` of the last `hours`, replies in their threads included.

        With `hours` None they may be of any age.
        Where nothing was said in those hours the newest messages before them are read, and a gap
        says so. Slack lists a thread by its root: one that began before is not seen. Raises what
        `thread` raises.
        """
        latest = until or f"{self._wall_clock():.6f}"
        read = partial(self._within, channel, messages, exclude, seen=_count(progress))
        inside: list[Raw] = []
        if hours is not None:
            found, inside = await read(f"{float(latest) - hours * 3600:.6f}", latest)
        if not inside:
            found, inside = await read(_EVER, latest, most=messages)
            if inside and hours is not None:
                found.gaps.append(f"nothing was said in the last {hours:g} h: older messages read")
        kept = inside[-messages:]
        if len(kept) < len(inside):
            found.gaps.append(f"only the newest {messages:,} of {len(inside):,} messages were read")
        return await self._incident(
            channel, kept, len(inside), found.gaps, question=question, progress=progress
        )

    async def _within(
        self,
        channel: str,
        wanted: int,
        exclude: frozenset[str],
        oldest: str,
        latest: str,
        *,
        seen: Callable[[int], None] | None,
        most: int | None = None,
    ) -> tuple[Pages, list[Raw]]:
        found = await self._pages.history(
            channel, oldest=oldest, latest=latest, seen=seen, most=most
        )
        if oldest != _EVER:
            await self._add_older_roots(channel, found, oldest)
        await self._add_replies(channel, found, wanted, oldest)
        inside = [
            raw
            for raw in in_order(found.messages.values())
            if order(_last_word(raw)) >= order(oldest)
            and order(raw["ts"]) <= order(latest)
            and self._counts(raw, exclude)
        ]
        return found, inside

    async def _add_older_roots(self, channel: str, found: Pages, oldest: str) -> None:
        """Find threads that began before the window and go on in it: Slack lists roots only."""
        try:
            older = await self._pages.history(
                channel, oldest=_EVER, latest=oldest, most=_OLDER_ROOTS
            )
        except SlackError as error:
            found.break_off(f"older threads were not looked at ({type(error).__name__})")
            return
        alive = (raw for raw in older.messages.values() if raw.get("reply_count"))
        found.add([raw for raw in alive if order(_last_word(raw)) >= order(oldest)])

    async def _add_replies(self, channel: str, found: Pages, wanted: int, oldest: str) -> None:
        """Read the threads, the liveliest first, until no other can hold one of the newest."""
        threads = sorted(
            (raw for raw in found.messages.values() if raw.get("reply_count")),
            key=lambda raw: order(_last_word(raw)),
            reverse=True,
        )
        end = self._patience.clock() + self._patience.deadline
        for number, root in enumerate(threads):
            newest = sorted((order(ts) for ts in found.messages), reverse=True)[:wanted]
            if len(newest) == wanted and newest[-1] > order(_last_word(root)):
                return
            if self._patience.clock() >= end:
                left = len(threads) - number
                found.break_off(f"{_counted(left, 'thread')} not read, for want of time")
                return
            try:
                replies = await self._pages.replies(channel, str(root["ts"]))
            except SlackError as error:
                found.break_off(f"a thread was not read ({type(error).__name__})")
                continue
            found.add(
                [raw for raw in replies.messages.values() if order(raw["ts"]) >= order(oldest)]
            )
            found.gaps += [gap for gap in replies.gaps if gap not in found.gaps]

    async def name(self, user_id: str) -> str:
        """Return what a person is called; "someone" where Slack does not say."""
        return await self._names.of(user_id)

    async def channel_name(self, channel: str, *, anew: bool = False) -> str:
        """Return a channel's name without #; empty where Slack does not say.

        Kept once known; `anew` asks Slack again.
        """
        return await self._addresses.channel_name(channel, anew=anew)

    async def may_read(self, user: str, channel: str) -> bool:
        """Tell whether a person may read a channel. Every doubt is a no."""
        return await self._audience.may_read(user, channel)

    async def is_member(self, user: str, channel: str) -> bool:
        """Tell whether a person is in a channel. Every doubt is a no."""
        return await self._audience.is_member(user, channel)

    async def is_open(self, channel: str) -> bool:
        """Tell whether all full members of our workspace may read it, and nobody else."""
        return await self._audience.is_open(channel)

    async def are_insiders(self, channel: str) -> bool:
        """Tell whether all who read a channel are full members. Every doubt is a no."""
        return await self._audience.are_insiders(channel)

    async def permalink(self, channel: str, ts: str, thread_ts: str | None = None) -> str:
        """Return the link to a message; empty where Slack does not tell the team's address."""
        return permalink(await self._addresses.team_url(channel, ts), channel, ts, thread_ts)

    def _counts(self, raw: Raw, exclude: frozenset[str]) -> bool:
        ours = {raw.get("user"), raw.get("bot_id")} & self._ours
        return not ours and raw.get("ts") not in exclude and from_raw(raw, {}, "") is not None

    async def _incident(
        self,
        channel: str,
        raws: list[Raw],
        total: int,
        gaps: list[str],
        *,
        question: str,
        progress: Progress | None,
    ) -> Incident:
        messages = await self._messages(channel, raws)
        name = await self._addresses.channel_name(channel)
        files = [file for message in messages for file in message.attachments]
        if progress:
            read = sum(file.text is not None for file in files)
            progress(_progress_line(len(messages), total, read, len(files)))
        return Incident(
            messages=tuple(messages),
            question=question,
            title=f"#{name}" if name else "",
            total_messages=total,
            gaps=(*gaps, *file_gaps(files)),
        )

    async def _messages(self, channel: str, raws: list[Raw]) -> list[Message]:
        if not raws:
            return []
        names = await self._names.of_all(set().union(*map(user_ids, raws)))
        team_url = await self._addresses.team_url(channel, str(raws[0]["ts"]))
        files = await self._attachments.of(raws)
        messages = []
        for raw in raws:
            link = permalink(team_url, channel, str(raw["ts"]), raw.get("thread_ts"))
            message = from_raw(raw, names, link)
            if message is not None:
                messages.append(replace(message, attachments=tuple(files[message.ts])))
        return messages


def _last_word(raw: Raw) -> str:
    return str(raw.get("latest_reply") or raw["ts"])


def _count(progress: Progress | None) -> Callable[[int], None] | None:
    return (lambda count: progress(f"read {count:,} messages")) if progress else None


def _progress_line(read: int, total: int, files_read: int, files: int) -> str:
    line = f"read {read:,} of {total:,} messages"
    if not files:
        return line
    some = "" if files_read == files else f"{files_read} of "
    return f"{line} and {some}{_counted(files, 'file')}"


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _told_total(pages: Pages) -> int:
    return max((int(raw.get("reply_count") or 0) + 1 for raw in pages.messages.values()), default=0)

"""One question's whole way: placeholder, read, analyse, live message, final; keyed, cancellable."""

from __future__ import annotations

import asyncio
import hashlib
import time
import weakref
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.analysis.analyst import Analyst, Answer, Draft, Stage
from bot.analysis.report import Report
from bot.incident import Incident
from bot.jobs import Jobs
from bot.slack import blocks
from bot.slack.errors import MissingScopeError, NotInChannelError, SlackError, ThreadGoneError
from bot.slack.gateway import Gateway, Outgoing, Posted
from bot.slack.live import LiveMessage
from bot.slack.mrkdwn import escape
from bot.slack.reader import Reader, parse_permalink
from providers.base import RequestScope


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked, and where.

    `key` is what asked for it: a second request with it starts nothing. With `thread_ts` that
    thread is read and answered in; without, the channel's window is read, and the answer goes
    into the thread of `asked_ts` (a message that asked) or of a new root message.
    `response_url` answers the asker alone, even where the bot is no member.
    """

    key: str
    channel: str
    user: str
    team: str = ""
    question: str = ""
    thread_ts: str | None = None
    asked_ts: str | None = None
    response_url: str = field(default="", repr=False)


class RunStore(Protocol):
    """What a run leaves behind."""

    def save_report(self, run_id: str, channel: str, report: Report) -> None:
        """Keep what the Evidence button shows."""
        ...

    def answered(self, channel: str, thread_ts: str, speaker: str, ts: str) -> None:
        """Note that the bot answered in the thread."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """What a question without a thread reads: the newest `messages` of the last `hours`."""

    hours: float = 24
    messages: int = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answer goes, and whether that thread or the channel's window is read."""

    channel: str
    thread_ts: str
    reads_thread: bool
    linked: bool = False


class Refused(Exception):  # noqa: N818 - not an error: an answer, in words for the asker
    """The question cannot be taken up; the text says why and what to do."""


@dataclass(slots=True)
class Run:
    """A question under way."""

    id: str
    request: Request
    place: Place
    posted: Posted
    live: LiveMessage
    started: float
    stages: list[str] = field(default_factory=list)
    draft: Report | None = None
    work: asyncio.Task[Answer] | None = None
    stopped: str = ""


class Runs:
    """Starts, stops and counts runs."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        reader: Reader,
        gateway: Gateway,
        analyst: Analyst,
        store: RunStore,
        bot_user_id: str,
        bot_name: str,
        window: Window,
    ) -> None:
        self._jobs = jobs
        self._reader = reader
        self._gateway = gateway
        self._analyst = analyst
        self._store = store
        self._bot_user_id = bot_user_id
        self._bot_name = bot_name
        self._window = window
        self._running: dict[str, Run] = {}
        # One run a thread at a time; a lock lives as long as somebody holds or waits for it.
        self._turns: weakref.WeakValueDictionary[tuple[str, str], asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    @property
    def in_flight(self) -> int:
        """How many questions are being answered."""
        return len(self._running)

    def start(self, request: Request) -> bool:
        """Begin to answer; False where this key was begun before."""
        return self._jobs.start(request.key, lambda: self._run(request))

    async def stop(self, run_id: str, *, channel: str, user: str) -> bool:
        """Stop a run from its own channel; False where none of that id runs there."""
        run = self._running.get(run_id)
        if run is None or run.place.channel != channel:
            return False
        self._end(run, f"Stopped by {await self._reader.name(user)}")
        return True

    async def shutdown(self, timeout: float = 10.0) -> None:
        """Tell every open thread that its run was interrupted, then end."""
        for run in list(self._running.values()):
            self._end(run, "Interrupted: the bot is being restarted. Please ask again")
        await self._jobs.drain(timeout)

    @staticmethod
    def _end(run: Run, why: str) -> None:
        run.stopped = run.stopped or why
        if run.work is not None:
            run.work.cancel()

    async def _run(self, request: Request) -> None:
        try:
            run = await self._open(request)
        except Refused as refusal:
            await self._tell_asker(request, str(refusal))
            return
        self._running[run.id] = run
        try:
            turn = self._turns.setdefault((run.place.channel, run.place.thread_ts), asyncio.Lock())
            if turn.locked():
                self._stage(run, "waiting for the analysis that already runs in this thread")
            async with turn:
                await self._answer(run)
        finally:
            del self._running[run.id]
            await run.live.close()

    async def _open(self, request: Request) -> Run:
        """Show the first message in the right thread."""
        started = time.monotonic()
        run_id = hashlib.sha256(request.key.encode()).hexdigest()[:16]
        try:
            place = await self._place(request)
            first = blocks.progress(["reading the messages"], None, run_id)
            posted = await self._gateway.post(
                Outgoing(place.channel, first.text, first.blocks, place.thread_ts),
                key=request.key,
            )
        except SlackError as error:
            raise Refused(self._sentence(error)) from error
        if place.linked:
            await self._point_to(request, place)
        live = LiveMessage(self._gateway, posted, key=request.key)
        return Run(run_id, request, place, posted, live, started)

    async def _place(self, request: Request) -> Place:
        link = parse_permalink(request.question)
        if link is not None:
            if not await self._reader.may_read(request.user, link.channel):
                raise Refused(
                    "I cannot show you that thread: you are not a member of its channel, "
                    "or I am not. Invite us both there, then ask again."
                )
            thread_ts = link.thread_ts or link.ts
            return Place(link.channel, thread_ts, reads_thread=True, linked=True)
        if request.thread_ts:
            return Place(request.channel, request.thread_ts, reads_thread=True)
        if request.asked_ts:
            return Place(request.channel, request.asked_ts, reads_thread=False)
        root = await self._gateway.post(
            Outgoing(request.channel, await self._opening(request)), key=f"root:{request.key}"
        )
        return Place(request.channel, root.ts, reads_thread=False)

    async def _opening(self, request: Request) -> str:
        name = escape(await self._reader.name(request.user))
        window = f"the last {self._window.hours:g} h of this channel"
        asked = f": {escape(request.question)}" if request.question else ""
        return f":mag: Root-cause analysis of {window}, asked by {name}{asked}"

    async def _answer(self, run: Run) -> None:
        work = run.work = asyncio.create_task(self._investigate(run))
        if run.stopped:
            work.cancel()
        try:
            await asyncio.wait({work})
        finally:
            work.cancel()
        if work.cancelled():
            await self._finish(run, blocks.stopped(run.stopped, run.draft, run.id))
            return
        error = work.exception()
        if error is None:
            await self._deliver(run, work.result())
        elif isinstance(error, SlackError):
            await self._finish(run, blocks.failed(self._sentence(error)))
        else:
            sorry = f"Something went wrong on my side (run {run.id}). Please ask again."
            await self._finish(run, blocks.failed(sorry))
            raise error

    async def _investigate(self, run: Run) -> Answer:
        incident = await self._read(run)
        scope = RequestScope(run.request.team, run.place.channel, run.request.user)
        async with aclosing(self._analyst.analyse(incident, scope=scope)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    return event
                self._note(run, event)
        raise RuntimeError("the analysis ended without an answer")

    async def _read(self, run: Run) -> Incident:
        request, place = run.request, run.place

        def progress(text: str) -> None:
            # Each count replaces the one before it.
            run.stages.clear()
            self._stage(run, text)

        if place.reads_thread:
            incident = await self._reader.thread(
                place.channel, place.thread_ts, question=request.question, progress=progress
            )
        else:
            incident = await self._reader.window(
                place.channel,
                hours=self._window.hours,
                messages=self._window.messages,
                question=request.question,
                progress=progress,
            )
        return without_question(incident, request.asked_ts)

    def _note(self, run: Run, event: Stage | Draft) -> None:
        if isinstance(event, Stage):
            self._stage(run, event.text)
        else:
            run.draft = event.report
            self._show(run)

    def _stage(self, run: Run, text: str) -> None:
        run.stages.append(text)
        self._show(run)

    def _show(self, run: Run) -> None:
        rendered = blocks.progress(run.stages, run.draft, run.id)
        run.live.show(self._outgoing(run, rendered, run.draft))

    async def _deliver(self, run: Run, answer: Answer) -> None:
        # Before the message that carries the button, so that the button always works.
        self._store.save_report(run.id, run.place.channel, answer.report)
        place, now = run.place, f"{time.time():.6f}"
        self._store.answered(place.channel, place.thread_ts, self._bot_user_id, now)
        footer = footer_of(answer, time.monotonic() - run.started)
        await self._finish(run, *blocks.answer(answer.report, footer, run.id), of=answer.report)

    async def _finish(self, run: Run, *rendered: blocks.Rendered, of: Report | None = None) -> None:
        report = of or run.draft
        await run.live.finish(*(self._outgoing(run, part, report) for part in rendered))

    def _outgoing(self, run: Run, rendered: blocks.Rendered, report: Report | None) -> Outgoing:
        links = blocks.links_of(report) if report else frozenset()
        place = run.place
        return Outgoing(
            place.channel, rendered.text, rendered.blocks, place.thread_ts, links, place.channel
        )

    async def _point_to(self, request: Request, place: Place) -> None:
        link = await self._reader.permalink(place.channel, place.thread_ts)
        if not link or not await self._reader.is_member(request.user, request.channel):
            return
        text = f"The analysis is in <{link}|that thread>."
        await self._tell_asker(request, text, frozenset({link}))

    async def _tell_asker(
        self, request: Request, text: str, links: frozenset[str] = frozenset()
    ) -> None:
        out = Outgoing(request.channel, text, thread_ts=request.thread_ts, links=links)
        if request.response_url:
            await self._gateway.respond(request.response_url, out)
        else:
            await self._gateway.ephemeral(out, user=request.user)

    def _sentence(self, error: SlackError) -> str:
        if isinstance(error, NotInChannelError):
            return (
                f"I am not a member of this channel. Invite me with `/invite @{self._bot_name}`, "
                "then ask again."
            )
        if isinstance(error, ThreadGoneError):
            return "That thread no longer exists: its first message was deleted."
        if isinstance(error, MissingScopeError):
            return f"{error}. An administrator has to add it and install the app again."
        return "Slack does not let me read or write here right now. Please ask again in a minute."


def without_question(incident: Incident, asked_ts: str | None) -> Incident:
    """Leave the message that asked out of the evidence, unless it brings some of its own."""
    asked = next((m for m in incident.messages if m.ts == asked_ts), None)
    if asked is None or asked.attachments or "\n" in asked.text.strip():
        return incident
    kept = tuple(message for message in incident.messages if message is not asked)
    return replace(incident, messages=kept, total_messages=max(0, incident.total_messages - 1))


def footer_of(answer: Answer, seconds: float) -> blocks.Footer:
    """Say who answered, who did not and why, and what it took."""
    finished = answer.finished
    failures = [f"{a.provider} {a.phrase}" for a in answer.attempts if a.outcome != "ok"]
    footer = blocks.Footer(
        provider="rules, without a model",
        model="",
        failover=", ".join(dict.fromkeys(failures)),
        seconds=seconds,
        coverage=str(answer.report.coverage),
        note=answer.reason,
    )
    if finished is None:
        return footer
    # What failed attempts cost is part of what the answer cost.
    costs = [a.cost_usd for a in answer.attempts if a.cost_usd is not None]
    return replace(
        footer,
        provider=finished.provider,
        model=finished.model_version or finished.model,
        time_to_first_token=finished.time_to_first_token,
        prompt_tokens=finished.usage.prompt_tokens,
        completion_tokens=finished.usage.completion_tokens,
        cost_usd=sum(costs) if costs else finished.cost_usd,
    )

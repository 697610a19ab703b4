"""One question's whole way: placeholder, read, analyse, live message, final; keyed, cancellable."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
import weakref
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from bot.analysis.analyst import Analyst, Answer, Draft, Recalling, Stage
from bot.analysis.report import Report
from bot.classification import Classes, class_of
from bot.incident import Incident
from bot.jobs import Jobs
from bot.placing import Place, Placing, Refused, Request, Window
from bot.recall import Recall
from bot.slack import blocks
from bot.slack.errors import SlackError
from bot.slack.gateway import Gateway, Outgoing, Posted
from bot.slack.live import LiveMessage
from bot.slack.reader import Reader
from providers.base import Attempt, RequestScope

_AGAIN = re.compile(r"\b(?:again|re-?run|anew)\b|もう一度|再実行|再度|重新|다시", re.IGNORECASE)
"""Whoever says so wants to know what is so now, not what was said a moment ago."""


class RunStore(Protocol):
    """What a run leaves behind."""

    def save_report(
        self,
        run_id: str,
        channel: str,
        report: Report,
        trail: tuple[Attempt, ...],
        reason: str,
        *,
        thread_ts: str,
    ) -> None:
        """Keep what the buttons under an answer show; `reason` is why rules answered, if so."""
        ...

    def is_answered(self, channel: str, thread_ts: str) -> bool:
        """Tell whether the bot has answered in the thread before."""
        ...

    def answered(self, channel: str, thread_ts: str, speaker: str, ts: str) -> None:
        """Note that the bot answered in the thread."""
        ...


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
        data_classes: Classes | None = None,
        recall: Recall | None = None,
    ) -> None:
        self._placing = Placing(reader, gateway, window=window, bot_name=bot_name)
        self._jobs = jobs
        self._reader = reader
        self._gateway = gateway
        self._analyst = analyst
        self._store = store
        self._bot_user_id = bot_user_id
        self._window = window
        self._data_classes = data_classes or {}
        self._recall = recall
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
            await self._placing.tell(request, str(refusal))
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
            place = await self._placing.find(request)
            first = blocks.progress(["reading the messages"], None, run_id)
            posted = await self._gateway.post(
                Outgoing(place.channel, first.text, first.blocks, place.thread_ts),
                key=request.key,
            )
        except SlackError as error:
            raise Refused(self._placing.sentence(error)) from error
        if place.linked:
            await self._placing.point_to(request, place)
        live = LiveMessage(self._gateway, posted, key=request.key)
        return Run(run_id, request, place, posted, live, started)

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
            await self._finish(run, blocks.failed(self._placing.sentence(error)))
        else:
            sorry = f"Something went wrong on my side (run {run.id}). Please ask again."
            await self._finish(run, blocks.failed(sorry))
            raise error

    async def _investigate(self, run: Run) -> Answer:
        incident = await self._read(run)
        request, place = run.request, run.place
        data_class = await self._data_class(place.channel)
        scope = RequestScope(request.team, place.channel, request.user, data_class)
        follows_up = self._store.is_answered(place.channel, place.thread_ts)
        fresh = follows_up or _AGAIN.search(request.question) is not None
        recall = self._recalling(place)
        analysis = self._analyst.analyse(incident, scope=scope, fresh=fresh, recall=recall)
        async with aclosing(analysis) as events:
            async for event in events:
                if isinstance(event, Answer):
                    return event
                self._note(run, event)
        raise RuntimeError("the analysis ended without an answer")

    def _recalling(self, place: Place) -> Recalling | None:
        if self._recall is None:
            return None
        return partial(self._recall.find, channel=place.channel, thread_ts=place.thread_ts)

    async def _data_class(self, channel: str) -> str:
        if not self._data_classes:
            return ""
        # A channel may be renamed because of what is said in it.
        name = await self._reader.channel_name(channel, anew=True)
        return class_of("" if name == channel else name, self._data_classes)

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
        place, now = run.place, f"{time.time():.6f}"
        self._store.save_report(
            run.id,
            place.channel,
            answer.report,
            answer.attempts,
            answer.reason,
            thread_ts=place.thread_ts,
        )
        self._store.answered(place.channel, place.thread_ts, self._bot_user_id, now)
        footer = footer_of(answer, time.monotonic() - run.started)
        rendered = blocks.answer(answer.report, footer, run.id)
        await self._finish(run, *rendered, of=answer.report)
        await self._placing.headline(run.place, rendered[0].text)

    async def _finish(self, run: Run, *rendered: blocks.Rendered, of: Report | None = None) -> None:
        report = of or run.draft
        await run.live.finish(*(self._outgoing(run, part, report) for part in rendered))

    def _outgoing(self, run: Run, rendered: blocks.Rendered, report: Report | None) -> Outgoing:
        links = blocks.links_of(report) if report else frozenset()
        place = run.place
        return Outgoing(
            place.channel, rendered.text, rendered.blocks, place.thread_ts, links, place.channel
        )


def without_question(incident: Incident, asked_ts: str | None) -> Incident:
    """Leave the message that asked out of the evidence, unless it brings some of its own."""
    asked = next((m for m in incident.messages if m.ts == asked_ts), None)
    if asked is None or asked.attachments or "\n" in asked.text.strip():
        return incident
    kept = tuple(message for message in incident.messages if message is not asked)
    if not kept:
        # All there is may stand in the question itself.
        return incident
    return replace(incident, messages=kept, total_messages=max(0, incident.total_messages - 1))


def footer_of(answer: Answer, seconds: float) -> blocks.Footer:
    """Say who answered, who did not and why, and what it took."""
    finished = answer.finished
    others = [a for a in answer.attempts if a.outcome not in ("ok", "cached")]
    failures = [f"{a.provider} {a.phrase}" for a in others]
    # What a model said is wasted too where its text did not pass the check.
    wasted = others if finished else answer.attempts
    footer = blocks.Footer(
        provider="rules, without a model",
        model="",
        failover=", ".join(dict.fromkeys(failures)),
        seconds=seconds,
        wasted_usd=sum(a.cost_usd or 0.0 for a in wasted),
        wasted_tokens=sum(a.usage.total_tokens or 0 for a in wasted),
        wasted_estimated=any(a.usage.estimated for a in wasted),
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
        estimated=finished.usage.estimated,
        cost_usd=sum(costs) if costs else finished.cost_usd,
        cache_age=finished.cache_age,
    )

"""One question's whole way: placeholder, read, analyse, live message, final; keyed, cancellable."""

from __future__ import annotations

import asyncio
import hashlib
import time
import weakref
from contextlib import aclosing
from functools import partial
from typing import Protocol

from bot.analysis.analyst import Analyst, Answer, Draft, Recalling, Stage
from bot.analysis.followup import Previous
from bot.analysis.questions import asks_anew
from bot.analysis.report import Report
from bot.answers import Run, Shape, Shown, is_opened_by_us, shape_of, without_questions
from bot.classification import Classes, class_of
from bot.incident import Incident
from bot.jobs import Jobs
from bot.placing import Place, Placing, Refused, Request, Window
from bot.recall import Recall
from bot.slack import blocks
from bot.slack.errors import SlackError
from bot.slack.gateway import Gateway, Outgoing
from bot.slack.live import LiveMessage
from bot.slack.reader import Reader
from providers.base import Attempt, RequestScope


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

    def previous(self, channel: str, thread_ts: str) -> Previous | None:
        """Return the last analysis that the thread was shown, None where none is kept."""
        ...

    def remember(self, channel: str, thread_ts: str, previous: Previous) -> None:
        """Keep what the thread was shown, for its next question."""
        ...


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
            await self._finish(run, blocks.stopped(run.stopped, run.draft, run.id, run.worded))
            return
        error = work.exception()
        if error is None:
            await self._deliver(run, *work.result())
        elif isinstance(error, SlackError):
            await self._finish(run, blocks.failed(self._placing.sentence(error)))
        else:
            sorry = f"Something went wrong on my side (run {run.id}). Please ask again."
            await self._finish(run, blocks.failed(sorry))
            raise error

    async def _investigate(self, run: Run) -> Shown:
        request, place = run.request, run.place
        run.previous = self._store.previous(place.channel, place.thread_ts)
        run.shape = shape_of(request.question, run.previous)
        incident = await self._read(run)
        data_class = await self._data_class(place.channel)
        scope = RequestScope(request.team, place.channel, request.user, data_class)
        answer = await self._analysed(run, incident, scope)
        # Here, where a failure still ends in words for the thread.
        return answer, await asyncio.to_thread(run.rendered, answer)

    async def _analysed(self, run: Run, incident: Incident, scope: RequestScope) -> Answer:
        follows_up = self._store.is_answered(run.place.channel, run.place.thread_ts)
        told = run.previous.report if run.previous and run.shape is Shape.REPLY else None
        analysis = self._analyst.analyse(
            incident,
            scope=scope,
            fresh=follows_up or asks_anew(run.request.question),
            recall=self._recalling(run.place),
            previous=told,
        )
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
        if run.reads_thread:
            incident = await self._reader.thread(
                run.place.channel,
                run.place.thread_ts,
                question=run.question,
                progress=lambda text: self._restage(run, text),
            )
            run.opened_by_us = is_opened_by_us(incident, run.place.thread_ts)
        if not run.reads_thread:
            incident = await self._reader.window(
                run.place.channel,
                hours=self._window.hours,
                messages=self._window.messages,
                question=run.question,
                progress=lambda text: self._restage(run, text),
            )
        return without_questions(incident, run.asked)

    def _note(self, run: Run, event: Stage | Draft) -> None:
        if isinstance(event, Stage):
            self._stage(run, event.text)
        else:
            run.draft = event.report
            self._show(run)

    def _restage(self, run: Run, text: str) -> None:
        # Each count replaces the one before it.
        run.stages.clear()
        self._stage(run, text)

    def _stage(self, run: Run, text: str) -> None:
        run.stages.append(text)
        self._show(run)

    def _show(self, run: Run) -> None:
        rendered = blocks.progress(run.stages, run.draft, run.id, run.worded)
        run.live.show(self._outgoing(run, rendered, run.draft))

    async def _deliver(self, run: Run, answer: Answer, rendered: list[blocks.Rendered]) -> None:
        # Before the message that carries the button, so that the button always works.
        place, now = run.place, time.time()
        self._store.save_report(
            run.id,
            place.channel,
            answer.report,
            answer.attempts,
            answer.reason,
            thread_ts=place.thread_ts,
        )
        self._store.answered(place.channel, place.thread_ts, self._bot_user_id, f"{now:.6f}")
        await self._finish(run, *rendered, of=answer.report)
        # After it: what moves is told beside what the thread has been shown.
        self._store.remember(place.channel, place.thread_ts, run.told(answer.report, now))
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

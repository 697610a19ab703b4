"""What runs leave behind, for as long as the process lives and within a bound."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.analysis.followup import Previous
from bot.analysis.report import Report
from providers.base import Attempt

_SPOKEN = 50
"""Messages of a thread that are remembered: only the one before a question counts."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A run's report, how it came about, and the one channel whose members may see both.

    `reason` says why rules answered; it is empty where a model did. `thread_ts` is the thread of
    the answer.
    """

    channel: str
    report: Report
    trail: tuple[Attempt, ...] = ()
    reason: str = ""
    thread_ts: str = ""


@dataclass(slots=True)
class Thread:
    """Who spoke when in a thread (the latest of them), and whether the bot has answered there."""

    answered: bool = False
    spoken: dict[str, str] = field(default_factory=dict)


class MemoryStore:
    """Reports by run and by thread, and who spoke in the threads that the bot was asked in."""

    def __init__(self, *, runs: int = 500, threads: int = 5_000, analyses: int = 200) -> None:
        self._finished: OrderedDict[str, Finished] = OrderedDict()
        self._threads: OrderedDict[tuple[str, str], Thread] = OrderedDict()
        self._most_runs = runs
        self._most_threads = threads
        self._previous: OrderedDict[tuple[str, str], Previous] = OrderedDict()
        self._most_analyses = analyses

    def ping(self) -> bool:
        """Tell whether the store can be used."""
        return True

    def save_report(
        self,
        run_id: str,
        channel: str,
        report: Report,
        trail: tuple[Attempt, ...] = (),
        reason: str = "",
        *,
        thread_ts: str = "",
    ) -> None:
        """Keep a report and its trail; the oldest one goes when there are too many."""
        self._finished[run_id] = Finished(channel, report, trail, reason, thread_ts)
        if len(self._finished) > self._most_runs:
            self._finished.popitem(last=False)

    def report(self, run_id: str) -> Finished | None:
        """Return what a run found, or None where it is not kept (any more)."""
        return self._finished.get(run_id)

    def remember(self, channel: str, thread_ts: str, previous: Previous) -> None:
        """Keep a thread's last analysis; that of the longest silent thread goes first."""
        self._previous[channel, thread_ts] = previous
        self._previous.move_to_end((channel, thread_ts))
        if len(self._previous) > self._most_analyses:
            self._previous.popitem(last=False)

    def previous(self, channel: str, thread_ts: str) -> Previous | None:
        """Return a thread's last analysis, or None where none is kept (any more)."""
        return self._previous.get((channel, thread_ts))

    def answered(self, channel: str, thread_ts: str, speaker: str, ts: str) -> None:
        """Note that the bot, whose id is `speaker`, answered in a thread at `ts`."""
        self.heard(channel, thread_ts, speaker, ts)
        self._threads[channel, thread_ts].answered = True

    def heard(self, channel: str, thread_ts: str, speaker: str, ts: str) -> None:
        """Note who spoke at `ts`; the same message may be noted again."""
        thread = self._threads.setdefault((channel, thread_ts), Thread())
        self._threads.move_to_end((channel, thread_ts))
        thread.spoken[ts] = speaker
        if len(thread.spoken) > _SPOKEN:
            del thread.spoken[min(thread.spoken, key=float)]
        if len(self._threads) > self._most_threads:
            self._threads.popitem(last=False)

    def is_answered(self, channel: str, thread_ts: str) -> bool:
        """Tell whether the bot has answered in a thread."""
        thread = self._threads.get((channel, thread_ts))
        return thread is not None and thread.answered

    def speaker_before(self, channel: str, thread_ts: str, ts: str) -> str | None:
        """Return who spoke last before `ts`: the same whether a message comes once or again."""
        thread = self._threads.get((channel, thread_ts), Thread())
        earlier = [said for said in thread.spoken if float(said) < float(ts)]
        return thread.spoken[max(earlier, key=float)] if earlier else None

"""What runs leave behind, for as long as the process lives and within a bound."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bot.analysis.report import Report


@dataclass(frozen=True, slots=True)
class Finished:
    """A run's report and the one channel whose members may see it."""

    channel: str
    report: Report


class MemoryStore:
    """Reports by run, and the threads that have an answer with who spoke last in them."""

    def __init__(self, *, runs: int = 500, threads: int = 5_000) -> None:
        self._finished: OrderedDict[str, Finished] = OrderedDict()
        self._speakers: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._runs = runs
        self._threads = threads

    def ping(self) -> bool:
        """Tell whether the store can be used."""
        return True

    def save_report(self, run_id: str, channel: str, report: Report) -> None:
        """Keep a report; the oldest one goes when there are too many."""
        self._finished[run_id] = Finished(channel, report)
        if len(self._finished) > self._runs:
            self._finished.popitem(last=False)

    def report(self, run_id: str) -> Finished | None:
        """Return what a run found, or None where it is not kept (any more)."""
        return self._finished.get(run_id)

    def heard(self, channel: str, thread_ts: str, speaker: str) -> None:
        """Note who spoke last in a thread; the bot's own id marks the thread as answered."""
        self._speakers[channel, thread_ts] = speaker
        self._speakers.move_to_end((channel, thread_ts))
        if len(self._speakers) > self._threads:
            self._speakers.popitem(last=False)

    def last_speaker(self, channel: str, thread_ts: str) -> str | None:
        """Return who spoke last, or None where the thread has no answer of ours."""
        return self._speakers.get((channel, thread_ts))

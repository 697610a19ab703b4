"""APScheduler behind two verbs; it knows only callables."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.telemetry import whereabouts

logger = logging.getLogger(__name__)

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ScheduleError(ValueError):
    """A cron expression that cannot be read."""


class Scheduler:
    """Runs callables at the slots of cron expressions, in UTC, between `start` and `stop`."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def add(self, name: str, cron: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` at each slot; slots missed by sleep are made up for once.

        A slot is left out while `work` still runs; what it raises is logged, and the next slot
        comes. Raises ScheduleError where the expression cannot be read.
        """

        async def guarded() -> None:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the clock's boundary: nobody awaits this
                # APScheduler would log the error's text.
                logger.error("%s failed: %s", name, whereabouts(error))

        self._scheduler.add_job(
            guarded, crontab(cron), id=name, coalesce=True, max_instances=1, misfire_grace_time=300
        )

    def start(self) -> None:
        """Begin to fire. Needs a running loop."""
        self._scheduler.start()

    @property
    def running(self) -> bool:
        """Tell whether slots are being fired."""
        return bool(self._scheduler.running)

    def stop(self) -> None:
        """Fire no more. Idempotent."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def crontab(expression: str) -> CronTrigger:
    """Return the trigger of a five-field cron expression, 0 or 7 being Sunday.

    Raises ScheduleError where it cannot be read.
    """
    fields = expression.split()
    if len(fields) != 5:
        raise ScheduleError(f"{expression!r} is no cron expression: it needs five fields")
    try:
        fields[4] = _weekdays(fields[4])
        return CronTrigger.from_crontab(" ".join(fields), timezone="UTC")
    except ValueError as error:
        raise ScheduleError(f"{expression!r} is no cron expression") from error


def _weekdays(field: str) -> str:
    # APScheduler 3 counts Monday as 0 and people count Sunday: only names are safe.
    if not any(character.isdigit() for character in field):
        return field
    return ",".join(dict.fromkeys(day for part in field.split(",") for day in _days(part)))


def _days(part: str) -> list[str]:
    span, _, step = part.partition("/")
    first, _, last = span.partition("-")
    if span == "*":
        first, last = "0", "6"
    elif not last:
        last = "6" if step else first
    if not (first.isdigit() and last.isdigit()):
        return [part]
    days = range(int(first), int(last) + 1)
    if not days or days[-1] > 7:
        raise ValueError(part)
    return [_WEEKDAYS[day] for day in days[:: int(step or 1)]]

"""Cron expressions mean what people mean by them."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.scheduler import ScheduleError, Scheduler, crontab

A_SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "first"),
    [
        ("0 9 * * 1", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("0 9 * * 0", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("0 9 * * 7", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("0 9 * * 1-5", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("0 9 * * 2-4/2", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("0 9 * * mon,3", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("0 9 * * */6", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("30 * * * *", datetime(2026, 11, 22, 0, 30, tzinfo=UTC)),
    ],
)
def test_weekdays_are_counted_from_sunday(expression, first):
    assert crontab(expression).get_next_fire_time(None, A_SUNDAY) == first


@pytest.mark.parametrize(
    "expression", ["", "* * * *", "61 * * * *", "0 9 * * 8", "0 9 * * 5-2", "x * * * *"]
)
def test_what_cannot_be_read_is_said_at_once(expression):
    with pytest.raises(ScheduleError, match="no cron expression"):
        crontab(expression)


async def test_a_slot_runs_the_work_until_it_is_stopped():
    fired = asyncio.Event()

    async def work() -> None:
        fired.set()

    scheduler = Scheduler()
    scheduler.add("tick", "* * * * *", work)
    assert scheduler.running is False
    scheduler.start()
    assert scheduler.running is True
    scheduler._scheduler.get_job("tick").modify(next_run_time=datetime.now(UTC))
    await asyncio.wait_for(fired.wait(), 5)
    scheduler.stop()
    await asyncio.sleep(0)
    assert scheduler.running is False
    scheduler.stop()

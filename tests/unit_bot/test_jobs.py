"""Each key's work starts once, and nothing is lost or left at the end."""

import asyncio
import logging

from bot.jobs import REMEMBERED_KEYS, InProcessJobs


async def test_a_key_starts_once_however_often_it_comes():
    jobs, ran = InProcessJobs(), []

    async def work() -> None:
        ran.append(1)

    assert jobs.start("T1:C1:1.0", work) is True
    assert jobs.start("T1:C1:1.0", work) is False
    await jobs.drain(1)
    assert ran == [1]


async def test_a_failure_is_logged_without_its_message(caplog):
    jobs = InProcessJobs()

    async def work() -> None:
        raise ValueError("the password is hunter2")

    with caplog.at_level(logging.ERROR):
        jobs.start("k", work)
        await jobs.drain(1)
    assert "ValueError at test_jobs.py:" in caplog.text
    assert "hunter2" not in caplog.text


async def test_draining_takes_nothing_new_and_ends_what_is_left():
    jobs, ended = InProcessJobs(), []

    async def endless() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(1)

    jobs.start("k", endless)
    await asyncio.sleep(0)
    assert jobs.running == 1
    await jobs.drain(0.01)
    assert ended == [1]
    assert jobs.start("other", endless) is False


async def test_no_more_than_the_limit_run_at_once():
    jobs, now, most = InProcessJobs(limit=2), 0, 0

    async def work() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1

    for number in range(6):
        jobs.start(str(number), work)
    await jobs.drain(2)
    assert most == 2


async def test_the_oldest_keys_are_forgotten():
    jobs = InProcessJobs()

    async def work() -> None:
        return

    jobs.start("first", work)
    for number in range(REMEMBERED_KEYS):
        jobs.start(str(number), work)
    assert jobs.start("first", work) is True
    await jobs.drain(10)

"""One timer for many waits: it rings in time, and takes no other cancellation for its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from providers.policies.alarm import Alarm, RangError


def test_it_rings_in_time_after_waits_that_ended_early(
    in_virtual_time: Callable[..., None],
) -> None:
    async def wait() -> None:
        loop, alarm = asyncio.get_running_loop(), Alarm()
        for _ in range(5):
            assert await alarm.wait(asyncio.sleep(3, "came"), 10) == "came"
        with pytest.raises(RangError):
            await alarm.wait(asyncio.sleep(99), 10)
        assert loop.time() == pytest.approx(25)
        with pytest.raises(RangError):
            await alarm.wait(asyncio.sleep(99), 2)
        assert loop.time() == pytest.approx(27)
        alarm.close()

    in_virtual_time(wait())


def test_a_shorter_wait_is_not_held_up_by_a_timer_that_rings_late(
    in_virtual_time: Callable[..., None],
) -> None:
    async def wait() -> None:
        alarm = Alarm()
        await alarm.wait(asyncio.sleep(1), 100)
        with pytest.raises(RangError):
            await alarm.wait(asyncio.sleep(99), 5)
        assert asyncio.get_running_loop().time() == pytest.approx(6)
        alarm.close()

    in_virtual_time(wait())


def test_a_cancellation_from_elsewhere_goes_its_way(in_virtual_time: Callable[..., None]) -> None:
    async def wait() -> None:
        alarm = Alarm()
        waiting = asyncio.create_task(alarm.wait(asyncio.sleep(99), 50))
        await asyncio.sleep(10)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        alarm.close()

    in_virtual_time(wait())


def test_an_outer_timeout_in_the_same_moment_is_not_swallowed(
    in_virtual_time: Callable[..., None],
) -> None:
    async def wait() -> None:
        alarm = Alarm()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await alarm.wait(asyncio.sleep(99), 10)
        alarm.close()

    in_virtual_time(wait())


def test_a_closed_one_leaves_no_timer(in_virtual_time: Callable[..., None]) -> None:
    async def wait() -> None:
        alarm = Alarm()
        await alarm.wait(asyncio.sleep(1), 1_000)
        alarm.close()
        alarm.close()
        await asyncio.sleep(2_000)

    in_virtual_time(wait())


async def test_what_the_awaited_raises_comes_through() -> None:
    async def fails() -> None:
        raise ValueError("its own")

    alarm = Alarm()
    with pytest.raises(ValueError, match="its own"):
        await alarm.wait(fails(), 5)
    alarm.close()

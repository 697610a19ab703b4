"""One message that changes while an answer grows, and that always ends with its last text."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.slack.calls import Clock, Sleep
from bot.slack.errors import (
    MessageGoneError,
    RateLimitedError,
    RejectedError,
    SlackError,
)
from bot.slack.gateway import Gateway, Outgoing, Posted

logger = logging.getLogger(__name__)

_LATER_INTERVALS = (2.0, 4.0, 8.0, 10.0)
_FINAL_ATTEMPTS = 6
_MOVED = "The answer is in a new message: this one could not be changed any more."


class LiveMessage:
    """A posted message that one writer keeps up to date.

    `show` never waits, so a slow Slack slows no model. `finish` or `close` ends the writer.
    """

    def __init__(
        self,
        gateway: Gateway,
        posted: Posted,
        *,
        key: str,
        first_interval: float = 1.2,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        self._gateway = gateway
        self._posted = posted
        self._key = key
        self._first_interval = first_interval
        self._sleep = sleep
        self._clock = clock
        self._newest: Outgoing | None = None
        self._shown = 0
        self._last_at = float("-inf")
        self._sending = False
        self._ended = False
        self._writer: asyncio.Task[None] | None = None

    def show(self, out: Outgoing) -> None:
        """Replace what will be shown next; what was not sent yet is forgotten."""
        if self._ended:
            return
        self._newest = out
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def finish(self, out: Outgoing, *more: Outgoing) -> Posted:
        """Deliver the last text, in a fresh message if need be, then `more` as replies.

        Returns where the answer stands. Raises SlackError only where neither the old message
        nor a new one could be written within the gateway's deadlines.
        """
        await self._end_writer()
        ended = await self._deliver(out)
        for number, part in enumerate(more, 1):
            reply = replace(part, thread_ts=ended.thread_ts or ended.ts)
            await self._gateway.post(reply, key=f"more:{self._key}:{number}")
        return ended

    async def close(self) -> None:
        """End the writer without a last text."""
        await self._end_writer()

    async def _write(self) -> None:
        while self._newest is not None and not self._ended:
            await self._sleep(max(0.0, self._last_at + self._interval() - self._clock()))
            out, self._newest = self._newest, None
            pause = await self._send(out)
            if pause and self._newest is None:
                self._newest = out
            await self._sleep(pause)

    async def _send(self, out: Outgoing) -> float:
        """Send one text; return how many seconds to pause before the next, 0 for none."""
        self._sending = True
        try:
            await self._gateway.update(self._posted, out)
            self._shown += 1
        except RateLimitedError as error:
            return error.retry_after or self._first_interval
        except SlackError as error:
            logger.info("an update was not shown: %s", type(error).__name__)
        finally:
            self._sending = False
            self._last_at = self._clock()
        return 0.0

    def _interval(self) -> float:
        later = self._shown - 5
        if later < 0:
            return self._first_interval
        return _LATER_INTERVALS[min(later, len(_LATER_INTERVALS) - 1)]

    async def _end_writer(self) -> None:
        self._ended = True
        writer, self._writer = self._writer, None
        if writer is None:
            return
        # An update under way is left to end: cancelled, it could still arrive after the last text.
        if not self._sending:
            writer.cancel()
        await asyncio.wait([writer])
        if not writer.cancelled() and (error := writer.exception()):
            logger.error("the writer of a message failed: %s", type(error).__name__)

    async def _deliver(self, out: Outgoing) -> Posted:
        try:
            await self._fitting(out, self._change)
        except SlackError as error:
            logger.warning("the last update failed, posting anew: %s", type(error).__name__)
        else:
            return self._posted
        fresh = await self._fitting(replace(out, thread_ts=self._posted.thread_ts), self._post)
        await self._mark_as_moved()
        return fresh

    async def _fitting(
        self, out: Outgoing, send: Callable[[Outgoing], Awaitable[Posted]]
    ) -> Posted:
        try:
            return await send(out)
        except RejectedError:
            if not out.blocks:
                raise
            # Slack refuses these blocks, and would again: the summary alone still gets through.
            return await send(replace(out, blocks=()))

    async def _change(self, out: Outgoing) -> Posted:
        await self._gateway.update(self._posted, out, attempts=_FINAL_ATTEMPTS)
        return self._posted

    async def _post(self, out: Outgoing) -> Posted:
        return await self._gateway.post(out, key=f"final:{self._key}")

    async def _mark_as_moved(self) -> None:
        moved = Outgoing(channel=self._posted.channel, text=_MOVED)
        try:
            await self._gateway.update(self._posted, moved)
        except MessageGoneError:
            return
        except SlackError as error:
            logger.info("the old message keeps its text: %s", type(error).__name__)

"""Whole answers, kept for a short while: for one tenant's channel, and nobody else.

An ordered dict of our own: a bound and an age need fewer lines than a dependency.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from providers.base import (
    Attempt,
    AttemptStarted,
    Finished,
    LLMMessage,
    RequestScope,
    StopReason,
    StreamEvent,
    TextDelta,
    Usage,
)

CACHED = "cached"


def key_of(
    messages: Sequence[LLMMessage], scope: RequestScope, parameters: str, version: str
) -> str:
    """Return what two requests share if they are the same; who asks does not matter."""
    parts = [scope.tenant, scope.channel, scope.data_class, parameters, version]
    parts += [part for message in messages for part in (message.role, message.content)]
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode(errors="surrogatepass")
        # The length first: no two lists of parts come to the same bytes.
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, when it ended, by the cache's clock, and what its prompt was packed for."""

    text: str
    finished: Finished
    at: float
    window: int | None = None


class AnswerCache:
    """Keeps at most `most` answers, each for so many seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float], most: int = 256) -> None:
        self._seconds = seconds
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def get(self, key: str) -> Kept | None:
        """Return a kept answer that is not too old."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if self._clock() - kept.at >= self._seconds:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept

    def keep(self, key: str, text: str, finished: Finished, window: int | None = None) -> None:
        """Keep an answer, if it is whole: one that was cut or is empty is not worth a repeat."""
        if finished.stop_reason is not StopReason.STOP or not text.strip():
            return
        self._kept[key] = Kept(text, finished, self._clock(), window)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def replay(kept: Kept, clock: Callable[[], float]) -> list[StreamEvent]:
    """Return a kept answer as a stream: line by line, at no cost, and marked by its age."""
    finished = kept.finished
    skipped = Attempt(
        finished.provider, finished.model, CACHED, phrase="had answered just before", skipped=True
    )
    return [
        AttemptStarted(finished.provider, finished.model, window=kept.window),
        *(TextDelta(line) for line in kept.text.splitlines(keepends=True)),
        replace(
            finished,
            usage=Usage(0, 0),
            cost_usd=0.0,
            latency_seconds=0.0,
            time_to_first_token=0.0,
            attempts=(skipped,),
            cache_age=clock() - kept.at,
        ),
    ]

"""Slack's rate limits: a token bucket for each method, and for each channel that is posted to."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.workspace.clock import Clock
from bot.workspace.errors import RateLimitedError

# https://docs.slack.dev/apis/web-api/rate-limits: calls a minute; 0 stands for no tier
TIER_1, TIER_2, TIER_3, TIER_4, UNLIMITED = 1, 20, 50, 100, 0
# "1 per second per channel", with the short bursts that Slack says it tolerates
POST_PER_SECOND, POST_BURST = 1.0, 5


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """Counts calls on the workspace's clock; `enabled` turns the limits off."""

    def __init__(self, clock: Clock) -> None:
        self.enabled = True
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str, per_minute: int) -> None:
        """Spend one call of a method; raises RateLimitedError where its bucket is empty."""
        if per_minute:
            self._spend(key, per_minute / 60, per_minute)

    def take_post(self, channel: str) -> None:
        """Spend one post to a channel."""
        self._spend(f"chat.postMessage {channel}", POST_PER_SECOND, POST_BURST)

    def _spend(self, key: str, per_second: float, burst: int) -> None:
        if not self.enabled:
            return
        now = self._clock.time()
        bucket = self._buckets.setdefault(key, _Bucket(burst, now))
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        # a hair below one, or rounding keeps out a caller that waited exactly long enough
        if bucket.tokens < 1 - 1e-6:
            raise RateLimitedError(math.ceil((1 - bucket.tokens) / per_second))
        bucket.tokens -= 1

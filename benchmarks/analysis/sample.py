"""A log as a busy service and what stands around it write it: made up, the same every time."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_START = datetime(2025, 11, 14, 10, 0, 0, tzinfo=UTC)
_WORDS = ("orders", "invoices", "mailer", "search", "ledger", "basket", "stock", "billing")
_PATHS = ("/api/orders", "/api/orders/{}/items", "/healthz", "/static/app.{}.js", "/login")
_SAID = (
    "request {id} of user {n} took {m} ms",
    "cache miss for key {w}:{n}, loading it from the store",
    "connection {n} to {w} opened after {m} ms",
    "retrying call to {w}, attempt {m} of 5",
    "consumer group {w} rebalanced, {m} partitions assigned",
    "slow query on {w}: {n} rows in {m} ms",
    "published event {id} to topic {w}.changed",
    "session {id} expired, user {n} signed out",
    "scheduled task {w}-sweep finished, {n} entries removed",
    "feature flag {w}.new-flow evaluated to true for {n}",
    "uploaded {n} bytes to bucket {w}-archive as {id}",
    "lock on {w} held by {id} for {m} ms",
)
_TRACE = (
    "java.sql.SQLTransientConnectionException: pool-1 - Connection is not available",
    "\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)",
    "\tat shop.{0}.Repository.find(Repository.java:{1})",
    "Caused by: java.net.SocketTimeoutException: connect timed out",
    "\t... {1} more",
)


def lines(number: int) -> Iterator[str]:
    """Yield about `number` lines: plain, JSON, access, logfmt, klog, syslog, PostgreSQL, traces."""
    rng = random.Random(7)  # noqa: S311 - the same sample every time
    made = 0
    while made < number:
        at = _START + timedelta(milliseconds=9 * made)
        for line in _one(rng, at):
            yield line
            made += 1


def _one(rng: random.Random, at: datetime) -> Iterator[str]:
    word, number = rng.choice(_WORDS), rng.randrange(1_000_000)
    clock = at.strftime("%Y-%m-%d %H:%M:%S") + f",{at.microsecond // 1000:03d}"
    kind = rng.random()
    if kind < 0.35:
        yield (
            f"{clock} INFO  [http-nio-8080-exec-{number % 40}] shop.{word}.Controller - "
            + rng.choice(_SAID).format(
                id=f"{rng.getrandbits(64):016x}", n=number, m=number % 900, w=word
            )
        )
    elif kind < 0.55:
        yield json.dumps(
            {
                "level": rng.choice(["info", "info", "info", "warn", "error"]),
                "ts": at.timestamp(),
                "logger": word,
                "msg": f"finished job {number} of queue {word}",
                "trace_id": f"{rng.getrandbits(128):032x}",
                "duration_ms": number % 5_000,
            }
        )
    elif kind < 0.75:
        path = rng.choice(_PATHS).format(number)
        status = rng.choice([200, 200, 200, 204, 304, 404, 502])
        yield (
            f"10.{number % 250}.3.{number % 199} - - [{at.strftime('%d/%b/%Y:%H:%M:%S')} +0000] "
            f'"GET {path} HTTP/1.1" {status} {number % 9_000} "-" "curl/8.{number % 9}"'
        )
    elif kind < 0.85:
        yield (
            f'time="{at.isoformat()}" level=warning msg="slow reply from {word}" '
            f"peer=10.0.0.{number % 250}:5432 took={number % 90}ms attempt={number % 5}"
        )
    elif kind < 0.90:
        stamp = at.strftime("%m%d %H:%M:%S") + f".{at.microsecond:06d}"
        yield f"E{stamp}       1 reflector.go:{number % 400}] failed to list {word}: timeout"
    elif kind < 0.94:
        yield f"{at.strftime('%b %d %H:%M:%S')} node-{number % 20} kubelet[{number}]: probe ok"
    elif kind < 0.97:
        stamp = at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        yield f"{stamp} UTC [{number}] ERROR:  deadlock detected on relation {number % 70}"
        yield f"{stamp} UTC [{number}] DETAIL:  Process {number} waits for ShareLock."
    else:
        yield f"{clock} ERROR [worker-{number % 8}] shop.{word}.Service - cannot save {number}"
        yield from (line.format(word, number % 400) for line in _TRACE)

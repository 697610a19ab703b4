"""A health check warns of a model that its vendor ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

SOON = (datetime.now(UTC) + timedelta(days=30)).isoformat()
PAST = "2026-01-05T00:00:00Z"
ENDINGS = {
    "anthropic": [
        ({"lifecycle": "deprecated", "retires_at": SOON}, True, "retires on"),
        ({"lifecycle": "retired", "retires_at": PAST}, False, "is retired on 2026-01-05"),
    ],
    "openai": [({"shutdown_date": SOON[:10]}, True, "retires on")],
    "cohere": [({"is_deprecated": True}, True, "is deprecated")],
}


def selects(wire: Any) -> bool:
    return wire.provider in ENDINGS


async def test_the_end_that_a_list_tells_is_told(wire: Any, server: Any, make: Any) -> None:
    for told, ok, said in ENDINGS[wire.provider]:
        server.routes = wire.models(wire.model)
        (body,) = server.routes.values()
        entries = body.get("data") or body.get("models") or [body]
        entries[0].update(told)
        health = await make().health_check()
        assert health.ok is ok
        assert said in health.detail


@pytest.mark.parametrize("listed", [True, False])
async def test_the_end_that_was_announced_is_told(
    wire: Any, server: Any, make: Any, listed: bool
) -> None:
    ended = {"anthropic": "claude-3-opus-20240229", "openai": "o4-mini"}.get(wire.provider, "")
    server.routes = wire.models(ended if listed else "another")
    health = await make(model=ended or wire.model).health_check()
    assert ("was to retire on" in health.detail) is bool(ended)
    assert health.ok is (listed and bool(ended))

"""When a model is said to retire."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from providers.lifecycle import Notice, notice

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("provider", "model", "record", "said", "retired"),
    [
        ("anthropic", "claude-sonnet-5-5", {}, "", False),
        ("anthropic", "claude-sonnet-4-5", {}, "retires on 2026-11-30, in 8 days", False),
        ("anthropic", "claude-opus-4-20250514", {}, "was to retire on 2026-06-15", False),
        ("anthropic", "claude-opus-4-8", {"lifecycle": "active", "retires_at": None}, "", False),
        ("anthropic", "m", {"lifecycle": "retired"}, "is retired", True),
        (
            "anthropic",
            "m",
            {"lifecycle": "retired", "retires_at": "2026-05-01T00:00:00Z"},
            "is retired on 2026-05-01",
            True,
        ),
        (
            "anthropic",
            "claude-sonnet-4-5",
            {"lifecycle": "deprecated", "retires_at": "2027-12-01T00:00:00Z"},
            "is deprecated, and retires on 2027-12-01",
            False,
        ),
        ("openai", "gpt-4o-2024-11-20", {}, "retires on 2027-01-14, in 53 days", False),
        ("openai", "m", {"shutdown_date": "2026-11-22"}, "retires on 2026-11-22, in 0 days", False),
        ("openai", "m", {"shutdown_date": "2026-11-21"}, "was to retire on 2026-11-21", False),
        ("openai", "gpt-5.4-nano", {}, "", False),
        ("openai", "m", {"shutdown_date": "soon"}, "", False),
        ("cohere", "m", {"is_deprecated": True}, "is deprecated", False),
        ("cohere", "m", {"is_deprecated": False}, "", False),
        ("vertex", "gemini-2.5-pro", {}, "was to retire on 2026-10-20", False),
        ("bedrock", "us.meta.llama3-8b-instruct-v1:0", {}, "", False),
        ("bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0", {}, "", False),
        ("ollama", "claude-2", {}, "", False),
    ],
)
def test_what_is_told_of_a_models_end(
    provider: str, model: str, record: dict[str, Any], said: str, retired: bool
) -> None:
    text = f"{model!r} {said}" if said else ""
    assert notice(provider, model, record, TODAY) == Notice(text, retired)

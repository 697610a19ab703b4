"""Addresses in all the ways that people write them, waits in all the ways that servers ask."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from providers.wire import is_address, retry_after, server_url, versioned_url

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("base_url", "server", "versioned"),
    [
        ("http://host:8000", "http://host:8000", "http://host:8000/v1"),
        ("http://host:8000/", "http://host:8000", "http://host:8000/v1"),
        ("http://host:8000/v1", "http://host:8000", "http://host:8000/v1"),
        (" http://host:8000/v1/ ", "http://host:8000", "http://host:8000/v1"),
        ("https://gw/openai", "https://gw/openai", "https://gw/openai/v1"),
        ("https://gw/v1beta/openai/", "https://gw/v1beta/openai", "https://gw/v1beta/openai"),
        ("https://gw/v2", "https://gw/v2", "https://gw/v2"),
        ("https://v1.example.com", "https://v1.example.com", "https://v1.example.com/v1"),
    ],
)
def test_an_address_means_the_same_with_and_without_its_version(
    base_url: str, server: str, versioned: str
) -> None:
    assert (server_url(base_url), versioned_url(base_url)) == (server, versioned)


@pytest.mark.parametrize(
    ("base_url", "good"),
    [
        ("http://localhost:8000", True),
        (" https://host/path ", True),
        ("http://[::1]:8000", True),
        ("localhost:8000", False),
        ("ftp://host", False),
        ("http://", False),
        ("http://[bad", False),
        ("http://host:999999", False),
        ("", False),
    ],
)
def test_what_counts_as_an_address(base_url: str, good: bool) -> None:
    assert is_address(base_url) is good


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "4"}, 4.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"retry-after": "1500ms"}, 1.5),
        ({"retry-after": "3s"}, 3.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "0", "retry-after": "9"}, 0.0),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "3600"}, 3600.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "in a while"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_every_form_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, at=NOON) == seconds

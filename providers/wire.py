"""What every wire has in common: how an address is written and how a server asks for patience."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

_VERSION_SEGMENT = re.compile(r"(?<!/)/v\d+(?:(?:alpha|beta)\d*)?(?=/|$)")
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)\s*(ms|s)?", re.IGNORECASE)


def is_address(base_url: str) -> bool:
    """Say whether this is an HTTP address with a host."""
    try:
        parts = urlsplit(base_url.strip())
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0


def server_url(base_url: str) -> str:
    """Return the address without a trailing slash and without a trailing `/v1`."""
    return base_url.strip().rstrip("/").removesuffix("/v1").rstrip("/")


def versioned_url(base_url: str) -> str:
    """Return the address with its API version, `/v1` unless it names another one.

    Some gateways put the version elsewhere (`/v1beta/openai`): such a path is left as it is.
    """
    address = base_url.strip().rstrip("/")
    return address if _VERSION_SEGMENT.search(address) else f"{address}/v1"


def retry_after(headers: Mapping[str, str], *, at: datetime | None = None) -> float | None:
    """Return the seconds that a server asked us to wait, or None.

    Read are `retry-after-ms`, then `retry-after` as seconds (whole, broken, with a unit) or as a
    date; `at` is the time against which a date is held. A wait that is over counts as zero.
    """
    told = {name.lower(): value.strip() for name, value in headers.items()}
    seconds = _seconds(told.get("retry-after-ms", ""), unit="ms")
    if seconds is None:
        seconds = _seconds(told.get("retry-after", ""), unit="s")
    if seconds is None:
        return _seconds_until(told.get("retry-after", ""), at or datetime.now(UTC))
    return seconds


def duration_seconds(value: object) -> float | None:
    """Return the seconds of a duration such as "13s" or "0.5s", None for anything else."""
    return _seconds(value, unit="s") if isinstance(value, str) else None


def _seconds(value: str, *, unit: str) -> float | None:
    match = _NUMBER.fullmatch(value)
    if match is None:
        return None
    scale = 1000 if (match[2] or unit).lower() == "ms" else 1
    seconds = float(match[1]) / scale
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(value: str, at: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    # RFC 5322 lets "-0000" leave the zone open; HTTP dates are always UTC.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - at).total_seconds())

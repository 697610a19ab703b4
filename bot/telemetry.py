"""Logging: one line an event on stderr, and no text of an incident, a model or a key in it."""

from __future__ import annotations

import logging
import sys
import traceback

_QUIET = ("slack_bolt", "slack_sdk", "apscheduler", "aiohttp.access", "drain3", "httpx2", "openai")


def configure_logging(level: str) -> None:
    """Send log lines of this level and above to stderr. Called once, by the program's start."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # These log whole request bodies at DEBUG and INFO, a rejected signature's among them.
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def whereabouts(error: BaseException) -> str:
    """Return the error's type and place, without its message: that may quote an incident."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"

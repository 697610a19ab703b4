"""The log format of the recorded services: UTC with milliseconds, level, service, text."""

from __future__ import annotations

import logging
import time


def service_log(name: str, path: str) -> logging.Logger:
    """Return the log of a service, appended to a file as its restarts are."""
    line = logging.Formatter(
        "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    line.converter = time.gmtime
    handler = logging.FileHandler(path)
    handler.setFormatter(line)
    log = logging.getLogger(name)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    return log

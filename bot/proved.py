"""When each provider last answered a real request, kept over restarts in the data folder."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

FILE = "proved.json"

_LATEST = 253_402_300_800.0
"""The end of the year 9999: no calendar goes further."""

logger = logging.getLogger(__name__)


def read_proved(folder: Path) -> dict[str, float]:
    """Return the time of each, by `name:model`, in seconds since 1970; a broken file is told."""
    path = folder / FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        kept = None
    if not isinstance(kept, dict) or not all(map(_is_a_time, kept.values())):
        logger.warning("%s is broken: when providers were proved is not known", path)
        return {}
    return {name: float(at) for name, at in kept.items()}


def _is_a_time(value: object) -> bool:
    return type(value) in (int, float) and 0 < cast("float", value) < _LATEST


def write_proved(folder: Path, proved: Mapping[str, float]) -> None:
    """Keep the times, in one step: whoever reads meanwhile sees the old ones. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{FILE}.{os.getpid()}"
    temporary.write_text(json.dumps(dict(proved), indent=2) + "\n", encoding="utf-8")
    temporary.replace(folder / FILE)

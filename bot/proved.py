"""When each provider last answered a real request, kept over restarts in the data folder."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

FILE = "proved.json"

logger = logging.getLogger(__name__)


def read_proved(folder: Path) -> dict[str, float]:
    """Return the time of each, by `name:model`, in seconds since 1970; a broken file is told."""
    path = folder / FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        logger.warning("%s cannot be read: when fallbacks were proved is not known", path)
        return {}
    if not isinstance(kept, dict):
        return {}
    return {name: float(at) for name, at in kept.items() if isinstance(at, int | float)}


def write_proved(folder: Path, proved: Mapping[str, float]) -> None:
    """Keep the times, in one step: whoever reads meanwhile sees the old ones. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{FILE}.{os.getpid()}"
    temporary.write_text(json.dumps(dict(proved), indent=2) + "\n", encoding="utf-8")
    temporary.replace(folder / FILE)

"""What the rules reach on the incidents with known causes never falls unseen."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main

SHARED = Path(__file__).parents[3] / "shared"
FLOOR = {
    "NAMES THE CAUSE AND SHOWS IT": 86.0,
    "names the cause and shows it, nobody stated it": 82.0,
    "names the cause and shows it, people stated it in a long thread": 85.0,
    "names the cause and shows it, large incidents": 75.0,
    "a decisive line is in the context of 2000": 97.0,
    "a decisive line is in the context of 2000, large incidents": 85.0,
    "every quote stands in the incident": 100.0,
    "gives a cause where there is one": 95.0,
    "says that there is no incident": 83.0,
    "says that the evidence is not enough": 80.0,
}
"""Per cent; a little under what `docs/quality.md` tells, so that a lost case shows."""


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared incidents are not here")
def test_no_figure_falls(tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    incidents = str(SHARED / "incidents")
    asked = ["eval", incidents, "--out", str(answers), "--context-chars", "2000"]
    assert main(asked) == 0
    scored = subprocess.run(
        [sys.executable, SHARED / "score.py", incidents, answers, "--context-chars", "2000"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = re.findall(r"^ *([\d.]+)%  +\d+/\d+ +(.+)$", scored.stdout, re.MULTILINE)
    reached = {name: float(share) for share, name in rows}
    assert {name: reached[name] for name, least in FLOOR.items() if reached[name] < least} == {}

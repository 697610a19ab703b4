"""Peak memory and time of reading one large log from disk, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from sample import lines

ROOT = Path(__file__).resolve().parents[2]
_MADE_ONCE = 200_000
_CHILD = r"""
import json, re, sys, time
from pathlib import Path
from bot.analysis.analyst import prepare
from bot.slack.archive import load_incident
# Not getrusage: its peak is inherited from the process that started this one.
peak = lambda: int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()).group(1))
before = peak()
began = time.perf_counter()
prepared = prepare(load_incident(Path(sys.argv[1])))
print(json.dumps({
    "seconds": time.perf_counter() - began,
    "before": before,
    "peak": peak(),
    "coverage": str(prepared.coverage),
}))
"""


def table(*, small: bool) -> str:
    """Return a Markdown table; the file is gone afterwards."""
    size = 30_000_000 if small else 1_000_000_000
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("a busy log", _log), ("one endless line", _line)):
            path = Path(folder) / "big.log"
            make(path, size)
            rows.append(_row(name, path))
    head = "| | file MB | peak MB | of it Python and imports | s | coverage |"
    return "\n".join([head, "|---|---:|---:|---:|---:|---|", *rows])


def _row(name: str, path: Path) -> str:
    done = subprocess.run(  # noqa: S603 - the program above
        [sys.executable, "-c", _CHILD, path],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )
    told = json.loads(done.stdout)
    return (
        f"| {name} | {path.stat().st_size / 1e6:,.0f} | {told['peak'] / 1024:.0f} "
        f"| {told['before'] / 1024:.0f} | {told['seconds']:.1f} | {told['coverage']} |"
    )


def _log(path: Path, size: int) -> None:
    part = ("\n".join(lines(_MADE_ONCE)) + "\n").encode()
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(part)


def _line(path: Path, size: int) -> None:
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(b"no end in sight " * 100_000)

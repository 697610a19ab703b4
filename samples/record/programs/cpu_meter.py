"""Every ten seconds, the CPU that a process and all below it used, by program."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from service_log import service_log

_EVERY_SECONDS = 10
_TICKS = os.sysconf("SC_CLK_TCK")
_SHOWN = 0.5

Used = dict[int, tuple[str, float]]


def main() -> None:
    root, logfile = int(sys.argv[1]), sys.argv[2]
    log = service_log("cpu-meter", logfile)
    before = used_below(root)
    while True:
        time.sleep(_EVERY_SECONDS)
        now = used_below(root)
        percents = _percents(before, now)
        shares = [f"{name}={share:.0f}%" for name, share in percents if share >= _SHOWN]
        whole = sum(share for _, share in percents)
        log.info("orders-host cpu=%.0f%% of one core: %s", whole, " ".join(shares) or "idle")
        before = now


def _percents(before: Used, now: Used) -> list[tuple[str, float]]:
    """Return the share of each program, the largest first."""
    percents: dict[str, float] = {}
    for pid, (name, seconds) in now.items():
        earlier = before[pid][1] if pid in before else 0.0
        share = 100 * (seconds - earlier) / _EVERY_SECONDS
        percents[name] = percents.get(name, 0.0) + share
    return sorted(percents.items(), key=lambda entry: -entry[1])


def used_below(root: int) -> Used:
    """Return name and CPU seconds of each process that descends from `root`, by its id."""
    parents: dict[int, int] = {}
    used: Used = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = stat.read_text().partition(" (")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since it was listed
        name, _, fields = rest.rpartition(") ")
        numbers = fields.split()
        parents[int(pid)] = int(numbers[1])
        used[int(pid)] = (name, (int(numbers[11]) + int(numbers[12])) / _TICKS)
    return {pid: cpu for pid, cpu in used.items() if _descends(pid, root, parents)}


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        if pid == root:
            return True
        pid = parents[pid]
    return False


if __name__ == "__main__":
    main()

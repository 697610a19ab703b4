"""Every ten seconds, the CPU that a process and all below it used, by program."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

from service_log import service_log

_EVERY_SECONDS = 10
_TICKS = os.sysconf("SC_CLK_TCK")
_SHOWN = 0.5


def main() -> None:
    root, logfile = int(sys.argv[1]), sys.argv[2]
    log = service_log("cpu-meter", logfile)
    before = used_below(root)
    while True:
        time.sleep(_EVERY_SECONDS)
        now = used_below(root)
        percents = _percents(before, now)
        programs = " ".join(f"{name}={share:.0f}%" for name, share in percents.most_common())
        log.info("orders-host cpu=%.0f%% of one core %s", sum(percents.values()), programs)
        before = now


def _percents(
    before: dict[int, tuple[str, float]], now: dict[int, tuple[str, float]]
) -> Counter[str]:
    percents: Counter[str] = Counter()
    for pid, (name, seconds) in now.items():
        earlier = before[pid][1] if pid in before else 0.0
        percents[name] += 100 * (seconds - earlier) / _EVERY_SECONDS
    return Counter({name: share for name, share in percents.items() if share >= _SHOWN})


def used_below(root: int) -> dict[int, tuple[str, float]]:
    """Return name and CPU seconds of each process that descends from `root`, by its id."""
    parents: dict[int, int] = {}
    used: dict[int, tuple[str, float]] = {}
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

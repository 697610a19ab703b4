"""`make bench-analysis`: what reading an incident costs, as Markdown tables."""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
from os import cpu_count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

PARTS = {
    "speed": "Lines a second through parsing and templates",
    "memory": "Memory",
    "latency": "From a thread to the first request",
    "redaction": "Redaction",
    "signatures": "Signatures",
    "metrics_synthetic": "Figures of made-up call graphs",
}


def main() -> None:
    """Run the parts that were named, or all that are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a quick run with little data")
    parser.add_argument("--only", action="append", choices=sorted(PARTS))
    options = parser.parse_args()
    machine = f"{cpu_count()} cores, {platform.machine()}"
    sys.stdout.write(f"Python {platform.python_version()}, {machine}\n")
    for name in options.only or PARTS:
        told = importlib.import_module(name).table(small=options.small)
        sys.stdout.write(f"\n## {PARTS[name]}\n\n{told}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

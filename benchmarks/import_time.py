"""What importing `providers` costs beyond bare Python: `python benchmarks/import_time.py`.

Prints milliseconds, the medians of many runs; the aim for the types and the manager is 60.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
RUNS = 15
CASES = {
    "bare Python": "pass",
    "asyncio, to compare": "import asyncio",
    "import providers": "import providers",
    "with the manager": "from providers import LLMProviderManager",
    "a vLLM provider": "from providers import VLLMProvider; VLLMProvider(model='m')",
    "an Anthropic provider": "from providers import AnthropicProvider; AnthropicProvider()",
}


def seconds(statement: str) -> float:
    """Return how long a fresh interpreter takes for a statement."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)  # noqa: S603 - those above
    return time.perf_counter() - began


def main() -> None:
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(RUNS):
        # In turns, so that a busy moment falls on all of them.
        for name, statement in CASES.items():
            taken[name].append(seconds(statement))
    bare = median(taken["bare Python"])
    for name, runs in taken.items():
        sys.stdout.write(f"{name:<24}{1000 * (median(runs) - bare):7.0f} ms beyond bare Python\n")
    sys.stdout.write(f"bare Python takes {1000 * bare:.0f} ms; {RUNS} runs each\n")


if __name__ == "__main__":
    main()

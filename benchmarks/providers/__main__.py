"""`make bench-providers`: every contestant in its own environment, on one upstream, in turns.

Prints a table of medians over several rounds. Environments are made under .bench/ on first use.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import venv
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENVIRONMENTS = ROOT / ".bench"


@dataclass(frozen=True)
class Contestant:
    """A script, the environment it runs in (None is ours), and what it is told."""

    name: str
    script: str
    environment: str | None = None
    argument: str = ""


CONTESTANTS = (
    Contestant("raw aiohttp", "raw_aiohttp.py", "aiohttp"),
    Contestant("ours, vLLM adapter", "ours.py", None, "vllm"),
    Contestant("openai SDK", "openai_sdk.py", "openai"),
    Contestant("ours, OpenAI adapter", "ours.py", None, "openai"),
    Contestant("pydantic-ai FallbackModel", "pydantic_ai_fallback.py", "pydantic-ai"),
    Contestant("LiteLLM Router", "litellm_router.py", "litellm"),
)
COLUMNS = {
    "p50_ms": ("p50 ms", "{:.2f}"),
    "p99_ms": ("p99 ms", "{:.2f}"),
    "cpu_ms": ("CPU ms/request", "{:.2f}"),
    "chunk_us": ("CPU µs/chunk", "{:.1f}"),
    "requests_per_second": ("requests/s at 50", "{:,.0f}"),
    "streams_per_second": ("streams/s at 50", "{:,.0f}"),
    "failover_ms": ("failover adds ms", "{:.2f}"),
    "ready_seconds": ("ready s", "{:.2f}"),
    "ready_mb": ("ready MB", "{:.0f}"),
    "peak_mb": ("peak MB", "{:.0f}"),
}


def python_of(environment: str | None) -> Path:
    """Return the interpreter of an environment, made and filled if it is not there yet."""
    if environment is None:
        return Path(sys.executable)
    folder = ENVIRONMENTS / environment
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    requirements = HERE / f"requirements-{environment}.txt"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
    subprocess.run([*install, requirements], check=True)  # noqa: S603 - our own list
    return python


def measured(contestant: Contestant, url: str) -> dict[str, float]:
    """Run one contestant once."""
    command = [python_of(contestant.environment), HERE / contestant.script, url]
    command += [contestant.argument] if contestant.argument else []
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(ROOT)}
    done = subprocess.run(  # noqa: S603 - those above
        command, check=True, capture_output=True, text=True, env=environment, timeout=300
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(results: dict[str, list[dict[str, float]]]) -> str:
    """Return the medians as Markdown."""
    heads = [head for head, _ in COLUMNS.values()]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'---:|' * len(heads)}"]
    for name, rounds in results.items():
        cells = [_cell(key, form, rounds) for key, (_, form) in COLUMNS.items()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(key: str, form: str, rounds: list[dict[str, float]]) -> str:
    values = [one[key] for one in rounds if key in one]
    return form.format(median(values)) if values else "–"


def main() -> None:
    """Measure those that were named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="a part of a contestant's name")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    chosen = [
        one for one in CONTESTANTS if not options.only or any(o in one.name for o in options.only)
    ]
    results: dict[str, list[dict[str, float]]] = {one.name: [] for one in chosen}
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, HERE / "upstream.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as upstream:
        assert upstream.stdout is not None
        url = upstream.stdout.readline().strip()
        for _ in range(options.rounds):
            # In turns, so that a busy moment falls on all of them.
            for one in chosen:
                results[one.name].append(measured(one, url))
        upstream.communicate()
    where = f"Python {platform.python_version()}, {cpu_count()} cores, {platform.machine()}"
    sys.stdout.write(f"{where}, medians of {options.rounds} rounds\n\n{table(results)}\n")


if __name__ == "__main__":
    main()

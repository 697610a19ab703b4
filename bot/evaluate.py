"""Run the analysis over folders of incidents, a JSON object a line for a score to be taken of."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bot.analysis.analyst import Analyst, Answer, Prepared, prepare
from bot.chain import Chain
from bot.incident import Incident
from bot.runs import footer_of
from bot.slack.archive import load_incident
from bot.slack.blocks import footer_text, report_markdown

SHOWN_CAUSE = 300
"""Characters of a cause that a reader takes in first."""


async def answer(incident: Incident, chain: Chain | None, *, context_chars: int) -> Answer:
    """Analyse one incident to its end; with no chain, by rules alone."""
    models = chain.manager if chain and chain.names else None
    analyst = Analyst(models, context_chars=context_chars)
    async with aclosing(analyst.analyse(incident)) as events:
        async for event in events:
            if isinstance(event, Answer):
                return event
    raise RuntimeError("the analysis ended without an answer")


def as_json(answered: Answer, prepared: Prepared) -> dict[str, Any]:
    """Return an answer as plain values, the report and the evidence text included."""
    report, finished = answered.report, answered.finished
    return {
        "verdict": str(report.verdict),
        "cause": report.cause.text[:SHOWN_CAUSE],
        "quotes": list(report.quotes),
        "answer": report_markdown(report),
        "report": asdict(report),
        "context": prepared.context,
        "coverage": str(report.coverage),
        "provider": finished.provider if finished else "rules",
        "attempts": [asdict(attempt) for attempt in answered.attempts],
    }


def footer(answered: Answer, seconds: float) -> str:
    """Return the line under an answer: who answered, who did not, and what it took."""
    return footer_text(footer_of(answered, seconds))


async def evaluate(folder: Path, out: Path, chain: Chain | None, *, context_chars: int) -> int:
    """Answer every incident in `folder` into `out`; return how many there were.

    Raises ArchiveError at the first case that cannot be read: one that was left out would count
    as answered.
    """
    cases = _cases(folder)
    with out.open("w", encoding="utf-8") as lines:
        for case in tqdm(cases, desc="incidents", unit="case"):
            row = await _row(case, chain, context_chars)
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    return len(cases)


def _cases(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("*/thread.json"))


async def _row(case: Path, chain: Chain | None, context_chars: int) -> dict[str, Any]:
    incident = load_incident(case)
    prepared = prepare(incident, context_chars=context_chars)
    row = as_json(await answer(incident, chain, context_chars=context_chars), prepared)
    return {"case": case.name, **{key: row[key] for key in _KEYS}}


_KEYS = ("verdict", "cause", "quotes", "answer", "context")

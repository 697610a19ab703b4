"""Run the analysis over folders of incidents, a JSON object a line for a score to be taken of."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bot.analysis.analyst import Analyst, Answer, Prepared, Recalling, prepare
from bot.analysis.hiding.search import Search
from bot.answers import footer_of
from bot.chain import Chain
from bot.incident import Incident
from bot.slack.archive import ArchiveError, load_incident, texts_in
from bot.slack.blocks import footer_text, report_markdown
from bot.slack.mrkdwn import as_written
from providers.base import Attempt, RequestScope

SHOWN_CAUSE = 300
"""Characters of a cause that a reader takes in first."""


async def answer(
    incident: Incident,
    chain: Chain | None,
    *,
    context_chars: int,
    search: Search | None = None,
    recall: Recalling | None = None,
) -> Answer:
    """Analyse one incident to its end; with no chain, by rules alone. Nothing comes from a cache.

    Where the operator has classes of data, it is of the strictest: it comes from no channel.
    """
    models = chain.manager if chain and chain.names else None
    analyst = Analyst(models, context_chars=context_chars, search=search)
    scope = RequestScope("", data_class=chain.strictest) if chain and chain.strictest else None
    async with aclosing(
        analyst.analyse(incident, scope=scope, fresh=True, recall=recall)
    ) as events:
        async for event in events:
            if isinstance(event, Answer):
                return event
    raise RuntimeError("the analysis ended without an answer")


def as_json(answered: Answer, prepared: Prepared) -> dict[str, Any]:
    """Return an answer as plain values, the report and the evidence text included.

    `reason` says why rules answered; it is empty where a model did.
    """
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
        "reason": answered.reason,
        "attempts": [decision(attempt) for attempt in answered.attempts],
    }


def decision(attempt: Attempt) -> dict[str, Any]:
    """Return one decision of the trail as plain values: the shape that programs may count on.

    Times are seconds; null is "not told" or "not known". `outcome` is "ok" or the kind of the
    failure or of the reason for which nothing was sent.
    """
    return {
        "provider": attempt.provider,
        "model": attempt.model,
        "skipped": attempt.skipped,
        "reason": attempt.reason,
        "outcome": attempt.outcome,
        "phrase": attempt.phrase,
        "waited": attempt.waited,
        "seconds": attempt.seconds,
        "time_to_first_token": attempt.time_to_first_token,
        "longest_gap": attempt.longest_gap,
        "deadline_left": attempt.deadline_left,
        "usage": asdict(attempt.usage),
        "cost_usd": attempt.cost_usd,
        "discarded_characters": attempt.discarded_characters,
    }


def footer(answered: Answer, seconds: float) -> str:
    """Return the line under an answer: who answered, who did not, and what it took."""
    return footer_text(footer_of(answered, seconds))


async def evaluate(folder: Path, out: Path, chain: Chain | None, *, context_chars: int) -> int:
    """Answer every incident in `folder` into `out`; return how many there were.

    Raises ArchiveError at the first case that cannot be read, and for one without its thread: a
    case that was left out would count as answered.
    """
    cases = _cases(folder)
    with out.open("w", encoding="utf-8") as lines:
        for case in tqdm(cases, desc="incidents", unit="case"):
            row = await _row(case, chain, context_chars)
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    return len(cases)


def _cases(folder: Path) -> list[Path]:
    cases = sorted({path.parent for name in _OF_A_CASE for path in folder.glob(f"*/{name}")})
    without = [case.name for case in cases if not (case / _THREAD).is_file()]
    if without:
        raise ArchiveError(
            f"{len(without)} of {len(cases)} cases in {folder} have no {_THREAD}, "
            f"the first: {without[0]}"
        )
    return cases


async def _row(case: Path, chain: Chain | None, context_chars: int) -> dict[str, Any]:
    incident = load_incident(case)
    prepared = prepare(incident, context_chars=context_chars)
    row = as_json(await answer(incident, chain, context_chars=context_chars), prepared)
    # Whoever compares a quote with the thread compares it with what Slack wrote.
    texts = texts_in(case)
    quotes = [as_written(quote, texts, {}) for quote in row["quotes"]]
    return {"case": case.name, **{key: row[key] for key in _KEYS}, "quotes": quotes}


_THREAD = "thread.json"
_OF_A_CASE = (_THREAD, "truth.yaml", "expected.yaml")
"""Any of these makes a folder a case: one that says what is right must have been asked."""
_KEYS = ("verdict", "cause", "quotes", "answer", "context", "provider", "attempts")

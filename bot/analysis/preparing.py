"""All that is done before a model is asked: read, redact, score, pack, and the rules' answer."""

from __future__ import annotations

from collections.abc import Sequence

from bot.analysis import followup, prompt, rules
from bot.analysis.collect import Collected, collect
from bot.analysis.evidence import Evidence
from bot.analysis.fitting import Prepared, packed_safely
from bot.analysis.hiding.search import Search
from bot.analysis.language import Language, language_of
from bot.analysis.packing import Packed
from bot.analysis.report import Coverage, Report
from bot.analysis.scoring import Judge, scored
from bot.analysis.voice import voice_of
from bot.incident import Incident

DEFAULT_CONTEXT_CHARS = 24_000


def prepare(
    incident: Incident,
    *,
    context_chars: int = DEFAULT_CONTEXT_CHARS,
    search: Search | None = None,
    previous: Report | None = None,
) -> Prepared:
    """Redact, read, score, pack and apply the rules. CPU-bound: call it off the event loop.

    With `previous`, what the thread was told before, its question gets a short answer.
    Raises RedactionError where a text cannot be made safe.
    """
    collected = collect(incident, search)
    judge = Judge(collected.question, collected.items)
    evidence = scored(collected.items, judge)
    packed = packed_safely(evidence, context_chars, judge, search)
    coverage = _coverage(incident, collected, packed)
    language = _language(collected.question, evidence)
    voice = voice_of(language)
    report = rules.analyse(evidence, judge, coverage, voice)
    earlier = followup.carried(previous, evidence) if previous else None
    briefing = prompt.Briefing(collected.question, report, coverage, language, earlier=earlier)
    if previous:
        report = followup.answer_question(collected.question, report, previous, judge, voice)
    return Prepared(
        evidence=evidence,
        shown=packed.shown,
        context=packed.context,
        messages=prompt.build(briefing, packed.shown),
        rules=report,
        coverage=coverage,
        judge=judge,
        briefing=briefing,
        search=search,
    )


def _language(question: str, evidence: Sequence[Evidence]) -> Language:
    """Return the language that people write; the question's where they write in none we know."""
    said = [item.text for item in evidence if item.source == "message" and not item.level]
    return language_of([question, *said])


def _coverage(incident: Incident, collected: Collected, packed: Packed) -> Coverage:
    read = len(incident.messages)
    return Coverage(
        messages_read=read,
        messages_total=max(incident.total_messages, read),
        files_read=collected.files_read,
        files_total=collected.files_total,
        log_lines=collected.log_lines,
        log_templates=collected.log_templates,
        evidence_shown=len(packed.shown),
        evidence_total=len(collected.items),
        redactions=collected.redactions,
        shortened=packed.shortened,
        gaps=collected.gaps,
    )

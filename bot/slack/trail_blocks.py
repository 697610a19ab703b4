"""How an answer came about, decision by decision, as a modal. Pure; free of any prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.slack.mrkdwn import escape
from bot.slack.outgoing import VIEW_BLOCKS
from bot.slack.rendered import context, section
from providers.base import Attempt

_RULES = "Rules answered, without a model"

_WHY = {
    "first": "the first of the chain",
    "next": "the next of the chain",
    "repeat": "asked once more",
    "trial": "the trial after an outage",
    "last_resort": "nobody else could be asked",
    "hedge": "the first one was later than usual",
    "drill": "a drill",
}


def trail_view(trail: Sequence[Attempt], reason: str = "") -> dict[str, Any]:
    """Return a modal with every decision about a provider, in its order, and the sums.

    `reason` says why rules answered; it is empty where a model did.
    """
    shown = trail[: VIEW_BLOCKS - 3]
    blocks = [section(line) for line in map(_decision, shown)]
    if len(shown) < len(trail):
        blocks.append(context(f"{len(trail) - len(shown)} more are not shown here."))
    if reason or not trail:
        blocks.append(section(f"{_RULES}{escape(f': {reason}' if reason else '')}"))
    if any(not attempt.skipped for attempt in trail):
        blocks.append(context(escape(_sums(trail, answered=not reason))))
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "How it was answered"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }


def _decision(attempt: Attempt) -> str:
    name = f"*{escape(attempt.provider)}* {escape(attempt.model)}".strip()
    if attempt.skipped:
        # Its phrase goes on after the name: "may not see this kind of text".
        return f":fast_forward: {name} {escape(attempt.phrase or attempt.outcome)}"
    mark = ":white_check_mark:" if attempt.outcome == "ok" else ":x:"
    ended = "answered" if attempt.outcome == "ok" else attempt.phrase or attempt.outcome
    facts = " · ".join(_facts(attempt))
    return f"{mark} {name}: {escape(ended)}\n{escape(facts)}"


def _facts(attempt: Attempt) -> Iterator[str]:
    if attempt.reason:
        yield _WHY.get(attempt.reason, attempt.reason)
    if attempt.waited >= 0.05:
        yield f"waited {attempt.waited:.1f} s"
    yield f"{attempt.seconds:.1f} s"
    if attempt.time_to_first_token is not None:
        yield f"first text after {attempt.time_to_first_token:.1f} s"
    if attempt.longest_gap is not None and attempt.longest_gap >= 1:
        yield f"longest pause {attempt.longest_gap:.1f} s"
    tokens = attempt.usage.total_tokens
    if tokens:
        yield f"{'about ' if attempt.usage.estimated else ''}{tokens:,} tokens"
    if attempt.cost_usd is not None:
        yield f"${attempt.cost_usd:.4f}"
    if attempt.discarded_characters:
        yield f"{attempt.discarded_characters:,} characters thrown away"


def _sums(trail: Sequence[Attempt], *, answered: bool) -> str:
    asked = [attempt for attempt in trail if not attempt.skipped]
    wasted = [attempt for attempt in asked if not (answered and attempt.outcome == "ok")]
    parts = [f"{len(asked)} asked, {len(trail) - len(asked)} passed over"]
    parts.append(_spent(asked))
    if any(attempt.usage.total_tokens or attempt.cost_usd for attempt in wasted):
        parts.append(f"of these {_spent(wasted)}, brought no answer")
    return " · ".join(parts)


def _spent(attempts: Sequence[Attempt]) -> str:
    tokens = sum(attempt.usage.total_tokens or 0 for attempt in attempts)
    about = "about " if any(attempt.usage.estimated for attempt in attempts) else ""
    return f"{about}{tokens:,} tokens, {_cost(attempts)}"


def _cost(attempts: Sequence[Attempt]) -> str:
    known = [attempt.cost_usd for attempt in attempts if attempt.cost_usd is not None]
    return f"${sum(known):.4f}" if known else "cost not known"

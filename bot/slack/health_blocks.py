"""The health report as blocks: a table of the providers, and Slack and the runs in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from bot.health import HealthReport, ProviderRow
from bot.slack.mrkdwn import escape
from bot.slack.outgoing import SECTION_LIMIT, clip
from bot.slack.rendered import Rendered, button, context, row, section

_EMOJI = {
    "healthy": ":large_green_circle:",
    "degraded": ":large_yellow_circle:",
    "down": ":red_circle:",
}
_OTHER_STATE = ":white_circle:"
TAKE_OUT_ACTION = "rca_take_out"
PUT_BACK_ACTION = "rca_put_back"
"""Both are followed by a number: within a row each action has an id of its own."""

_BY_HAND = "by_hand"
_SAID = {_BY_HAND: "taken out by hand"}
_BUTTONS = 25
_LINE = 600


def health(report: HealthReport, *, controls: bool = False) -> Rendered:
    """Return the health report; its text says the same in one line.

    With `controls` there are buttons to take each provider out of the chain and to put it back.
    """
    as_of = datetime.fromtimestamp(report.as_of, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    lines = [
        f"{':large_green_circle: OK' if report.slack_ok else ':red_circle: Not OK'}: "
        f"Slack {escape(report.slack)}",
        f"Runs in flight: {report.runs_in_flight}",
        *map(escape, report.notes),
    ]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": "RCA Insight Engine: health"}},
        {"type": "markdown", "text": _table(report.providers)},
        section("\n".join(lines)),
        *(section(part) for part in _parts(_details(report))),
    ]
    if controls and report.providers:
        rows = enumerate(report.providers)
        switches = [switch for number, it in rows for switch in _switches(number, it)]
        blocks.append(row(*switches[:_BUTTONS]))
    blocks.append(context(f"As of {as_of}"))
    return Rendered(_summary(report, as_of), tuple(blocks))


def _summary(report: HealthReport, as_of: str) -> str:
    states = ", ".join(f"{escape(it.name)} {it.state}" for it in report.providers)
    slack = "Slack connected" if report.slack_ok else "Slack not connected"
    return f"Health as of {as_of}: {states or 'no provider configured'}; {slack}"


def _switches(number: int, it: ProviderRow) -> Iterator[dict[str, Any]]:
    # Whoever has mended it need not wait until the breaker tries again.
    if it.breaker != "closed":
        yield button(f"Put {it.name} back", f"{PUT_BACK_ACTION}_{number}", it.name)
    if it.breaker_cause != _BY_HAND:
        yield button(f"Take {it.name} out", f"{TAKE_OUT_ACTION}_{number}", it.name)


def _details(report: HealthReport) -> Iterator[str]:
    for it in report.providers:
        if facts := " · ".join(_facts(it)):
            yield f"*{escape(it.name)}*: {escape(facts)}"


def _parts(lines: Iterable[str]) -> list[str]:
    """Put lines together as long as they fit into a section."""
    parts: list[str] = []
    for line in (clip(line, _LINE) for line in lines):
        if parts and len(parts[-1]) + len(line) < SECTION_LIMIT:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts


def _facts(it: ProviderRow) -> Iterator[str]:
    if it.breaker == "open":
        yield f"breaker open, {_cause(it)}, {_reopens(it)}"
    elif it.breaker == "half-open":
        yield f"breaker half-open after {_cause(it)}, the next question is its trial"
    if it.notice:
        yield it.notice
    if it.last_proved is not None:
        proved = datetime.fromtimestamp(it.last_proved, UTC).strftime("%Y-%m-%d %H:%M UTC")
        yield f"last proved by a real answer {proved}"
    elif it.state != "not configured":
        yield "never proved by a real answer"


def _cause(it: ProviderRow) -> str:
    return _SAID.get(it.breaker_cause, it.breaker_cause.replace("_", " ")) or "failures"


def _reopens(it: ProviderRow) -> str:
    return "until it is put back" if it.reopens_in is None else f"for {_age(it.reopens_in)} more"


def _table(rows: tuple[ProviderRow, ...]) -> str:
    if not rows:
        return "No provider is configured: answers come from rules alone."
    # Four columns: more are cut off on a phone, which is where this is read at night.
    head = "| Provider | State | Answers | Today |\n|---|---|---|---|"
    return "\n".join([head, *(_row(it) for it in rows)])


def _row(it: ProviderRow) -> str:
    cells = (f"**{it.name}** {it.model}".strip(), _state(it), _answers(it), _today(it))
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _state(it: ProviderRow) -> str:
    errors = ", ".join(f"{kind} {count}" for kind, count in it.errors.items())
    state = f"{_EMOJI.get(it.state, _OTHER_STATE)} {it.state}, breaker {it.breaker}"
    return f"{state}; errors: {errors}" if errors else state


def _answers(it: ProviderRow) -> str:
    if it.last_success_age is None:
        return "none yet"
    parts = [f"last {_age(it.last_success_age)} ago"]
    if it.latency_median is not None:
        parts.append(f"median {it.latency_median:.1f} s")
    if it.latency_p95 is not None:
        parts.append(f"p95 {it.latency_p95:.1f} s")
    if it.time_to_first_token is not None:
        parts.append(f"first token {it.time_to_first_token:.1f} s")
    return ", ".join(parts)


def _today(it: ProviderRow) -> str:
    cost = "" if it.cost_today_usd is None else f", ${it.cost_today_usd:.2f}"
    return f"{it.tokens_today:,} tokens{cost}{_wasted(it)}"


def _wasted(it: ProviderRow) -> str:
    if not it.wasted_tokens_today:
        return ""
    cost = "" if it.wasted_cost_today_usd is None else f" (${it.wasted_cost_today_usd:.2f})"
    return f", {it.wasted_tokens_today:,} of them{cost} wasted"


def _age(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"

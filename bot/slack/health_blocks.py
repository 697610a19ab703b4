"""The health report as blocks: a table of the providers, and Slack and the runs in words."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.health import HealthReport, ProviderRow
from bot.slack.mrkdwn import escape
from bot.slack.rendered import Rendered, context, section

_EMOJI = {
    "healthy": ":large_green_circle:",
    "degraded": ":large_yellow_circle:",
    "down": ":red_circle:",
}
_OTHER_STATE = ":white_circle:"


def health(report: HealthReport) -> Rendered:
    """Return the health report; its text says the same in one line."""
    as_of = datetime.fromtimestamp(report.as_of, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    lines = [
        f"{':large_green_circle: OK' if report.slack_ok else ':red_circle: Not OK'}: "
        f"Slack {escape(report.slack)}",
        f"Runs in flight: {report.runs_in_flight}",
        *(escape(note) for note in report.notes),
    ]
    blocks = (
        {"type": "header", "text": {"type": "plain_text", "text": "RCA Insight Engine: health"}},
        {"type": "markdown", "text": _table(report.providers)},
        section("\n".join(lines)),
        context(f"As of {as_of}"),
    )
    return Rendered(_summary(report, as_of), blocks)


def _summary(report: HealthReport, as_of: str) -> str:
    states = ", ".join(f"{escape(row.name)} {row.state}" for row in report.providers)
    slack = "Slack connected" if report.slack_ok else "Slack not connected"
    return f"Health as of {as_of}: {states or 'no provider configured'}; {slack}"


def _table(rows: tuple[ProviderRow, ...]) -> str:
    if not rows:
        return "No provider is configured: answers come from rules alone."
    # Four columns: more are cut off on a phone, which is where this is read at night.
    head = "| Provider | State | Answers | Today |\n|---|---|---|---|"
    return "\n".join([head, *(_row(row) for row in rows)])


def _row(row: ProviderRow) -> str:
    cells = (f"**{row.name}** {row.model}".strip(), _state(row), _answers(row), _today(row))
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _state(row: ProviderRow) -> str:
    errors = ", ".join(f"{kind} {count}" for kind, count in row.errors.items())
    state = f"{_EMOJI.get(row.state, _OTHER_STATE)} {row.state}, breaker {row.breaker}"
    return f"{state}; errors: {errors}" if errors else state


def _answers(row: ProviderRow) -> str:
    if row.last_success_age is None:
        return "none yet"
    parts = [f"last {_age(row.last_success_age)} ago"]
    if row.latency_median is not None:
        parts.append(f"median {row.latency_median:.1f} s")
    if row.latency_p95 is not None:
        parts.append(f"p95 {row.latency_p95:.1f} s")
    if row.time_to_first_token is not None:
        parts.append(f"first token {row.time_to_first_token:.1f} s")
    return ", ".join(parts)


def _today(row: ProviderRow) -> str:
    cost = "" if row.cost_today_usd is None else f", ${row.cost_today_usd:.2f}"
    return f"{row.tokens_today:,} tokens{cost}"


def _age(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"

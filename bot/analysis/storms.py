"""Alerts among the evidence: recognised, repeats folded into one item, and how they all ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.analysis import marks
from bot.analysis.alerts import Alert, Fingerprint, alerts_in
from bot.analysis.alerts.ledger import Ledger
from bot.analysis.evidence import Evidence
from bot.incident import Message

_SHOWN_PLACES = 3

Storm = frozenset[Fingerprint]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the alerts of an incident ended: each once, in the last state that was told of it."""

    firing: tuple[Alert, ...] = ()
    resolved: tuple[Alert, ...] = ()
    unknown: tuple[Alert, ...] = ()

    @property
    def all_resolved(self) -> bool:
        """Whether alerts were seen, and nobody can say of one that it still fires."""
        return bool(self.resolved) and not self.firing and not self.unknown

    @property
    def ended_at(self) -> float | None:
        """When the last of them ended, None where one has not or nobody tells."""
        times = [alert.ended_at for alert in self.resolved if alert.ended_at is not None]
        return max(times, default=None) if self.all_resolved else None


def outcome(items: Sequence[Evidence]) -> Outcome:
    """Return the last state of every alert that the items tell of."""
    known = Ledger()
    for item in items:
        known.add(item.alerts)
    return Outcome(
        tuple(known.of("firing")), tuple(known.of("resolved")), tuple(known.of("unknown"))
    )


def annotated(items: Sequence[Evidence], messages: Sequence[Message]) -> tuple[Evidence, ...]:
    """Return the items with people's marks and with their alerts, storms folded, numbered anew.

    The items of the first and of the newest message stay as they are, and so does what people
    said: only a bot's message that tells the alerts of an earlier one again goes into that one.
    """
    by_ts = {message.ts: message for message in messages}
    marked = [_marked(item, by_ts) for item in items]
    groups = [_recognised(group, by_ts) for group in _grouped(marked)]
    ends = {messages[0].ts, messages[-1].ts} if messages else set()
    kept = _folded(groups, ends, by_ts)
    numbered = enumerate((item for group in kept for item in group), 1)
    return tuple(_numbered(item, f"E{number}") for number, item in numbered)


def _numbered(item: Evidence, id_: str) -> Evidence:
    return item if item.id == id_ else replace(item, id=id_)


def _marked(item: Evidence, by_ts: Mapping[str, Message]) -> Evidence:
    message = by_ts.get(item.message_ts)
    said = marks.weight(message.marks) if message and item.source == "message" else 0.0
    return replace(item, marked=said) if said else item


def _grouped(items: Iterable[Evidence]) -> Iterator[list[Evidence]]:
    """Yield what stands together: the items of one message's text, or of one file."""
    group: list[Evidence] = []
    for item in items:
        if group and (item.message_ts, item.source) != (group[0].message_ts, group[0].source):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _recognised(group: list[Evidence], by_ts: Mapping[str, Message]) -> list[Evidence]:
    """Give the first item of a group the alerts that the group tells of, with their times."""
    message = by_ts.get(group[0].message_ts)
    if message is None or not _is_plain(group):
        return group
    is_bots = message.is_bot and group[0].source == "message"
    text = "\n".join(item.text for item in group)
    found = alerts_in(text, message.author if is_bots else "", message.tone)
    if not found:
        return group
    said_at = _said_at(message) if is_bots else None
    alerts = tuple(_timed(alert, said_at) for alert in found)
    at = group[0].at if group[0].at is not None else alerts[0].started_at
    return [replace(group[0], alerts=alerts, at=at), *group[1:]]


def _is_plain(group: Sequence[Evidence]) -> bool:
    return all(item.count == 1 and not item.level and not item.measured for item in group)


def _said_at(message: Message) -> float | None:
    try:
        return float(message.ts)
    except ValueError:
        return None


def _timed(alert: Alert, said_at: float | None) -> Alert:
    """Take the message's time where the alert tells none of its own."""
    if alert.state == "resolved" and alert.ended_at is None:
        return replace(alert, ended_at=said_at)
    if alert.state != "resolved" and alert.started_at is None:
        return replace(alert, started_at=said_at)
    return alert


@dataclass(slots=True)
class _Repeats:
    """The groups of one storm by their places among all groups."""

    places: list[int] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def worth_folding(self) -> bool:
        """A start and its end are two things to know; the same again is one."""
        return len(self.places) > 2 or len(set(self.states)) < len(self.places)


def _folded(
    groups: Sequence[list[Evidence]], ends: set[str], by_ts: Mapping[str, Message]
) -> list[list[Evidence]]:
    storms: dict[Storm, _Repeats] = {}
    for place, group in enumerate(groups):
        message = by_ts.get(group[0].message_ts)
        if message and message.is_bot and group[0].alerts and message.ts not in ends:
            storm = frozenset(alert.fingerprint for alert in group[0].alerts)
            repeats = storms.setdefault(storm, _Repeats())
            repeats.places.append(place)
            repeats.states.append(group[0].alerts[-1].state)
    kept = list(groups)
    for repeats in storms.values():
        if len(repeats.places) > 1 and repeats.worth_folding():
            first, *others = repeats.places
            kept[first] = _one_of([groups[place] for place in repeats.places])
            for place in others:
                kept[place] = []
    return kept


def _one_of(groups: Sequence[list[Evidence]]) -> list[Evidence]:
    """Return the first group for all, with their number, their times and their last states."""
    known = Ledger()
    for group in groups:
        known.add(group[0].alerts)
    last_at = max((group[0].at for group in groups if group[0].at is not None), default=None)
    first, *rest = groups[0]
    alerts = tuple(known.alerts)
    note = _note(len(groups), first.at, last_at, alerts)
    return [
        replace(first, count=len(groups), last_at=last_at, alerts=alerts, note=note),
        *rest,
    ]


def _note(count: int, first: float | None, last: float | None, alerts: Sequence[Alert]) -> str:
    """Say what became of a storm: "40 times, 10:02 to 10:31 UTC; resolved at 10:32 UTC"."""
    parts = [f"{count} times"]
    if first is not None and last is not None:
        parts[0] += f", {_clock(first)} to {_clock(last)} UTC"
    places = list(dict.fromkeys(value for alert in alerts for _, value in alert.places))
    if len(places) > 1:
        shown = ", ".join(places[:_SHOWN_PLACES])
        parts.append(f"at {len(places)} places: {shown}{', …' * (len(places) > _SHOWN_PLACES)}")
    parts.append(_ending(alerts))
    return "; ".join(parts)


def _ending(alerts: Sequence[Alert]) -> str:
    open_ones = [alert for alert in alerts if alert.state != "resolved"]
    if open_ones:
        some = f" ({len(open_ones)} of {len(alerts)})" if len(open_ones) < len(alerts) else ""
        return f"last told as {open_ones[-1].state}{some}"
    ended = [alert.ended_at for alert in alerts if alert.ended_at is not None]
    return f"resolved at {_clock(max(ended))} UTC" if ended else "resolved"


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")

"""What is known of each alert after many reports of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.analysis.alerts.model import Alert, Labels, State

_MOST_KNOWN = 500


class Ledger:
    """The last state of each alert; an end that tells no place ends all that agree with it."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self._exact: dict[tuple[str, str, Labels], int] = {}
        self._by_name: dict[str, list[int]] = {}

    def of(self, state: State) -> Iterator[Alert]:
        return (alert for alert in self.alerts if alert.state == state)

    def add(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            _, name, _ = alert.fingerprint
            met = list(self._met(name, alert))
            for place in met:
                self.alerts[place] = _later(self.alerts[place], alert)
            if not met and len(self.alerts) < _MOST_KNOWN:
                self._exact[alert.vendor, name, _steady(alert)] = len(self.alerts)
                self._by_name.setdefault(name, []).append(len(self.alerts))
                self.alerts.append(alert)

    def _met(self, name: str, told: Alert) -> Iterator[int]:
        """Yield the places of what a report is about; a start is about one alert alone."""
        exact = self._exact.get((told.vendor, name, _steady(told)))
        is_end_of_all = told.state == "resolved" and not told.places
        if exact is not None and not is_end_of_all:
            yield exact
        elif told.state == "resolved":
            for place in self._by_name.get(name, ()):
                if _agree(self.alerts[place], told):
                    yield place


def _steady(alert: Alert) -> Labels:
    return tuple(pair for pair in alert.labels if pair[0] != "value")


def _agree(known: Alert, told: Alert) -> bool:
    """Say whether nothing contradicts that two reports of one name are of one alert."""
    one, other = dict(_steady(known)), dict(_steady(told))
    is_same = all(one[key] == other[key] for key in one.keys() & other.keys())
    return is_same and _may_be(known.vendor, told.vendor)


def _may_be(one: str, other: str) -> bool:
    return not one or not other or one == other


def _later(known: Alert, told: Alert) -> Alert:
    """Return the state that came last; the first start stays while it goes on."""
    if told.at is not None and known.at is not None and told.at < known.at:
        return known
    if told.state == "resolved":
        return replace(known, state="resolved", ended_at=told.ended_at, started_at=known.started_at)
    if known.state == "resolved":
        return told
    return replace(told, started_at=known.started_at, labels=known.labels)

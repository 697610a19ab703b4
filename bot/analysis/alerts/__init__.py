"""Alerts as the products tell them: payloads in JSON, and what their bots write in Slack."""

from __future__ import annotations

from bot.analysis.alerts.model import Alert, Fingerprint, Labels, State
from bot.analysis.alerts.reading import alerts_in

__all__ = ["Alert", "Fingerprint", "Labels", "State", "alerts_in"]

"""What Slack, or the clock, sends us: the table of contents."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.scheduler import Scheduler
from bot.services import Services
from handlers import (
    actions,
    confirmed_cause,
    errors,
    health_command,
    mentions,
    rca_command,
    scheduled,
    shortcuts,
    threads,
)


def register(app: AsyncApp) -> None:
    """Attach every listener; the order matters, the catch-all in `errors` comes last."""
    rca_command.register(app)
    health_command.register(app)
    mentions.register(app)
    threads.register(app)
    shortcuts.register(app)
    actions.register(app)
    confirmed_cause.register(app)
    errors.register(app)


def schedule(scheduler: Scheduler, services: Services) -> None:
    """Hand every scheduled callable to the scheduler."""
    scheduled.schedule(scheduler, services)

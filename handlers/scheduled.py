"""What the clock sends us: the slots of the health summary, and a look at idle providers."""

from __future__ import annotations

from bot.scheduler import Scheduler
from bot.services import Services

EVERY_MINUTE = "* * * * *"
IDLE_SECONDS = 300.0
"""Whoever had a question within this time has shown how they are."""


def schedule(scheduler: Scheduler, services: Services) -> None:
    async def health_summary() -> None:
        await services.summary.refresh()

    async def idle_providers() -> None:
        await services.chain.manager.check_health(idle_for=IDLE_SECONDS)

    scheduler.add("health-summary", services.health_schedule, health_summary)
    scheduler.add("idle-providers", EVERY_MINUTE, idle_providers)

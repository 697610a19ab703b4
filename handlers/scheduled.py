"""What the clock sends us: the slots of the health summary."""

from __future__ import annotations

from bot.scheduler import Scheduler
from bot.services import Services


def schedule(scheduler: Scheduler, services: Services) -> None:
    async def health_summary() -> None:
        await services.summary.refresh()

    scheduler.add("health-summary", services.health_schedule, health_summary)

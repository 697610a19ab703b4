"""The composition root: settings in, a running bot out; owns every open and every close."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot.analysis import signatures
from bot.analysis.analyst import Analyst
from bot.analysis.redact import contains_secret, usual
from bot.archives import recall_of
from bot.chain import Chain, build_chain, practice_chain
from bot.connection import (
    Connection,
    Identity,
    SlackAccess,
    StartError,
    bolt_app,
    client_of,
    identify,
)
from bot.drills import remember
from bot.health import HealthReport, gather
from bot.introduction import COMMANDS, SHORTCUTS
from bot.jobs import InProcessJobs
from bot.metrics import Metrics
from bot.placing import Window
from bot.runs import Runs
from bot.scheduler import Scheduler
from bot.services import Services
from bot.serving import served
from bot.settings import Settings
from bot.slack.gateway import Gateway
from bot.slack.reader import Reader
from bot.slack.summary import HealthSummary
from bot.store.memory import MemoryStore
from bot.telemetry import DecisionLog
from bot.web import Site
from bot.workspace.pages import AppDescription
from bot.workspace.practice import MODEL, PROVIDERS, Practice
from bot.workspace.server import Workspace
from providers.policies.observer import Observer


@dataclass(frozen=True, slots=True)
class Application:
    """A bot that runs: where it listens, and its parts for those who look inside."""

    url: str
    chain: Chain
    services: Services
    workspace: Workspace | None
    identity: Identity
    channels: tuple[str, ...] = ()


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    chain: Chain | None = None,
    incidents: Sequence[Path] = (),
    practice: bool = False,
) -> AsyncIterator[Application]:
    """Run the bot until the block is left; then every open thread is told, and all is closed.

    `chain` replaces the one that the settings describe. `incidents` are folders that the local
    workspace shows as channels; `practice` answers by a script instead of models. Raises
    StartError, and ConfigurationError from the providers.
    """
    async with AsyncExitStack() as stack:
        site = Site()
        if practice:
            _mount_practice(settings, site)
        workspace = _local_workspace(settings, site)
        url = await stack.enter_async_context(_served(site.app, settings))
        channels: list[str] = []
        if workspace is not None:
            await workspace.start(url)
            stack.push_async_callback(workspace.stop)
            channels = [name for path in incidents for name in workspace.load_incidents(path)]
        access = _access(settings, workspace)
        session = await stack.enter_async_context(aiohttp.ClientSession(trust_env=True))
        client = client_of(access, session)
        identity = await identify(client, access)
        metrics = Metrics()
        if chain is None:
            chain = await _chain(settings, url, DecisionLog(metrics), practice=practice)
        remember(chain, settings.rca_data_dir)
        stack.push_async_callback(chain.manager.close)
        connection = Connection(access)
        services = _services(
            settings,
            client=client,
            session=session,
            access=access,
            identity=identity,
            chain=chain,
            connection=connection,
        )
        # The detector takes seconds to load the first time: now, not while somebody waits.
        stack.callback(asyncio.create_task(asyncio.to_thread(_warm_up)).cancel)
        bolt = bolt_app(access, client, identity, services)
        stack.push_async_callback(services.runs.shutdown)
        await stack.enter_async_context(connection.opened(bolt, site))
        scheduler = _scheduled(services)
        stack.callback(scheduler.stop)
        if workspace is not None:
            _let_a_person_in(workspace, channels)
            await services.summary.refresh()
        metrics.watch(chain.manager.get_provider_health_status, lambda: services.runs.in_flight)
        site.metrics = metrics.exposition
        site.report = services.health
        site.reasons = lambda: _not_ready(services, connection, scheduler)
        yield Application(url, chain, services, workspace, identity, tuple(channels))
        site.reasons = lambda: ["stopping"]


def _warm_up() -> None:
    """Compile what the first question would otherwise wait for."""
    contains_secret("x")
    signatures.matching("x")


def _mount_practice(settings: Settings, site: Site) -> None:
    if not settings.local_workspace:
        raise StartError("--practice is for the local workspace: unset the Slack variables")
    Practice().mount(site.app)


async def _chain(settings: Settings, url: str, observer: Observer, *, practice: bool) -> Chain:
    if not practice:
        return await build_chain(settings, observer=observer)
    addresses = {name: f"{url}/practice/{name}" for name in PROVIDERS}
    return practice_chain(settings, addresses, MODEL, observer)


def _local_workspace(settings: Settings, site: Site) -> Workspace | None:
    if not settings.local_workspace:
        site.show_front_page()
        return None
    if settings.rca_host not in {"127.0.0.1", "localhost", "::1"}:
        raise StartError(
            f"RCA_HOST is {settings.rca_host}, but the local workspace listens on loopback only: "
            "set the Slack variables, or RCA_HOST=127.0.0.1"
        )
    workspace = Workspace()
    workspace.mount(site.app)
    return workspace


def _let_a_person_in(workspace: Workspace, channels: Sequence[str]) -> None:
    person = workspace.add_user("you")
    workspace.add_channel("rca-health", members=[person])
    for channel in channels:
        workspace.invite(channel, person)
    workspace.open_dm(person)
    workspace.describe_app(AppDescription(person, COMMANDS, SHORTCUTS))


@asynccontextmanager
async def _served(app: web.Application, settings: Settings) -> AsyncIterator[str]:
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(served(app, settings.rca_host, settings.rca_port))
        except OSError as error:
            where = f"{settings.rca_host}:{settings.rca_port}"
            raise StartError(f"{where} cannot be bound: is it in use? Set RCA_PORT.") from error
        yield url


def _access(settings: Settings, workspace: Workspace | None) -> SlackAccess:
    if workspace is not None:
        return SlackAccess(
            workspace.api_url, workspace.bot_token, workspace.app_token, workspace.signing_secret
        )
    secrets = (settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret)
    bot, app, signing = (secret and secret.get_secret_value() for secret in secrets)
    return SlackAccess(settings.slack_api_url, bot or "", app or None, signing or None)


def _services(
    settings: Settings,
    *,
    client: AsyncWebClient,
    session: aiohttp.ClientSession,
    access: SlackAccess,
    identity: Identity,
    chain: Chain,
    connection: Connection,
) -> Services:
    gateway = Gateway(client)
    reader = Reader(
        client,
        session=session,
        api_url=access.api_url,
        bot_user_id=identity.user_id,
        bot_id=identity.bot_id,
    )
    store = MemoryStore()
    jobs = InProcessJobs()
    recall = recall_of(settings, reader, practice=chain.practice)
    jobs.start("runbooks", recall.warm_up)
    runs = Runs(
        jobs=jobs,
        reader=reader,
        gateway=gateway,
        analyst=_analyst(settings, chain),
        store=store,
        bot_user_id=identity.user_id,
        bot_name=identity.name,
        window=_window(settings),
        data_classes=settings.data_classes,
        recall=recall,
    )
    health = _health(chain, runs, connection)
    channel = settings.rca_health_channel
    if channel is None and settings.local_workspace:
        channel = "rca-health"
    summary = HealthSummary(gateway, channel, _probed(chain, health))

    def provider_turned(name: str, old: str, new: str) -> None:
        jobs.start(f"state:{name}:{old}:{new}:{time.monotonic()}", summary.changed)

    chain.manager.on_state_change = provider_turned
    return Services(
        runs=runs,
        chain=chain,
        store=store,
        recall=recall,
        gateway=gateway,
        reader=reader,
        health=health,
        summary=summary,
        bot_user_id=identity.user_id,
        listens_in=settings.incident_channels,
        health_schedule=settings.rca_health_schedule,
    )


def _analyst(settings: Settings, chain: Chain) -> Analyst:
    return Analyst(
        chain.manager if chain.names else None,
        context_chars=settings.rca_context_chars,
        search=usual(addresses=settings.rca_redact_addresses),
    )


def _window(settings: Settings) -> Window:
    hours: float | None = settings.rca_channel_window_hours
    # What the local workspace shows was recorded some day: there, only a wish bounds it.
    if settings.local_workspace and "rca_channel_window_hours" not in settings.model_fields_set:
        hours = None
    return Window(hours, settings.rca_channel_messages)


def _health(
    chain: Chain, runs: Runs, connection: Connection
) -> Callable[[], Awaitable[HealthReport]]:
    async def health() -> HealthReport:
        return gather(
            chain.manager.get_provider_health_status(),
            slack=await connection.state(),
            runs_in_flight=runs.in_flight,
            notes=() if chain.names else (chain.description,),
        )

    return health


def _probed(
    chain: Chain, health: Callable[[], Awaitable[HealthReport]]
) -> Callable[[], Awaitable[HealthReport]]:
    async def probed() -> HealthReport:
        await chain.manager.check_health()
        return await health()

    return probed


def _scheduled(services: Services) -> Scheduler:
    scheduler = Scheduler()
    handlers.schedule(scheduler, services)
    scheduler.start()
    return scheduler


def _not_ready(services: Services, connection: Connection, scheduler: Scheduler) -> list[str]:
    checks = [
        (services.store.ping(), "the store cannot be used"),
        (connection.standing, "Slack is not connected"),
        (scheduler.running, "the schedule does not run"),
    ]
    return [reason for fine, reason in checks if not fine]

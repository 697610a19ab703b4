"""What is wrong with this installation, and what to do about it."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp
import yaml
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot.chain import Chain
from bot.drills import when
from bot.health import gather
from bot.settings import Settings
from bot.slack.scopes import SCOPES

CLOCK_SKEW_SECONDS = 60
"""Slack rejects requests older than 300 s; a clock that is this wrong is worth a word before."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `todo` says what to do where it is not fine."""

    name: str
    fine: bool
    detail: str
    todo: str = ""

    def __str__(self) -> str:
        mark = "ok     " if self.fine else "PROBLEM"
        todo = "" if self.fine or not self.todo else f"\n          -> {self.todo}"
        return f"{mark}  {self.name}: {self.detail}{todo}"


async def examine(settings: Settings, chain: Chain) -> list[Check]:
    """Look at tokens, scopes, clock, providers and models; spends no tokens of a model."""
    checks = [] if settings.local_workspace else await _slack(settings)
    if settings.local_workspace:
        checks.append(Check("Slack", True, "not configured: the local workspace takes its place"))
    return [*checks, *await _providers(chain)]


async def _slack(settings: Settings) -> list[Check]:
    bot, app = settings.slack_bot_token, settings.slack_app_token
    async with aiohttp.ClientSession(trust_env=True) as session:
        client = AsyncWebClient(
            base_url=settings.slack_api_url, session=session, retry_handlers=[], timeout=10
        )
        checks = await _bot_token(client, bot.get_secret_value() if bot else "")
        if app is not None:
            checks.append(await _app_token(client, app.get_secret_value()))
    return checks


async def _bot_token(client: AsyncWebClient, token: str) -> list[Check]:
    name = "SLACK_BOT_TOKEN"
    try:
        answer = await client.auth_test(token=token)
    except SlackApiError as error:
        code = error.response.get("error", "unknown")
        todo = "copy the Bot User OAuth Token anew (OAuth & Permissions)"
        return [Check(name, False, f"Slack says {code}", todo)]
    except (aiohttp.ClientError, TimeoutError):
        return [Check("Slack", False, "cannot be reached", "check SLACK_API_URL and the proxy")]
    headers = {key.lower(): value for key, value in answer.headers.items()}
    accepted = Check(name, True, f"{answer.get('user')} in {answer.get('team')}")
    return [accepted, _scopes(headers), _clock(headers)]


async def _app_token(client: AsyncWebClient, token: str) -> Check:
    name = "SLACK_APP_TOKEN"
    todo = "make an app-level token with connections:write, and switch Socket Mode on"
    try:
        await client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        return Check(name, False, f"Slack says {error.response.get('error', 'unknown')}", todo)
    except (aiohttp.ClientError, TimeoutError):
        return Check(name, False, "Slack cannot be reached", "check SLACK_API_URL and the proxy")
    return Check(name, True, "a socket can be opened")


def _scopes(headers: Mapping[str, str]) -> Check:
    if "x-oauth-scopes" not in headers:
        return Check("scopes", True, "this server does not say which the token has")
    granted = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")}
    missing = [scope for scope in SCOPES if scope not in granted]
    if not missing:
        return Check("scopes", True, f"all {len(SCOPES)} are granted")
    reasons = "; ".join(f"{scope} {SCOPES[scope]}" for scope in missing)
    return Check("scopes", False, f"missing {reasons}", "add them and install the app again")


def _clock(headers: Mapping[str, str]) -> Check:
    stamp = email.utils.parsedate_to_datetime(headers["date"]) if "date" in headers else None
    skew = abs(time.time() - stamp.timestamp()) if stamp else 0.0
    fine = skew < CLOCK_SKEW_SECONDS
    return Check("clock", fine, f"{skew:.0f} s from Slack's", "synchronise it (NTP)")


async def _providers(chain: Chain) -> list[Check]:
    if not chain.names:
        return [Check("models", False, chain.description, "see docs: connecting a model")]
    health = await chain.manager.check_health()
    status = chain.manager.get_provider_health_status()
    checks = [
        Check(
            f"provider {name}",
            probe.ok,
            f"{probe.checked}: {probe.detail or 'answers'}; "
            f"last proved by a real answer: {when(status[name]['last_proved'])}",
            "check its key, its base URL and the model's name",
        )
        for name, probe in health.items()
    ]
    todo = "add a fallback elsewhere: another cloud, or a model of your own"
    return [*checks, *(Check("chain", True, f"{it}; {todo}") for it in chain.manager.warnings())]


class Listeners:
    """Stands in for Bolt's app and writes down what the handlers register."""

    def __init__(self) -> None:
        self.commands: set[str] = set()
        self.events: set[str] = set()
        self.shortcuts: set[str] = set()

    def command(self, name: str) -> Any:
        self.commands.add(name)
        return lambda listener: listener

    def event(self, name: Any) -> Any:
        if isinstance(name, str):
            self.events.add(name)
        return lambda listener: listener

    def shortcut(self, constraints: Mapping[str, str]) -> Any:
        self.shortcuts.add(constraints["callback_id"])
        return lambda listener: listener

    def action(self, _action_id: str) -> Any:
        return lambda listener: listener

    def view(self, _callback_id: str) -> Any:
        return lambda listener: listener

    def error(self, _listener: Any) -> None:
        return


def compare_manifest(path: Path) -> list[str]:
    """Return where `manifest.yml` and the registered listeners differ, in words."""
    manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    listeners = Listeners()
    handlers.register(cast("AsyncApp", listeners))
    features, settings = manifest["features"], manifest["settings"]
    events = settings["event_subscriptions"]["bot_events"]
    return [
        *_differences(
            "command", {c["command"] for c in features["slash_commands"]}, listeners.commands
        ),
        *_differences(
            "shortcut", {s["callback_id"] for s in features["shortcuts"]}, listeners.shortcuts
        ),
        *_differences("event", {name.partition(".")[0] for name in events}, listeners.events),
        *_differences("scope", set(manifest["oauth_config"]["scopes"]["bot"]), set(SCOPES)),
    ]


def _differences(what: str, declared: set[str], used: set[str]) -> list[str]:
    return [
        *(f"{what} {name} is in the manifest, but nothing uses it" for name in declared - used),
        *(f"{what} {name} is used, but not in the manifest" for name in used - declared),
    ]


async def probe(chain: Chain) -> dict[str, Any]:
    """Ask each provider how it is, without spending tokens; the shape of a running bot's report."""
    await chain.manager.check_health()
    gathered = gather(
        chain.manager.get_provider_health_status(),
        slack=(False, "no bot runs here"),
        runs_in_flight=0,
        notes=() if chain.names else (chain.description,),
    )
    return asdict(gathered)


def describe(health: Mapping[str, Any]) -> str:
    """Return a health report as lines for a person."""
    lines = [
        f"{row['name']:<12} {row['state']:<15} breaker {row['breaker']:<10} {row['model']}"
        f"{_why(row)}"
        for row in health["providers"]
    ]
    return "\n".join([*lines, *health["notes"], f"Slack: {health['slack']}"])


def _why(row: Mapping[str, Any]) -> str:
    said = (str(row["breaker_cause"]).replace("_", " "), str(row["notice"]))
    parts = "; ".join(part for part in said if part)
    return f"  ({parts})" if parts else ""


def report(checks: list[Check]) -> str:
    """Return what a person reads."""
    wrong = sum(not check.fine for check in checks)
    verdict = "nothing is wrong" if not wrong else f"{wrong} of {len(checks)} checks need you"
    return "\n".join([*map(str, checks), verdict])


async def ask_running(url: str) -> dict[str, Any] | None:
    """Return the health report of a bot that runs at `url`, or None where none does."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(f"{url}/api/health/report") as answer,
        ):
            return cast("dict[str, Any]", json.loads(await answer.text()))
    except (TimeoutError, aiohttp.ClientError, ValueError):
        return None

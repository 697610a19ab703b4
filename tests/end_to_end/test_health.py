"""The state of things: the command, the summary in its channel, the endpoints."""

from __future__ import annotations

import aiohttp
import pytest
from staging import ANALYSIS, eventually, settings_for, staged, text_of

from bot.app import running
from bot.chain import Chain
from bot.connection import StartError
from bot.settings import Settings
from bot.slack.outgoing import Outgoing
from bot.slack.summary import HealthSummary
from bot.web import Site
from bot.workspace.faults import Fault
from bot.workspace.server import serve_workspace
from providers.base import ProviderHealth
from providers.errors import QuotaExceededError
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager

GOOD = ANALYSIS.format(cause="E3", symptom="E2")
ALIASES = ("live", "healthz", "ready", "readyz")


async def get(url: str) -> tuple[int, dict]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.json()


async def test_the_command_shows_providers_slack_and_runs_to_the_asker_alone(mode):
    async with staged(FakeProvider(name="anthropic", script=[[GOOD]]), mode=mode) as stage:
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=stage.root
        )
        await stage.answered()
        before = len(stage.workspace.messages(stage.channel))
        await stage.workspace.command(stage.anna, stage.channel, "/rca-health", "")
        await eventually(lambda: stage.workspace.ephemerals(stage.anna, stage.channel))
        shown = text_of(stage.workspace.ephemerals(stage.anna, stage.channel)[-1])
        for part in ("anthropic", "healthy", "breaker closed", "15 tokens", "Slack connected"):
            assert part in shown
        assert "Runs in flight: 0" in shown
        assert len(stage.workspace.messages(stage.channel)) == before


async def test_the_summary_is_one_message_until_a_provider_turns():
    provider = FakeProvider(name="anthropic", script=[[QuotaExceededError()]])
    async with staged(provider) as stage:
        health = stage.workspace.add_channel("ops-health")
        services = stage.application.services
        summary = HealthSummary(services.gateway, health, services.health)
        await summary.refresh()
        await summary.refresh()
        (message,) = stage.workspace.messages(health)
        assert len(stage.workspace.history_of(health, message["ts"])) == 2

        stage.application.chain.manager.on_state_change = None
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=stage.root
        )
        await stage.answered()
        await summary.changed()
        assert len(stage.workspace.messages(health)) == 2
        assert "anthropic down" in stage.workspace.messages(health)[-1]["text"]
        await summary.changed()
        assert len(stage.workspace.messages(health)) == 2

        stage.workspace.delete_message(health, stage.workspace.messages(health)[-1]["ts"])
        await summary.refresh()
        assert len(stage.workspace.messages(health)) == 2


async def test_a_provider_that_goes_down_is_announced_at_once():
    provider = FakeProvider(name="anthropic", script=[[QuotaExceededError()]])
    async with staged(provider, rca_health_channel="ops-health") as stage:
        health = stage.workspace.add_channel("ops-health")
        await stage.application.services.summary.refresh()
        assert len(stage.workspace.messages(health)) == 1
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=stage.root
        )
        await stage.answered()
        await eventually(lambda: len(stage.workspace.messages(health)) == 2)


async def test_without_a_channel_there_is_no_summary():
    async with staged(FakeProvider()) as stage:
        await stage.application.services.summary.refresh()
        await stage.application.services.summary.changed()
        assert not [c for c in stage.workspace.calls if "health" in str(c.args)]


@pytest.mark.parametrize("alias", ALIASES)
async def test_a_standing_bot_is_live_and_ready_without_any_provider(alias):
    async with staged() as stage:
        status, body = await get(f"{stage.application.url}/api/health/{alias}")
        assert status == 200
        assert body["status"] == "ok"
        assert body["app"] == "RCA Insight Engine"
        assert body["version"]


async def test_a_bot_without_its_socket_is_live_but_not_ready():
    async with staged() as stage:
        stage.workspace.faults.add(
            Fault(method="apps.connections.open", kind="not_ok", times=None, error="internal_error")
        )
        stage.workspace.cut_sockets()
        url = stage.application.url

        async def ready() -> tuple[int, dict]:
            return await get(f"{url}/api/health/ready")

        for _ in range(100):
            status, body = await ready()
            if status == 503:
                break
        assert (status, body["reasons"]) == (503, ["Slack is not connected"])
        assert (await get(f"{url}/api/health/live"))[0] == 200
        stage.workspace.faults.clear()


async def test_the_report_is_there_for_programs_too():
    async with staged(FakeProvider(name="anthropic")) as stage:
        status, body = await get(f"{stage.application.url}/api/health/report")
        assert status == 200
        assert body["providers"][0]["name"] == "anthropic"
        assert body["slack_ok"] is True


async def test_before_anything_stands_nothing_is_ready():
    site = Site()
    assert site.reasons() == ["starting"]


async def test_with_nothing_configured_a_workspace_of_its_own_is_there(monkeypatch, tmp_path):
    incident = tmp_path / "pool"
    incident.mkdir()
    (incident / "thread.json").write_text(
        '[{"type": "message", "ts": "1700000000.000100", "user": "U1", "text": "it is down"}]'
    )
    manager = LLMProviderManager(providers=[])
    settings = Settings(_env_file=None, rca_port=0)
    async with running(settings, chain=Chain(manager, "none"), incidents=[tmp_path]) as application:
        assert application.workspace is not None
        assert application.channels == ("inc-pool",)
        await eventually(lambda: application.workspace.messages("rca-health"))
        shown = application.workspace.messages("rca-health")[-1]["text"]
        assert "no provider configured" in shown


async def test_the_local_workspace_stays_on_this_machine():
    settings = Settings(_env_file=None, rca_port=0, rca_host="0.0.0.0")
    with pytest.raises(StartError, match="loopback only"):
        async with running(settings):
            pass


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            Fault(method="auth.test", kind="not_ok", times=1, error="invalid_auth"),
            "SLACK_BOT_TOKEN",
        ),
        (Fault(method="auth.test", kind="drop_before", times=1), "cannot be reached"),
        (
            Fault(
                method="apps.connections.open",
                kind="not_ok",
                times=1,
                error="not_allowed_token_type",
            ),
            "SLACK_APP_TOKEN",
        ),
    ],
)
async def test_a_slack_that_does_not_let_us_in_stops_the_start_with_a_reason(fault, said):
    async with serve_workspace() as workspace:
        workspace.faults.add(fault)
        manager = LLMProviderManager(providers=[])
        with pytest.raises(StartError, match=said):
            async with running(settings_for(workspace, "socket"), chain=Chain(manager, "none")):
                pass


async def test_a_port_in_use_stops_the_start_with_a_reason():
    async with staged() as stage:
        port = int(stage.application.url.rpartition(":")[2])
        with pytest.raises(StartError, match="RCA_PORT"):
            async with running(Settings(_env_file=None, rca_port=port)):
                pass


async def test_a_down_provider_is_seen_by_its_probe_alone():
    sick = FakeProvider(name="vllm", health=ProviderHealth(ok=False, checked="GET /v1/models"))
    async with staged(sick, rca_health_channel="ops-health") as stage:
        health = stage.workspace.add_channel("ops-health")
        await stage.application.services.summary.refresh()
        assert "vllm down" in stage.workspace.messages(health)[-1]["text"]


async def test_once_the_bot_has_ended_nothing_of_it_reaches_slack():
    async with serve_workspace() as workspace:
        channel = workspace.add_channel("inc-checkout")
        chain = Chain(LLMProviderManager(providers=[]), "none")
        async with running(settings_for(workspace, "socket"), chain=chain) as application:
            gateway = application.services.gateway
        calls = len(workspace.calls)
        with pytest.raises(RuntimeError, match="closed"):
            await gateway.post(Outgoing(channel=channel, text="too late"), key="late")
        assert len(workspace.calls) == calls

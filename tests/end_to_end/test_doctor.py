"""What the doctor finds in a Slack that works, and in one that does not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from staging import eventually, settings_for, staged

import handlers
from bot import doctor
from bot.chain import Chain
from bot.scheduler import Scheduler
from bot.workspace.faults import Fault
from bot.workspace.server import Workspace, serve_workspace
from providers.base import ProviderHealth
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager


def chain(*providers: FakeProvider) -> Chain:
    return Chain(LLMProviderManager(providers=list(providers)), "no model is configured")


async def wrong(workspace: Workspace, models: Chain) -> dict[str, str]:
    checks = await doctor.examine(settings_for(workspace, "socket"), models)
    assert doctor.report(checks).count("PROBLEM") == sum(not check.fine for check in checks)
    return {check.name: f"{check.detail} -> {check.todo}" for check in checks if not check.fine}


async def test_nothing_is_wrong_where_all_stands():
    async with serve_workspace() as workspace:
        assert await wrong(workspace, chain(FakeProvider(name="vllm"))) == {}


async def test_each_problem_has_its_own_line_and_what_to_do():
    sick = ProviderHealth(ok=False, checked="GET /v1/models", detail="cannot be reached")
    async with serve_workspace() as workspace:
        workspace.scopes.discard("files:read")
        workspace.faults.add(
            Fault(method="apps.connections.open", kind="not_ok", error="not_allowed_token_type")
        )
        found = await wrong(workspace, chain(FakeProvider(name="vllm", health=sick)))
    assert set(found) == {"scopes", "SLACK_APP_TOKEN", "provider vllm"}
    assert "files:read to read logs that were attached" in found["scopes"]
    assert "connections:write" in found["SLACK_APP_TOKEN"]
    assert "cannot be reached" in found["provider vllm"]


@pytest.mark.parametrize(
    ("fault", "name", "said"),
    [
        (Fault(method="auth.test", kind="not_ok", error="invalid_auth"), "SLACK_BOT_TOKEN", "anew"),
        (Fault(method="auth.test", kind="drop_before"), "Slack", "SLACK_API_URL"),
        (Fault(method="apps.connections.open", kind="drop_before"), "SLACK_APP_TOKEN", "proxy"),
    ],
)
async def test_a_slack_that_does_not_answer_is_told_apart(fault, name, said):
    async with serve_workspace() as workspace:
        workspace.faults.add(fault)
        found = await wrong(workspace, chain(FakeProvider(name="vllm")))
    assert said in found[name]


async def test_without_a_model_the_doctor_says_so():
    async with serve_workspace() as workspace:
        assert "no model is configured" in (await wrong(workspace, chain()))["models"]


def test_a_clock_that_is_wrong_is_told():
    right = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert doctor._clock({"date": right}).fine
    assert doctor._clock({}).fine
    assert not doctor._clock({"date": "Thu, 01 Jan 2026 00:00:00 GMT"}).fine


def test_a_server_that_tells_no_scopes_is_believed():
    assert doctor._scopes({}).fine


async def test_a_running_bot_is_asked_how_it_is():
    async with staged(FakeProvider(name="anthropic")) as stage:
        report = await doctor.ask_running(stage.application.url)
        assert report is not None
        said = doctor.describe(report)
        assert "anthropic" in said
        assert "Slack: connected over Socket Mode" in said
    assert await doctor.ask_running("http://127.0.0.1:9") is None


async def test_a_slot_of_the_schedule_refreshes_the_summary():
    async with staged(FakeProvider(name="anthropic"), rca_health_channel="ops-health") as stage:
        health = stage.workspace.add_channel("ops-health")
        scheduler = Scheduler()
        handlers.schedule(scheduler, stage.application.services)
        scheduler.start()
        job = scheduler._scheduler.get_job("health-summary")
        job.modify(next_run_time=datetime.now(UTC))
        await eventually(lambda: stage.workspace.messages(health))
        scheduler.stop()
        await asyncio.sleep(0)

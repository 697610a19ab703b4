"""A fault of our own is one sentence for the person and one line in the log, no more."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
from staging import Stage, eventually, staged

from bot.connection import SlackAccess, bolt_app, client_of
from bot.serving import served
from bot.web import Site
from bot.workspace.faults import Fault
from providers.fake import FakeProvider


class Broken(FakeProvider):
    """A provider with a bug: what it raises is no ProviderError."""

    async def stream(self, messages, **_more):
        raise RuntimeError("the secret is hunter2")
        yield


@asynccontextmanager
async def broken_bot(stage: Stage) -> AsyncIterator[None]:
    """A second app on the same workspace, whose health cannot be gathered."""

    async def health():
        raise RuntimeError("the secret is hunter2")

    workspace, site = stage.workspace, Site()
    access = SlackAccess(workspace.api_url, workspace.bot_token, None, workspace.signing_secret)
    services = replace(stage.application.services, health=health)
    async with aiohttp.ClientSession() as session, served(site.app, "127.0.0.1", 0) as url:
        client = client_of(access, session)
        site.bolt = bolt_app(access, client, stage.application.identity, services)
        workspace.events_url = f"{url}/slack/events"
        yield


async def test_the_person_is_told_without_the_exceptions_text(caplog):
    async with staged() as stage, broken_bot(stage):
        with caplog.at_level(logging.INFO):
            await stage.workspace.command(stage.anna, stage.channel, "/rca-health", "")
            await eventually(lambda: stage.workspace.ephemerals(stage.anna, stage.channel))
        told = str(stage.workspace.ephemerals(stage.anna, stage.channel))
        assert "Something went wrong on my side" in told
        assert "RuntimeError at test_when_a_handler_fails.py" in caplog.text
        assert "hunter2" not in told + caplog.text


async def test_a_run_that_breaks_ends_its_message_all_the_same(caplog):
    async with staged(Broken()) as stage:
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=stage.root
        )
        told = str(await stage.answered())
        assert "Something went wrong on my side (run " in told
        assert "hunter2" not in told + caplog.text


async def test_a_slack_that_knows_few_methods_is_survived():
    unknown = ("chat.getPermalink", "users.info", "conversations.info", "conversations.members")
    async with staged() as stage:
        for method in unknown:
            stage.workspace.faults.add(
                Fault(method=method, kind="not_ok", times=None, error="unknown_method")
            )
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=stage.root
        )
        assert "remaining connection slots" in str(await stage.answered())


async def test_a_missing_scope_is_named_with_what_to_do():
    async with staged() as stage:
        stage.workspace.scopes.discard("channels:history")
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=stage.root
        )
        told = str(await stage.answered())
        assert "channels:history" in told
        assert "administrator" in told

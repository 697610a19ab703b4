"""How Slack is reached and reaches us: who we are there, one HTTP session, and Bolt on top."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot.services import Services
from bot.web import Site

logger = logging.getLogger(__name__)


class StartError(Exception):
    """The bot cannot start; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """Where Slack is and how to get in; repr shows no secret."""

    api_url: str
    bot_token: str
    app_token: str | None
    signing_secret: str | None

    def __repr__(self) -> str:
        return f"SlackAccess({self.api_url!r})"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in its workspace, as auth.test says."""

    user_id: str
    bot_id: str
    name: str
    team: str


class _OneSession:
    """A session that stays shut once it is closed.

    Where the session that it was given is closed, the SDK opens one of its own for each call: what
    still runs when the bot ends would go on talking to Slack, behind the back of whoever closed it.
    """

    closed = False

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def client_of(access: SlackAccess, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Return Slack's Web API over this session; once that is closed, calls raise RuntimeError."""
    # No retry handlers: the SDK's own repeats a post whose answer was lost, and so posts twice.
    return AsyncWebClient(
        token=access.bot_token,
        base_url=access.api_url,
        session=cast(aiohttp.ClientSession, _OneSession(session)),
        retry_handlers=[],
    )


async def identify(client: AsyncWebClient, access: SlackAccess) -> Identity:
    """Ask Slack who we are. Raises StartError where it does not let us in."""
    host = urlsplit(access.api_url).netloc
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        code = error.response.get("error", "unknown")
        raise StartError(f"{host} did not accept SLACK_BOT_TOKEN ({code})") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise StartError(f"{host} cannot be reached: is SLACK_API_URL right?") from error
    return Identity(
        user_id=answer["user_id"],
        bot_id=answer.get("bot_id") or "",
        name=answer.get("user") or "rca",
        team=answer.get("team") or "",
    )


def bolt_app(
    access: SlackAccess, client: AsyncWebClient, identity: Identity, services: Services
) -> AsyncApp:
    """Return the app with every listener attached."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # Bolt's own asks auth.test at the first event, and loses the event where that fails.
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=identity.user_id,
            bot_id=identity.bot_id,
            bot_token=access.bot_token,
        )

    bolt = AsyncApp(
        # Without the token, for Bolt would warn that one and `authorize` are one too many.
        client=AsyncWebClient(
            base_url=access.api_url, session=client.session, retry_handlers=client.retry_handlers
        ),
        authorize=authorize,
        signing_secret=access.signing_secret,
        request_verification_enabled=access.app_token is None,
        ssl_check_enabled=False,
        logger=logging.getLogger("slack_bolt"),
    )

    @bolt.middleware
    async def inject(context: dict[str, Any], next: Callable[[], Awaitable[Any]]) -> None:
        context["services"] = services
        await next()

    handlers.register(bolt)
    return bolt


class Connection:
    """How Slack reaches us: over Socket Mode where there is an app token, else over HTTP."""

    def __init__(self, access: SlackAccess) -> None:
        self._access = access
        # Bolt's handler has no types.
        self._handler: Any = None
        self._opened_at: float | None = None

    @asynccontextmanager
    async def opened(self, bolt: AsyncApp, site: Site) -> AsyncIterator[None]:
        """Let Slack in for as long as the block lasts."""
        if self._access.app_token is None:
            site.bolt = bolt
            self._opened_at = time.time()
            yield
            return
        await _check_app_token(bolt.client, self._access.app_token)
        self._handler = AsyncSocketModeHandler(bolt, self._access.app_token)
        try:
            await self._handler.connect_async()
            self._opened_at = time.time()
            yield
        finally:
            await self._handler.close_async()

    async def state(self) -> tuple[bool, str]:
        """Return whether Slack can reach us, and a sentence that says how."""
        if self._handler is None:
            return self._opened_at is not None, "listening for Slack over HTTP at /slack/events"
        if await self._handler.client.is_connected():
            return True, "connected over Socket Mode"
        return False, "the Socket Mode connection is down and being opened again"

    @property
    def standing(self) -> bool:
        """Tell the same without waiting."""
        if self._handler is None:
            return self._opened_at is not None
        session = self._handler.client.current_session
        return session is not None and not session.closed


async def _check_app_token(client: AsyncWebClient, token: str) -> None:
    # The SDK would try a token that Slack refuses for ever, and never say so.
    try:
        await client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        code = error.response.get("error", "unknown")
        raise StartError(
            f"Slack did not open a socket ({code}): is SLACK_APP_TOKEN an xapp- token with the "
            "scope connections:write, and Socket Mode switched on?"
        ) from error
    except (aiohttp.ClientError, TimeoutError):
        logger.warning("Slack opens no socket yet; it is tried again")

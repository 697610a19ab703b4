"""The workspace as a server: its routes, its life, and what a test or `run` holds in hand."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.serving import served
from bot.workspace.api import WebApi
from bot.workspace.backend import ApiCall, Backend
from bot.workspace.clock import Clock, ManualClock, SystemClock
from bot.workspace.control import Control
from bot.workspace.downloads import Downloads
from bot.workspace.faults import Fault, Faults
from bot.workspace.guards import local, require_loopback, same_origin
from bot.workspace.incidents import BrokenIncidentError, folders_in, load_folder
from bot.workspace.pages import AppDescription, Pages
from bot.workspace.people import People
from bot.workspace.rates import Rates

logger = logging.getLogger(__name__)


class Workspace(People):
    """A Slack-compatible workspace with one app installed.

    Order: `mount` on an application, `start` once its address is known, `stop` before the
    application is cleaned up (its shutdown does so as well).
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        super().__init__(Backend(self.clock))
        self._pages = Pages(self._backend)
        own = self._backend.state.identity
        self.bot_token = own.bot_token
        self.app_token = own.app_token
        self.signing_secret = own.signing_secret
        self.team_id = own.team_id
        self.bot_user_id = own.bot_user_id
        self.bot_id = own.bot_id
        self.incident_problems: list[str] = []

    def mount(self, app: web.Application) -> None:
        """Add the routes; every one of them answers to this machine alone."""
        api, downloads = WebApi(self._backend), Downloads(self._backend)
        pages = self._pages
        control = Control(self._backend, self._actions())
        app.router.add_route("*", "/slack/api/{method}", local(api.handle))
        app.router.add_get("/slack/socket/{ticket}", local(self._backend.sockets.serve))
        app.router.add_get("/slack/files/{file}/{name}", local(downloads.file))
        app.router.add_get("/slack/files/{file}/download/{name}", local(downloads.file))
        app.router.add_post("/slack/response/{secret}", local(downloads.respond))
        app.router.add_get("/", same_origin(pages.front))
        app.router.add_get("/page/{name}", same_origin(pages.part))
        app.router.add_get("/archives/{channel}", same_origin(pages.front))
        app.router.add_get("/archives/{channel}/{message}", same_origin(pages.permalink))
        app.router.add_get("/control/app", same_origin(pages.app))
        app.router.add_get("/control/files/{file}", same_origin(pages.file))
        app.router.add_get("/control/state", same_origin(control.state))
        app.router.add_get("/control/calls", same_origin(control.calls))
        app.router.add_get("/control/events", same_origin(control.events))
        app.router.add_post("/control/{action:.+}", same_origin(control.act))
        app.on_shutdown.append(self._shut_down)

    def describe_app(self, description: AppDescription) -> None:
        """Tell the page what to offer, and who sits before it."""
        self._pages.description = description

    async def start(self, base_url: str) -> None:
        """Take the public address; raises NotLoopbackError for one beyond this machine."""
        require_loopback(base_url)
        self._backend.state.base_url = base_url.rstrip("/")

    async def stop(self) -> None:
        """End every delivery and connection."""
        await self._backend.close()

    async def settle(self) -> None:
        """Wait until every event has been acknowledged or given up."""
        await self._backend.delivery.settle()

    def load_incidents(self, path: Path) -> list[str]:
        """Make a channel of each incident folder; returns their names.

        A broken folder costs only itself: it is logged and told in `incident_problems`.
        """
        loaded: list[str] = []
        for folder in folders_in(path):
            try:
                loaded.append(load_folder(self._backend.state, folder).name)
            except BrokenIncidentError as error:
                self.incident_problems.append(f"{folder.name}: {error}")
                logger.warning("incident folder %s was left out: %s", folder.name, error)
        return loaded

    @property
    def base_url(self) -> str:
        return self._backend.state.base_url

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/slack/api/"

    @property
    def calls(self) -> list[ApiCall]:
        """The Web API calls of the app, oldest first; the latest few thousand of them."""
        return list(self._backend.calls)

    @property
    def faults(self) -> Faults:
        return self._backend.faults

    @property
    def rates(self) -> Rates:
        return self._backend.rates

    @property
    def connections(self) -> int:
        """How many sockets the app has open."""
        return self._backend.sockets.connections

    @property
    def scopes(self) -> set[str]:
        """What the bot token may do; take one out to see missing_scope."""
        return self._backend.state.scopes

    @property
    def subscriptions(self) -> set[str]:
        """The event types that the app has subscribed to."""
        return self._backend.state.subscriptions

    @property
    def page_cap(self) -> int:
        return self._backend.state.page_cap

    @page_cap.setter
    def page_cap(self, most: int) -> None:
        self._backend.state.page_cap = most

    @property
    def limited_mode(self) -> bool:
        return self._backend.state.limited_mode

    @limited_mode.setter
    def limited_mode(self, limited: bool) -> None:
        self._backend.state.limited_mode = limited

    @property
    def events_url(self) -> str | None:
        """Where payloads are posted to; None means Socket Mode."""
        return self._backend.delivery.events_url

    @events_url.setter
    def events_url(self, address: str | None) -> None:
        if address is not None:
            require_loopback(address)
        self._backend.delivery.events_url = address

    def send_twice(self, events: int) -> None:
        """Deliver each of the next so many events twice, with the same event id."""
        self._backend.delivery.send_twice(events)

    def cut_sockets(self) -> int:
        """Break every open socket without a word; returns how many there were."""
        return self._backend.sockets.cut()

    async def refresh_sockets(self, reason: str = "refresh_requested") -> None:
        """Tell the app to reconnect, by a disconnect frame with this reason."""
        await self._backend.sockets.disconnect(reason)

    def _actions(self) -> dict[str, Callable[..., Any]]:
        people = (
            *(self.add_user, self.add_channel, self.open_dm, self.invite, self.say),
            *(self.say_as_bot, self.command, self.shortcut, self.click, self.click_view),
            *(self.submit_view, self.close_view, self.open_home, self.edit_message),
            *(self.delete_message, self.messages, self.history_of, self.ephemerals, self.views),
            *(self.home, self.status, self.cut_sockets, self.refresh_sockets, self.send_twice),
        )
        actions: dict[str, Callable[..., Any]] = {act.__name__: act for act in people}
        actions["faults"] = lambda **fields: self.faults.add(Fault(**fields))
        actions["faults/clear"] = self.faults.clear
        if isinstance(self.clock, ManualClock):
            actions["advance"] = self.clock.advance
        return actions

    async def _shut_down(self, _app: web.Application) -> None:
        await self.stop()


@contextlib.asynccontextmanager
async def serve_workspace(
    clock: Clock | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Workspace]:
    """Run a workspace on a port of its own for as long as the block lasts."""
    require_loopback(f"http://{host}")
    workspace, app = Workspace(clock), web.Application(client_max_size=16 * 1024 * 1024)
    workspace.mount(app)
    async with served(app, host, port) as url:
        await workspace.start(url)
        yield workspace

"""The workspace's memory: who and what exists, and under which id."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.workspace.clock import Clock
from bot.workspace.entities import (
    SLACKBOT,
    Bot,
    Channel,
    File,
    User,
    UserKind,
    micros,
    ts_of,
)
from bot.workspace.errors import SlackError

# what the app's manifest asks for; a method beyond it answers missing_scope, as it would on Slack
MANIFEST_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "users:read",
    }
)
ALL_SCOPES = MANIFEST_SCOPES | frozenset(
    {
        "channels:join",
        "chat:write.customize",
        "chat:write.public",
        "im:write",
        "pins:read",
        "reactions:write",
        "team:read",
        "usergroups:read",
    }
)
MANIFEST_EVENTS = frozenset({"app_mention", "message"})


@dataclass(frozen=True, slots=True)
class Identity:
    """The one app that is installed, and its secrets, which are new in every workspace."""

    team_id: str = "T0WORKSPACE"
    app_id: str = "A0WORKSPACE"
    bot_user_id: str = "U0BOT00000"
    bot_id: str = "B0BOT00000"
    bot_name: str = "rca"
    bot_token: str = field(default_factory=lambda: f"xoxb-{secrets.token_hex(16)}")
    app_token: str = field(default_factory=lambda: f"xapp-1-{secrets.token_hex(16)}")
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))


class State:
    """Everything the workspace knows.

    `page_cap` is the most objects that one page of a list holds, whatever was asked for;
    `limited_mode` is the regime of unlisted commercial apps: 15 objects and one call a minute
    on reading messages.
    """

    def __init__(self, clock: Clock, identity: Identity) -> None:
        self.clock = clock
        self.identity = identity
        self.base_url = ""
        self.scopes = set(MANIFEST_SCOPES)
        self.subscriptions = set(MANIFEST_EVENTS)
        self.page_cap = 200
        self.limited_mode = False
        self.users: dict[str, User] = {}
        self.bots: dict[str, Bot] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.statuses: dict[tuple[str, str], tuple[str, float]] = {}
        self._numbers = itertools.count(1)
        self._last_moment = 0
        self.add_user(User(SLACKBOT, "slackbot"))
        own = identity
        self.add_user(User(own.bot_user_id, own.bot_name, kind="bot", bot_id=own.bot_id))
        self.bots[own.bot_id] = Bot(own.bot_id, own.bot_name, own.app_id, own.bot_user_id)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}0WS{next(self._numbers):06d}"

    def new_ts(self) -> str:
        """Return a ts that is now, and later than every ts given before."""
        self._last_moment = max(int(self.clock.time() * 1_000_000), self._last_moment + 1)
        return ts_of(self._last_moment)

    def add_user(self, user: User) -> User:
        self.users[user.id] = user
        return user

    def new_user(self, name: str, kind: UserKind = "member") -> User:
        return self.add_user(User(self.new_id("U"), name, kind))

    def add_channel(self, channel: Channel) -> Channel:
        channel.created = channel.created or int(self.clock.time())
        self.channels[channel.id] = channel
        return channel

    def find_channel(self, name_or_id: str) -> Channel | None:
        """Look a channel up by its id, its name or its #name."""
        name = name_or_id.removeprefix("#")
        by_name = (c for c in self.channels.values() if c.name == name and c.kind != "im")
        return self.channels.get(name_or_id) or next(by_name, None)

    def find_user(self, name_or_id: str) -> User | None:
        """Look a person up by id, name or @name."""
        name = name_or_id.removeprefix("@")
        by_name = (user for user in self.users.values() if user.name == name)
        return self.users.get(name_or_id) or next(by_name, None)

    def direct_channel(self, user_id: str) -> Channel:
        """Return the conversation between the app and one person, opening it where needed."""
        pair = [self.identity.bot_user_id, user_id]
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == pair:
                return channel
        number = self.new_id("D")
        return self.add_channel(Channel(number, number, "im", creator=user_id, members=pair))

    def new_bot(self, name: str) -> Bot:
        known = next((bot for bot in self.bots.values() if bot.name == name), None)
        if known is None:
            known = Bot(self.new_id("B"), name, self.new_id("A"))
            self.bots[known.id] = known
        return known

    def known_bot(self, bot_id: str, name: str) -> None:
        """Make a bot from elsewhere known under the id that it has there."""
        self.bots.setdefault(bot_id, Bot(bot_id, name))

    def known_user(self, user_id: str, name: str = "") -> None:
        """Make a person from elsewhere known under the id that they have there."""
        if user_id not in self.users:
            self.add_user(User(user_id, name or f"responder-{len(self.users)}"))

    def new_file(self, name: str, content: bytes, mimetype: str, user: str) -> File:
        stored = File(self.new_id("F"), name, mimetype, content, user, int(self.clock.time()))
        self.files[stored.id] = stored
        return stored

    def is_member(self, channel: Channel) -> bool:
        return self.identity.bot_user_id in channel.members

    def is_own(self, author: dict[str, Any]) -> bool:
        return author.get("bot_id") == self.identity.bot_id

    def require_scope(self, *any_of: str) -> None:
        """Raise missing_scope where the token has none of these."""
        if any_of and not self.scopes.intersection(any_of):
            raise SlackError(
                "missing_scope",
                {"needed": ",".join(any_of), "provided": ",".join(sorted(self.scopes))},
            )

    def in_thread_window(self, ts: str) -> bool:
        """Tell whether Slack would look for a thread there at all: 1990 to an hour from now."""
        try:
            moment = micros(ts) / 1_000_000
        except ValueError:
            return False
        return 631_152_000 <= moment <= self.clock.time() + 3_600

"""What a Web API method is: its arguments, its rate, its scopes, and the function behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.workspace.arguments import Argument, arguments
from bot.workspace.backend import Backend
from bot.workspace.entities import Channel, ChannelKind, Message
from bot.workspace.errors import SlackError
from bot.workspace.rates import TIER_3
from bot.workspace.state import State

Caller = Literal["bot", "app", "anyone"]
_FAMILY: dict[ChannelKind, str] = {"channel": "channels", "group": "groups", "im": "im"}


@dataclass(frozen=True, slots=True)
class Call:
    """One accepted call: the arguments are checked, the token may do this."""

    backend: Backend
    args: dict[str, Any]

    @property
    def state(self) -> State:
        return self.backend.state


@dataclass(frozen=True, slots=True)
class Method:
    """`caller` is the kind of token it takes, `scopes` are "any of these", `rate` a minute.

    A rate of 0 stands for no limit.
    """

    run: Callable[[Call], dict[str, Any]]
    arguments: tuple[Argument, ...]
    rate: int
    scopes: tuple[str, ...]
    caller: Caller
    reads_json: bool


def method(
    run: Callable[[Call], dict[str, Any]],
    table: str = "",
    *,
    rate: int = TIER_3,
    scopes: str = "",
    caller: Caller = "bot",
    reads_json: bool = False,
) -> Method:
    """Describe a method; `table` as in `arguments`, `scopes` separated by spaces."""
    return Method(run, arguments(table), rate, tuple(scopes.split()), caller, reads_json)


def visible_channel(
    call: Call, family: str, *, by_name: bool = False, argument: str = "channel"
) -> Channel:
    """Return the channel of a call if the app may know of it.

    A private channel without the app and one that does not exist are the same to it.
    """
    name = call.args[argument]
    channel = call.state.channels.get(name) or (call.state.find_channel(name) if by_name else None)
    if channel is None or (channel.kind != "channel" and not call.state.is_member(channel)):
        raise SlackError("channel_not_found")
    if family:
        call.state.require_scope(f"{_FAMILY[channel.kind]}:{family}")
    return channel


def readable_channel(call: Call) -> Channel:
    """Return the channel of a call if the app may read its messages."""
    channel = visible_channel(call, "history")
    if not call.state.is_member(channel):
        raise SlackError("not_in_channel")
    return channel


def message_at(channel: Channel, ts: str) -> Message:
    """Return a message that can still be acted upon."""
    message = channel.messages.get(ts)
    if message is None or message.tombstone:
        raise SlackError("message_not_found")
    return message

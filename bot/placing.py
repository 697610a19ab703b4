"""Where a question is answered: a thread found or opened, and words for the asker alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from bot.analysis.redact import RedactionError, Redactor
from bot.slack.errors import MissingScopeError, NotInChannelError, SlackError, ThreadGoneError
from bot.slack.gateway import Gateway, Outgoing, Posted
from bot.slack.mrkdwn import escape
from bot.slack.reader import Reader, parse_permalink
from bot.slack.rendered import section

logger = logging.getLogger(__name__)

_NOT_YOURS = (
    "I cannot show you that thread: you are not a member of its channel, or I am not. "
    "Invite us both there, then ask again."
)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked, and where.

    `key` is what asked for it: a second request with it starts nothing. With `thread_ts` that
    thread is read and answered in; without, the channel's window is read, and the answer goes
    into the thread of `asked_ts` (a message that asked) or of a new root message.
    `response_url` answers the asker alone, even where the bot is no member.
    """

    key: str
    channel: str
    user: str
    team: str = ""
    question: str = ""
    thread_ts: str | None = None
    asked_ts: str | None = None
    response_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Window:
    """What a question without a thread reads: the newest `messages` of the last `hours`.

    `hours` is None where time does not bound it.
    """

    hours: float | None = 24
    messages: int = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answer goes, and whether that thread or the channel's window is read.

    `root` is the message that a command opened its thread with, and `opening` its text.
    """

    channel: str
    thread_ts: str
    reads_thread: bool
    linked: bool = False
    root: Posted | None = None
    opening: str = ""


class Refused(Exception):  # noqa: N818 - not an error: an answer, in words for the asker
    """The question cannot be taken up; the text says why and what to do."""


class Placing:
    """Finds or opens the thread of an answer."""

    def __init__(self, reader: Reader, gateway: Gateway, *, window: Window, bot_name: str) -> None:
        self._reader = reader
        self._gateway = gateway
        self._window = window
        self._bot_name = bot_name

    async def find(self, request: Request) -> Place:
        """Return where to answer; a command's root message is posted by this.

        Raises Refused where the asker may not read what they link to, and SlackError.
        """
        link = parse_permalink(request.question)
        if link is not None:
            if not await self._reader.may_read(request.user, link.channel):
                raise Refused(_NOT_YOURS)
            return Place(link.channel, link.root_ts, reads_thread=True, linked=True)
        if request.thread_ts:
            return Place(request.channel, request.thread_ts, reads_thread=True)
        if request.asked_ts:
            return Place(request.channel, request.asked_ts, reads_thread=False)
        opening = await self._opening(request)
        root = await self._gateway.post(
            Outgoing(request.channel, opening, (section(opening),)), key=f"root:{request.key}"
        )
        return Place(request.channel, root.ts, reads_thread=False, root=root, opening=opening)

    async def point_to(self, request: Request, place: Place) -> None:
        """Show the asker a link to the thread, where they asked."""
        link = await self._reader.permalink(place.channel, place.thread_ts)
        if link:
            text = f"The analysis is in <{link}|that thread>."
            await self.tell(request, text, frozenset({link}))

    async def headline(self, place: Place, summary: str) -> None:
        """Say the answer's first line in the channel too, where a command opened the thread."""
        if place.root is None:
            return
        text = f"{place.opening}\n{summary}"
        # In a block, so that Slack does not mark the message as edited.
        out = Outgoing(place.channel, text, (section(text),), origin=place.channel)
        try:
            await self._gateway.update(place.root, out, attempts=2)
        except SlackError as error:
            # The answer itself stands in the thread.
            logger.info("the opening message keeps its text: %s", type(error).__name__)

    async def tell(self, request: Request, text: str, links: frozenset[str] = frozenset()) -> None:
        """Say something to the asker alone; where Slack does not let us, it is only logged."""
        out = Outgoing(request.channel, text, thread_ts=request.thread_ts, links=links)
        try:
            if request.response_url:
                await self._gateway.respond(request.response_url, out)
            else:
                await self._gateway.ephemeral(out, user=request.user)
        except SlackError as error:
            logger.warning("the asker could not be told: %s", type(error).__name__)

    def sentence(self, error: SlackError) -> str:
        """Return what went wrong with Slack and what to do about it."""
        if isinstance(error, NotInChannelError):
            return (
                f"I am not a member of this channel. Invite me with `/invite @{self._bot_name}`, "
                "then ask again."
            )
        if isinstance(error, ThreadGoneError):
            return "That thread no longer exists: its first message was deleted."
        if isinstance(error, MissingScopeError):
            return f"{error}. An administrator has to add it and install the app again."
        return "Slack does not let me read or write here right now. Please ask again in a minute."

    async def _opening(self, request: Request) -> str:
        name = escape(await self._reader.name(request.user))
        hours = self._window.hours
        window = "this channel" if hours is None else f"the last {hours:g} h of this channel"
        question = _without_secrets(request.question)
        asked = f": {escape(question)}" if question else ""
        return f":mag: Root-cause analysis of {window}, asked by {name}{asked}"


def _without_secrets(question: str) -> str:
    # Only the asker saw what they typed after the command; the opening message is for all.
    try:
        return Redactor().redact(question)
    except RedactionError:
        return ""

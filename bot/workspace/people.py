"""What people do in the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.workspace.authorship import bot_author, person_author, typed_blocks
from bot.workspace.backend import Backend
from bot.workspace.blocks import checked_blocks
from bot.workspace.delivery import Answer, Payload
from bot.workspace.entities import Channel, Message, User, UserKind
from bot.workspace.gestures import Gestures, find_action
from bot.workspace.onlooker import Onlooker

Upload = tuple[str, bytes, str]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What the app answered to a gesture.

    `ack` is the payload of its acknowledgement, None where it was empty; `error` is what the
    person is told where there was none in time.
    """

    acked: bool
    ack: Any = None
    error: str = ""


class People(Onlooker):
    """Humans and other bots.

    Texts are in Slack's stored form: `<@U…>` for a mention, & < > as entities.
    """

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._gestures = Gestures(backend)

    def add_user(self, name: str, *, guest: bool = False, kind: UserKind = "member") -> str:
        """Let a person join the workspace; returns the user id."""
        return self._backend.state.new_user(name, "guest" if guest else kind).id

    def add_channel(
        self,
        name: str,
        *,
        private: bool = False,
        members: Sequence[str] = (),
        bot_member: bool = True,
        ext_shared: bool = False,
    ) -> str:
        """Create a channel; returns its id."""
        state = self._backend.state
        inside = [self._user(member).id for member in members]
        if bot_member:
            inside.insert(0, state.identity.bot_user_id)
        channel = Channel(
            state.new_id("C"),
            name.removeprefix("#"),
            "group" if private else "channel",
            members=inside,
            ext_shared=ext_shared,
        )
        return state.add_channel(channel).id

    def open_dm(self, user: str) -> str:
        """Return the id of the conversation between a person and the app."""
        return self._backend.state.direct_channel(self._user(user).id).id

    def invite(self, channel: str, user: str) -> None:
        """Make a person, or the app, a member of a channel."""
        found, member = self._channel(channel), self._user(user)
        if member.id not in found.members:
            found.members.append(member.id)
            self._backend.events.member_joined(found, member.id)

    async def say(
        self,
        user: str,
        channel: str,
        text: str,
        *,
        thread_ts: str | None = None,
        files: Sequence[Upload] = (),
    ) -> str:
        """Type a message; a person joins a public channel by that. Returns its ts."""
        author, found = self._user(user), self._channel(channel)
        self._enter(author, found)
        state = self._backend.state
        stored = [state.new_file(name, data, kind, author.id).id for name, data, kind in files]
        message = Message(
            state.new_ts(),
            text,
            author=person_author(state, author),
            thread_ts=self._thread(found, thread_ts),
            blocks=typed_blocks(text, state.new_id("b")),
            files=stored,
        )
        self._backend.board.add(found, message)
        return message.ts

    def make_stub(self, file_id: str) -> None:
        """Let a file look as one shared from elsewhere does: only files.info tells of it."""
        file = self._backend.state.files.get(file_id)
        if file is None:
            raise LookupError(f"no file {file_id!r}")
        file.stub = True

    async def say_as_bot(
        self,
        username: str,
        channel: str,
        *,
        text: str = "",
        blocks: list[dict[str, Any]] | None = None,
        attachments: list[dict[str, Any]] | None = None,
        thread_ts: str | None = None,
    ) -> str:
        """Post as another integration, such as an alert bot; returns the message's ts."""
        found, state = self._channel(channel), self._backend.state
        message = Message(
            state.new_ts(),
            text,
            author=bot_author(state, username),
            thread_ts=self._thread(found, thread_ts),
            blocks=checked_blocks(blocks),
            attachments=attachments or [],
        )
        self._backend.board.add(found, message)
        return message.ts

    async def command(self, user: str, channel: str, command: str, text: str = "") -> CommandResult:
        """Run a slash command; what the app acknowledges with is shown to that person."""
        person, found = self._user(user), self._channel(channel)
        body = self._gestures.command(person, found, command, text)
        answer = await self._backend.delivery.request(Payload("slash_commands", body))
        result = _result(answer)
        shown = result.ack
        if not result.acked:
            shown = {"text": f'{command} failed with the error "{result.error}"'}
        shown = {"text": shown} if isinstance(shown, str) else shown
        if isinstance(shown, dict) and any(shown.get(key) for key in ("text", "blocks")):
            self._backend.responses.reply(found, person.id, shown)
        return result

    async def shortcut(self, user: str, callback_id: str, channel: str, ts: str) -> CommandResult:
        """Pick a message shortcut from a message's menu."""
        found = self._channel(channel)
        message = self._message(found, ts)
        return await self._interact(
            self._gestures.shortcut(self._user(user), callback_id, found, message)
        )

    async def click(self, user: str, channel: str, ts: str, action_id: str) -> CommandResult:
        """Press a button of a message, one that only this person sees included."""
        person, found = self._user(user), self._channel(channel)
        shown = self._seen(person, found, ts)
        action = find_action(shown.get("blocks", []), action_id)
        return await self._interact(self._gestures.click(person, found, shown, action))

    async def click_view(self, user: str, view_id: str, action_id: str) -> CommandResult:
        """Press a button inside an open modal."""
        view = self._view(user, view_id)
        action = find_action(view["blocks"], action_id)
        return await self._interact(self._gestures.view_click(self._user(user), view, action))

    async def submit_view(
        self, user: str, view_id: str, state: dict[str, Any] | None = None
    ) -> CommandResult:
        """Submit a modal; `state` is its values, {block_id: {action_id: {…}}}."""
        person, view = self._user(user), self._view(user, view_id)
        result = await self._interact(self._gestures.submission(person, view, state or {}))
        if result.acked:
            self._backend.modals.answer_submission(person.id, view_id, result.ack)
        return result

    async def close_view(self, user: str, view_id: str) -> None:
        """Close a modal; the app hears of it where its view asked for that."""
        person, view = self._user(user), self._view(user, view_id)
        self._backend.modals.close(person.id)
        if view["notify_on_close"]:
            await self._interact(self._gestures.closing(person, view))

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Open the app's home, at its home or its messages tab."""
        self._backend.events.home_opened(self._user(user).id, tab)

    def edit_message(self, channel: str, ts: str, text: str) -> None:
        """Let the author of a message change its text."""
        found, state = self._channel(channel), self._backend.state
        message = self._message(found, ts)
        edited = {"user": str(message.author.get("user", "")), "ts": state.new_ts()}
        blocks = typed_blocks(text, state.new_id("b"))
        self._backend.board.change(found, message, text=text, blocks=blocks, edited=edited)

    def delete_message(self, channel: str, ts: str) -> None:
        """Let the author of a message delete it."""
        found = self._channel(channel)
        self._backend.board.remove(found, self._message(found, ts))

    async def _interact(self, body: dict[str, Any]) -> CommandResult:
        return _result(await self._backend.delivery.request(Payload("interactive", body)))

    def _thread(self, channel: Channel, thread_ts: str | None) -> str | None:
        if thread_ts is None:
            return None
        root = channel.root_of(thread_ts)
        if root is None:
            raise LookupError(f"no thread {thread_ts!r} in {channel.name}")
        return root.ts

    def _enter(self, user: User, channel: Channel) -> None:
        if user.id in channel.members:
            return
        if channel.kind != "channel" or user.kind == "single_channel_guest":
            raise LookupError(f"{user.name} is not in {channel.name}")
        self.invite(channel.id, user.id)


def _result(answer: Answer) -> CommandResult:
    if answer.acked:
        return CommandResult(acked=True, ack=answer.payload)
    late = answer.failure in ("timeout", "http_timeout")
    return CommandResult(acked=False, error="operation_timeout" if late else "dispatch_failed")

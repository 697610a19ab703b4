"""Incident folders as channels: each holds a thread.json with messages as Slack returns them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.workspace.entities import Channel, File, Message, micros
from bot.workspace.state import State

_AUTHOR_FIELDS = ("user", "bot_id", "username", "subtype", "app_id", "bot_profile", "icons")


class BrokenIncidentError(ValueError):
    """A folder that cannot become a channel; the message says why."""


def folders_in(path: Path) -> list[Path]:
    """Return the folders that hold a thread.json: those inside, or the one that was named."""
    if (path / "thread.json").is_file():
        return [path]
    return sorted(found.parent for found in path.glob("*/thread.json"))


def load_folder(state: State, folder: Path) -> Channel:
    """Make a channel of a folder, or raise BrokenIncidentError and leave the state as it was."""
    name = f"inc-{folder.name.lower()}"
    if state.find_channel(name) is not None:
        raise BrokenIncidentError(f"there is a channel {name} already")
    raw = _read(folder / "thread.json")
    channel = Channel(state.new_id("C"), name, members=[state.identity.bot_user_id])
    files: list[File] = []
    for place, entry in enumerate(raw):
        try:
            message = _message(entry)
            attached = [_file(folder, item, entry) for item in entry.get("files", [])]
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise BrokenIncidentError(f"message {place + 1}: {error!r}") from error
        if message.ts in channel.messages:
            raise BrokenIncidentError(f"message {place + 1}: ts {message.ts} occurs twice")
        message.files = [file.id for file in attached]
        channel.messages[message.ts] = message
        files += attached
    _settle(state, channel, files)
    return channel


def _read(path: Path) -> list[Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenIncidentError(f"thread.json cannot be read: {error}") from error
    if not isinstance(raw, list) or not raw:
        raise BrokenIncidentError("thread.json must be a list of messages, and not an empty one")
    return raw


def _message(entry: dict[str, Any]) -> Message:
    micros(entry["ts"])
    return Message(
        entry["ts"],
        str(entry.get("text", "")),
        author={key: entry[key] for key in _AUTHOR_FIELDS if key in entry},
        thread_ts=entry.get("thread_ts"),
        blocks=list(entry.get("blocks", [])),
        attachments=list(entry.get("attachments", [])),
        edited=entry.get("edited"),
    )


def _file(folder: Path, item: dict[str, Any], entry: dict[str, Any]) -> File:
    place = (folder / item["path"]).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise ValueError("a file lies outside of the folder")
    author = str(entry.get("user") or entry.get("bot_id", ""))
    mimetype = item.get("mimetype") or "application/octet-stream"
    created = micros(entry["ts"]) // 1_000_000
    return File(str(item["id"]), str(item["name"]), mimetype, place.read_bytes(), author, created)


def _settle(state: State, channel: Channel, files: list[File]) -> None:
    """Make the people and the bots known, and give file ids that are taken a new one."""
    channel.created = min(micros(ts) for ts in channel.messages) // 1_000_000
    for message in channel.messages.values():
        _introduce(state, channel, message.author)
    for file in files:
        _store(state, channel, file)
    state.add_channel(channel)


def _introduce(state: State, channel: Channel, author: dict[str, Any]) -> None:
    user, bot_id = author.get("user"), author.get("bot_id")
    if bot_id:
        state.known_bot(bot_id, author.get("username") or bot_id)
    if user:
        state.known_user(user, "" if bot_id else author.get("username", ""))
        if user not in channel.members:
            channel.members.append(user)


def _store(state: State, channel: Channel, file: File) -> None:
    if file.id in state.files:
        taken, file.id = file.id, state.new_id("F")
        for message in channel.messages.values():
            message.files = [file.id if key == taken else key for key in message.files]
    state.files[file.id] = file

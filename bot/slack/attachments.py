"""The files of a thread: downloaded a few at a time, and not without end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.incident import Attachment
from bot.slack.calls import Patience
from bot.slack.errors import SlackError
from bot.slack.files import Downloader
from bot.slack.messages import Raw, files_of, unread

_FILES_AT_ONCE = 4
_MOST_FILES = 40
_FILE_GAPS = 5


class Attachments:
    """Reads the files of many messages."""

    def __init__(self, client: AsyncWebClient, patience: Patience, files: Downloader) -> None:
        self._client = client
        self._patience = patience
        self._files = files

    async def of(self, raws: Sequence[Raw]) -> dict[str, list[Attachment]]:
        """Return the files of each message by its ts; of too many, the newest are read."""
        slots = asyncio.Semaphore(_FILES_AT_ONCE)
        left = _MOST_FILES
        wanted: dict[str, list[asyncio.Task[Attachment]]] = {}
        async with asyncio.TaskGroup() as group:
            for raw in reversed(raws):
                tasks = []
                for file in files_of(raw):
                    left -= 1
                    tasks.append(group.create_task(self._file(file, slots, skip=left < 0)))
                wanted[str(raw["ts"])] = tasks
        return {ts: [task.result() for task in tasks] for ts, tasks in wanted.items()}

    async def _file(self, file: Raw, slots: asyncio.Semaphore, *, skip: bool) -> Attachment:
        if skip:
            return unread(file, f"not read: only the newest {_MOST_FILES} files are")
        async with slots:
            return await self._files.read(await self._known_file(file))

    async def _known_file(self, file: Raw) -> Raw:
        """Ask for what a stub leaves out: that is how files of other workspaces come."""
        if file.get("file_access") != "check_file_info":
            return file
        try:
            answer = await self._patience.read(
                lambda: self._client.files_info(file=str(file.get("id")))
            )
        except SlackError:
            return file
        return answer.get("file") or file


def file_gaps(files: Sequence[Attachment]) -> list[str]:
    """Say in words which files were not read whole, and why."""
    noted = [f"{file.name}: {file.note}" for file in files if file.note]
    more = len(noted) - _FILE_GAPS
    return noted[:_FILE_GAPS] + ([f"{more} more files were not read whole"] if more > 0 else [])

"""Files beside messages: downloaded with the token to Slack's hosts only, bounded, as text."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace

import aiohttp
from yarl import URL

from bot.analysis.textual import NotTextError, as_text, encoding_of
from bot.incident import Attachment
from bot.slack.messages import Raw, unread

_HOSTS = ("slack.com", "slack-files.com")
_NEVER_TEXT = re.compile(
    r"(?:image|video|audio|font)/|application/(?:zip|gzip|x-tar|pdf|x-7z|vnd\.(?!.*json))"
)
_SIGN_IN_PAGE = re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE)
_HEAD_SHARE = 0.7
_KEY_MARK = re.compile(rb"-----(BEGIN|END) [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_LONGEST_KEY = 16_000
_STREAMED_AT_MOST = 64_000_000
_REDIRECTS = 3
_UNREADABLE_MODES = {
    "tombstone": "the file was deleted",
    "hidden_by_limit": "Slack hides it: the workspace is over its plan's limit",
    "external": "it is kept outside of Slack",
}


class UnreadableFileError(Exception):
    """A file's text could not be had; the error's text says why, in words for a reader."""


@dataclass(slots=True)
class HeadAndTail:
    """The first 70 % and the last 30 % of `limit` bytes of a stream, in bounded memory."""

    limit: int
    total: int = 0
    _head: bytearray = field(default_factory=bytearray)
    _tail: bytearray = field(default_factory=bytearray)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.total += len(chunk)
        room = int(self.limit * _HEAD_SHARE) - len(self._head)
        self._head += chunk[: max(0, room)]
        self._tail += chunk[max(0, room) :]
        # Twice what is kept: cutting at every chunk would move the bytes each time.
        if len(self._tail) > 2 * self._tail_limit:
            del self._tail[: -self._tail_limit]

    @property
    def _tail_limit(self) -> int:
        return self.limit - int(self.limit * _HEAD_SHARE)

    @property
    def shortened(self) -> bool:
        """Whether bytes in the middle are gone."""
        return self.total > self.limit

    def parts(self) -> tuple[bytes, bytes]:
        """Return head and tail, cut at line ends where something is missing between them."""
        if not self.shortened:
            return bytes(self._head + self._tail), b""
        head, tail = bytes(self._head), bytes(self._tail[-self._tail_limit :])
        end, start = head.rfind(b"\n"), tail.find(b"\n")
        return head[: end + 1] if end >= 0 else head, _outside_of_a_key(tail[start + 1 :])


def _outside_of_a_key(tail: bytes) -> bytes:
    """Drop the rest of a private key that began in what is gone: nothing would tell it as one."""
    found = _KEY_MARK.search(tail, 0, _LONGEST_KEY)
    return tail[found.end() :] if found and found.group(1) == b"END" else tail


def decoded(head: bytes, tail: bytes = b"") -> str:
    """Return bytes as text. Raises UnreadableFileError for what is not text."""
    try:
        encoding = encoding_of(head)
    except NotTextError as error:
        raise UnreadableFileError("it is not text") from error
    text = as_text(head, encoding)
    if tail:
        text = f"{text.rstrip()}\n[… shortened …]\n{as_text(tail, encoding)}"
    return text


def shortened_note(kept: HeadAndTail) -> str:
    """Return what a reader must know of a file that was cut; empty for a whole one."""
    if not kept.shortened:
        return ""
    head, tail = kept.limit * _HEAD_SHARE, kept.limit * (1 - _HEAD_SHARE)
    return (
        f"shortened: the first {_size(head)} and the last {_size(tail)} "
        f"of {_size(kept.total)} were read"
    )


class Downloader:
    """Reads files of one workspace.

    The token goes to *.slack.com and slack-files.com over https, and to the API's own address
    where that is another server; a redirect to anywhere else is not followed.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        token: str,
        api_url: str,
        file_bytes: int,
        timeout: float = 30.0,
    ) -> None:
        self._session = session
        self._token = token
        self._api = URL(api_url)
        self._file_bytes = file_bytes
        self._timeout = timeout

    async def read(self, file: Raw) -> Attachment:
        """Return a file with its text, or with a note that says why there is none."""
        try:
            return await self._read(file)
        except UnreadableFileError as error:
            return unread(file, str(error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return unread(file, f"the download failed ({type(error).__name__})")

    async def _read(self, file: Raw) -> Attachment:
        known = unread(file)
        if note := _UNREADABLE_MODES.get(str(file.get("mode"))):
            raise UnreadableFileError(note)
        if _NEVER_TEXT.match(known.mimetype):
            raise UnreadableFileError(f"it is not text ({known.mimetype})")
        async with asyncio.timeout(self._timeout):
            kept = await self._download(_address(file), wants_html="html" in known.mimetype)
        return replace(
            known,
            text=decoded(*kept.parts()),
            size=known.size or kept.total,
            note=shortened_note(kept),
        )

    async def _download(self, url: URL, *, wants_html: bool) -> HeadAndTail:
        for _ in range(_REDIRECTS):
            if not self._may_have_token(url):
                raise UnreadableFileError("it is not kept on Slack's servers")
            headers = {"Authorization": f"Bearer {self._token}"}
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                if response.status not in (301, 302, 303, 307, 308):
                    return await self._body(response, wants_html=wants_html)
                url = url.join(URL(response.headers.get("Location", "")))
        raise UnreadableFileError("its address redirects too often")

    async def _body(self, response: aiohttp.ClientResponse, *, wants_html: bool) -> HeadAndTail:
        if response.status != 200:
            raise UnreadableFileError(f"Slack answered HTTP {response.status}")
        kept = HeadAndTail(self._file_bytes)
        sign_in = response.content_type == "text/html" and not wants_html
        async for chunk in response.content.iter_any():
            if kept.total == 0 and not wants_html:
                sign_in = sign_in or bool(_SIGN_IN_PAGE.match(chunk))
            if sign_in:
                raise UnreadableFileError("Slack asked to sign in: the bot needs files:read")
            kept.feed(chunk)
            if kept.total >= _STREAMED_AT_MOST:
                break
        return kept

    def _may_have_token(self, url: URL) -> bool:
        host = (url.host or "").lower()
        ours = any(host == known or host.endswith(f".{known}") for known in _HOSTS)
        if ours:
            return url.scheme == "https"
        return url.origin() == self._api.origin() if url.absolute else False


def _address(file: Raw) -> URL:
    address = str(file.get("url_private_download") or file.get("url_private") or "")
    try:
        url = URL(address)
    except ValueError:
        url = URL()
    if not url.absolute:
        raise UnreadableFileError("Slack gave no address for it")
    return url


def _size(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"

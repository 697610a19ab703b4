"""Networks as companies have them: proxies, private authorities, connections that go stale."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from providers.errors import ConfigurationError, ConnectionLostError, UnreachableError
from providers.network import tls_context

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")


class Tunnel:
    """A proxy on loopback: `CONNECT` opens a way through, whatever the name that was asked for."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.asked: list[str] = []
        self.url = ""
        self._pumps: set[asyncio.Task[None]] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b"\r\n")[0].decode())
        upstream_reader, upstream_writer = await asyncio.open_connection(*self.target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, upstream_writer), _pump(upstream_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for 127.0.0.1 and model.internal that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("authority")
    command = [
        str(OPENSSL),
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-keyout", "key.pem", "-out", "ca.pem", "-subj", "/CN=model.internal"),
        *("-addext", "subjectAltName=IP:127.0.0.1,DNS:model.internal"),
        *("-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,digitalSignature,keyCertSign"),
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=30)
    return folder


@pytest.fixture
async def front(server: Any, authority: Path) -> AsyncIterator[str]:
    """Put TLS with a private certificate before the model server; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "ca.pem", authority / "key.pem")
    behind = server.url.removeprefix("http://").split(":")

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection(*behind)
        await asyncio.gather(_pump(reader, upstream_writer), _pump(upstream_reader, writer))

    async with await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context) as listener:
        yield f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"


@needs_openssl
async def test_a_private_authority_is_trusted_once_it_is_named(
    wire: Any,
    server: Any,
    front: str,
    make: Any,
    messages: Any,
    authority: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    with pytest.raises(UnreachableError):
        await make(base_url=front).generate(messages)
    assert server.chats == []
    monkeypatch.setenv("RCA_CA_BUNDLE", str(authority / "ca.pem"))
    assert (await make(base_url=front).generate(messages)).content == "Hello"


def test_all_who_trust_the_same_share_it(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    trusted = tls_context()
    assert trusted is tls_context()
    assert (trusted.verify_mode, trusted.check_hostname) == (ssl.CERT_REQUIRED, True)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert trusted is not tls_context()


@needs_openssl
def test_a_bundle_that_was_written_anew_is_read_anew(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("no certificate")
    os.utime(bundle, (1, 1))
    monkeypatch.setenv("RCA_CA_BUNDLE", "ca.pem")
    with pytest.raises(ConfigurationError):
        tls_context()
    shutil.copyfile(authority / "ca.pem", bundle)
    os.utime(bundle, (2, 2))
    before = tls_context()
    assert names_model_internal(before)
    assert before is tls_context()
    os.utime(bundle, (3, 3))
    assert before is not tls_context()


def names_model_internal(trusted: ssl.SSLContext) -> bool:
    return any("model.internal" in str(known["subject"]) for known in trusted.get_ca_certs())


async def test_a_bundle_that_is_none_is_a_matter_of_configuration(
    server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "missing.pem"):
        monkeypatch.setenv("RCA_CA_BUNDLE", str(tmp_path / name))
        with pytest.raises(ConfigurationError, match="RCA_CA_BUNDLE"):
            await make().generate(messages)
    assert server.requests == []


@needs_openssl
async def test_a_proxy_is_asked_for_a_tunnel_unless_the_host_is_excepted(
    wire: Any,
    server: Any,
    front: str,
    make: Any,
    messages: Any,
    authority: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RCA_CA_BUNDLE", str(authority / "ca.pem"))
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    port = int(front.rpartition(":")[2])
    tunnel = Tunnel(("127.0.0.1", port))
    async with await asyncio.start_server(tunnel.handle, "127.0.0.1", 0) as proxy:
        address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        monkeypatch.setenv("HTTPS_PROXY", address)
        provider = make(base_url="https://model.internal")
        assert (await provider.generate(messages)).content == "Hello"
        await provider.close()
        assert tunnel.asked == ["CONNECT model.internal:443 HTTP/1.1"]
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        direct = make(base_url=front)
        assert (await direct.generate(messages)).content == "Hello"
        await direct.close()
        assert len(tunnel.asked) == 1
        monkeypatch.setenv("NO_PROXY", "model.internal")
        with pytest.raises(UnreachableError):
            await make(base_url="https://model.internal").generate(messages)
        assert len(tunnel.asked) == 1


async def test_a_proxy_that_is_not_there(
    make: Any, messages: Any, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{unused_tcp_port}")
    with pytest.raises(UnreachableError) as caught:
        await make(base_url="https://model.internal").generate(messages)
    assert "secret" not in str(caught.value)


async def test_a_connection_serves_one_answer_after_the_other(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    provider = make()
    for _ in range(3):
        await provider.generate(messages)
    assert len({request.peer for request in server.chats}) == 1


async def test_a_connection_that_the_server_left_is_replaced_at_once(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    """The caller sees one answer, although its request was lost on the way."""
    provider = make()
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    server.resets()
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await provider.generate(messages)
    assert (await provider.generate(messages)).content == "Hello"
    peers = [request.peer for request in server.chats]
    assert len(peers) == 3
    assert peers[0] == peers[1] != peers[2]


async def test_a_stale_connection_is_replaced_only_once(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    provider = make()
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    server.resets()
    await provider.generate(messages)
    with pytest.raises(ConnectionLostError):
        await provider.generate(messages)
    assert len(server.chats) == 3

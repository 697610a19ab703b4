"""A third party grades our retries, waits and truncated answers: llmock, on the wires it speaks."""

from __future__ import annotations

import contextlib
import itertools
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from providers import BaseLLMProvider, LLMMessage, LLMProviderFactory, LLMProviderManager
from providers.errors import AllProvidersFailedError, ProviderError

LLMOCK = Path(__file__).parents[2] / ".venv-llmock" / "bin" / "llmock"
WIRES = {
    "openai": "/v1",
    "anthropic": "/anthropic",
    "cohere": "/cohere",
    "vertex": "/gemini/v1beta",
    "vllm": "",
    "lmstudio": "",
    "huggingface": "/v1",
    "groq": "/groq/openai/v1",
    "mistral": "/mistral/v1",
    "together": "/together/v1",
    "xai": "/xai/v1",
}
OWN_NAMES = ("groq", "mistral", "together", "xai")
prompts = itertools.count(1)

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(not LLMOCK.exists(), reason="no llmock in .venv-llmock"),
]


def failing(status: int, wait: float | None = None) -> dict[str, Any]:
    return {"type": "fail", "status": status, "retry_after": wait}


def breaking(kind: str, chunks: int, **more: float) -> dict[str, Any]:
    return {"type": "stream_fault", "kind": kind, "after_chunks": chunks, **more}


OK = "ok"
REPLY = {"type": "reply", "text": "A certificate of the shop ran out this very morning."}
ALONE = [
    ([], OK),
    ([failing(429, 0.2)], OK),
    ([failing(503, 0.2)], OK),
    ([failing(500)], OK),
    ([failing(529, 0.2)], OK),
    ([{"type": "slow_first_token", "seconds": 0.1}], OK),
    ([breaking("truncate", 0)], OK),
    ([breaking("disconnect", 0)], OK),
    ([failing(400)], "invalid_request"),
    ([failing(401)], "authentication"),
    ([failing(403)], "authentication"),
    ([failing(404)], "model_not_found"),
    ([REPLY, breaking("stall", 5, stall_seconds=30)], "content_gap_timeout"),
]
WITH_A_SECOND = [breaking("truncate", 5), breaking("disconnect", 5)]


class Referee:
    """Llmock as a process; it is told what to break and asked what it thinks."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def _call(self, method: str, path: str, **arguments: Any) -> Any:
        async with (
            aiohttp.ClientSession(self.address) as session,
            session.request(method, f"/_llmock/{path}", **arguments) as response,
        ):
            assert response.status < 300
            return await response.json()

    async def reset(self) -> None:
        await self._call("POST", "reset")

    async def breaks(self, *behaviors: dict[str, Any]) -> None:
        if behaviors:
            await self._call("POST", "scenario", json={"behaviors": behaviors})

    async def verdict(self) -> dict[str, Any]:
        return await self._call("GET", "verdict")


def until_serving(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("llmock did not start")


@pytest.fixture(scope="module")
def referee() -> Iterator[Referee]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [LLMOCK, "serve", "--port", str(port), "--log-level", "error"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until_serving(port, process)
            yield Referee(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


@pytest.fixture(params=WIRES)
def create(
    request: Any, referee: Referee, clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], BaseLLMProvider]:
    name, address = request.param, referee.address + WIRES[request.param]
    if name in OWN_NAMES:
        monkeypatch.setenv(f"RCA_COMPATIBLE_{name.upper()}_BASE_URL", address)

    def build() -> BaseLLMProvider:
        return LLMProviderFactory.create(name, model="m-1", base_url=address, api_key="key-1")

    return build


async def ask(*providers: BaseLLMProvider) -> str:
    """Ask something new, since the referee takes the same words for a repeat."""
    manager = LLMProviderManager(
        providers=providers, first_content_timeout=5.0, content_gap_timeout=0.3
    )
    prompt = [LLMMessage("user", f"What broke? Count {next(prompts)} words for me, please.")]
    try:
        response = await manager.generate(prompt)
    except AllProvidersFailedError as error:
        return error.attempts[-1].outcome
    except ProviderError as error:
        return error.kind
    finally:
        await manager.close()
    assert response.content
    return OK


async def test_a_manager_of_one_is_given_a_clean_verdict(
    create: Callable[[], BaseLLMProvider], referee: Referee
) -> None:
    await referee.reset()
    outcomes = []
    for behaviors, _ in ALONE:
        await referee.breaks(*behaviors)
        outcomes.append(await ask(create()))
    assert outcomes == [expected for _, expected in ALONE]
    verdict = await referee.verdict()
    assert (verdict["findings"], verdict["calls"]) == ([], len(ALONE))
    assert verdict["faults_injected"] == len(ALONE) - 2


async def test_an_answer_that_breaks_in_the_middle_is_begun_anew_elsewhere(
    create: Callable[[], BaseLLMProvider], referee: Referee
) -> None:
    await referee.reset()
    for behavior in WITH_A_SECOND:
        await referee.breaks(REPLY, REPLY, behavior)
        assert await ask(create(), create()) == OK
    verdict = await referee.verdict()
    assert (verdict["findings"], verdict["calls"]) == ([], len(WITH_A_SECOND))
    assert verdict["attempts"] == 2 * len(WITH_A_SECOND)

"""A small scripted model server that speaks a provider's real wire, for trying things out.

It is no model: it words the first hypothesis of the prompt, cites what that rests on, and says so
in the name it goes by. It is started only where it was asked for.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any

from aiohttp import web

from bot.workspace.guards import local, same_origin

MODEL = "practice script, not a model"
"""Its name on the wire and in every footer: nobody should take it for a real one."""

PROVIDERS = ("vllm", "lmstudio")
"""Both wires are OpenAI's; two of them, so that one can be taken away."""

_WORD_SECONDS = 0.04
_SLOW_SECONDS = 0.6
_BREAKS_AFTER = 40


class Mode(StrEnum):
    """What a practice provider does when it is asked."""

    OK = "ok"
    STOPPED = "stopped"
    SLOW = "slow"
    BREAKS = "breaks"


class _CutError(Exception):
    """The provider went away in the middle of its answer."""


class Practice:
    """Two providers at `/practice/<name>/v1/…`, and their modes at `/control/practice`."""

    def __init__(self, *, word_seconds: float = _WORD_SECONDS) -> None:
        self._modes = dict.fromkeys(PROVIDERS, Mode.OK)
        self._word_seconds = word_seconds

    def mount(self, app: web.Application) -> None:
        """Add the routes; call it before those of the workspace, whose /control/ takes the rest."""
        app.router.add_get("/practice/{provider}/health", local(self._health))
        app.router.add_get("/practice/{provider}/v1/models", local(self._models))
        app.router.add_post("/practice/{provider}/v1/chat/completions", local(self._complete))
        app.router.add_get("/control/practice", same_origin(self._state))
        app.router.add_post("/control/practice", same_origin(self._change))

    def set_mode(self, provider: str, mode: Mode) -> None:
        """Change what a provider does. Raises KeyError for one that does not exist."""
        if provider not in self._modes:
            raise KeyError(provider)
        self._modes[provider] = mode

    async def _state(self, _request: web.Request) -> web.Response:
        providers = [{"name": name, "mode": mode} for name, mode in self._modes.items()]
        return web.json_response({"running": True, "providers": providers})

    async def _change(self, request: web.Request) -> web.Response:
        try:
            wanted = await request.json()
            self.set_mode(wanted["provider"], Mode(wanted["mode"]))
        except (ValueError, KeyError, TypeError):
            modes = ", ".join(Mode)
            reason = f"say which of {', '.join(PROVIDERS)} as provider, and one of {modes} as mode"
            return web.json_response({"ok": False, "error": reason}, status=400)
        return await self._state(request)

    async def _health(self, request: web.Request) -> web.Response:
        return self._refusal(request) or web.Response()

    async def _models(self, request: web.Request) -> web.Response:
        listed = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
        return self._refusal(request) or web.json_response(listed)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        provider = request.match_info["provider"]
        prompt = (await request.json())["messages"][-1]["content"]
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        # The reader pressed Stop, or took the answer from elsewhere.
        with suppress(ConnectionResetError):
            try:
                async for chunk in self._chunks(prompt, provider):
                    await response.write(chunk)
            except _CutError:
                if request.transport is not None:
                    request.transport.abort()
        return response

    def _refusal(self, request: web.Request) -> web.Response | None:
        mode = self._modes.get(request.match_info["provider"])
        if mode is None:
            raise web.HTTPNotFound
        if mode is not Mode.STOPPED:
            return None
        error = {"message": "stopped for practice", "type": "overloaded_error", "code": 503}
        return web.json_response({"error": error}, status=503)

    async def _chunks(self, prompt: str, provider: str) -> AsyncIterator[bytes]:
        words = re.findall(r"\S+\s*", answer_to(prompt))
        for number, word in enumerate(words):
            # Looked up for every word: who pulls a cable expects it to matter at once.
            mode = self._modes[provider]
            if mode is Mode.STOPPED or (mode is Mode.BREAKS and number >= _BREAKS_AFTER):
                raise _CutError
            await asyncio.sleep(_SLOW_SECONDS if mode is Mode.SLOW else self._word_seconds)
            yield _event({"content": word})
        # Words for tokens: nothing here has a tokenizer.
        usage = {"prompt_tokens": len(prompt.split()), "completion_tokens": len(words)}
        yield _event({}, "stop", usage=usage)
        yield b"data: [DONE]\n\n"


def _event(delta: Mapping[str, str], finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "practice", "model": MODEL, "choices": [choice], **more}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def answer_to(prompt: str) -> str:
    """Word an answer from what the prompt holds; it knows nothing else."""
    lines = list(_objects(prompt))
    hypotheses = [line for line in lines if "hypothesis" in line]
    evidence = [line for line in lines if "id" in line]
    if not hypotheses or not evidence:
        return "Verdict: unclear\nConfidence: insufficient evidence\n\n" + _missing()
    if "<earlier-answer-" in prompt:
        return _reply(prompt, evidence, first=hypotheses[0])
    first, *others = hypotheses
    seen = "\n".join(f"- {_short(item['text'])} [{item['id']}]" for item in evidence[:4])
    other = "\n".join(f"- {_worded(line)}" for line in others[:3])
    return (
        "Verdict: cause\nConfidence: plausible\n\n"
        f"## Likely cause\n{_worded(first)}\n\n## What is going on\n{seen}\n\n"
        f"## Other hypotheses\n{other}\n\n## Next checks\n"
        "- Compare the time of the first symptom with the last change\n\n" + _missing()
    )


def _reply(prompt: str, evidence: list[dict[str, Any]], *, first: Mapping[str, Any]) -> str:
    """Word a short answer: the evidence that uses most of the question's words."""
    asked = set(re.findall(r"\w{4,40}", _question(prompt).lower()))
    ranked = sorted(evidence, key=lambda line: -sum(w in line["text"].lower() for w in asked))
    seen = "\n".join(f"- {_short(item['text'])} [{item['id']}]" for item in ranked[:2])
    return (
        f"Verdict: cause\nConfidence: plausible\n\n## Likely cause\n{_worded(first)}\n\n"
        f"## Answer\n{seen}\n\n{_missing()}"
    )


def _question(prompt: str) -> str:
    lines = prompt.splitlines()
    opening = next(n for n, line in enumerate(lines) if line.startswith("<question-"))
    return str(json.loads(lines[opening + 1]))


def _objects(prompt: str) -> Iterator[dict[str, Any]]:
    for line in prompt.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _worded(line: Mapping[str, Any]) -> str:
    return f"{_short(line['hypothesis'])} [{', '.join(line['evidence'])}]"


def _short(text: str, most: int = 160) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else words[:most].rsplit(" ", 1)[0] + " …"


def _missing() -> str:
    return "## Missing\n- A real model: this text was put together by a script, for practice\n"

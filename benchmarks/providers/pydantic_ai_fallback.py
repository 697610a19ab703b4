"""pydantic-ai's FallbackModel over two OpenAI models, asked directly, without an agent."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

BEGAN = time.perf_counter()

from measure import QUESTION, Contestant, run  # noqa: E402
from openai import AsyncOpenAI  # noqa: E402 - timed
from pydantic_ai.direct import model_request, model_request_stream  # noqa: E402
from pydantic_ai.messages import (  # noqa: E402
    ModelRequest,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.models.fallback import FallbackModel  # noqa: E402
from pydantic_ai.models.openai import OpenAIChatModel  # noqa: E402
from pydantic_ai.providers.openai import OpenAIProvider  # noqa: E402


async def prepare(url: str) -> Contestant:
    def model(path: str) -> OpenAIChatModel:
        client = AsyncOpenAI(base_url=f"{url}/{path}/v1", api_key="k", max_retries=0)
        return OpenAIChatModel("m", provider=OpenAIProvider(openai_client=client))

    good = {words: model(f"words-{words}") for words in (5, 20, 1_020)}
    chains = {words: FallbackModel(good[words], good[5]) for words in good}
    broken = FallbackModel(model("dead"), good[5])
    question = [ModelRequest.user_text_prompt(QUESTION)]

    async def ask(words: int) -> str:
        answer = await model_request(chains[words], question)
        return "".join(part.content for part in answer.parts if isinstance(part, TextPart))

    async def told(chain: FallbackModel) -> AsyncIterator[str]:
        async with model_request_stream(chain, question) as events:
            async for event in events:
                if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                    yield event.part.content
                elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                    yield event.delta.content_delta

    return Contestant(ask, lambda words: told(chains[words]), lambda: told(broken))


run(BEGAN, prepare)

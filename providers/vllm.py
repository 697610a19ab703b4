"""vLLM: an OpenAI-compatible server on the user's own machines."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from providers.openai_compatible import OpenAICompatibleProvider
from providers.settings import ProviderSettings, settings_config
from providers.wire import server_url


class VLLMSettings(ProviderSettings):
    """The `VLLM_*` variables; without a model the server's first one is asked."""

    model_config = settings_config("VLLM_")

    base_url: str = Field("http://localhost:8000", description="Address of the vLLM server")
    top_k: int | None = Field(None, ge=-1, description="Sample from so many tokens; -1 is all")
    min_p: float | None = Field(
        None, ge=0, le=1, description="Least probability of a token, as a part of the likeliest"
    )
    repetition_penalty: float | None = Field(
        None, gt=0, description="Above 1: less of what was said before"
    )


class VLLMProvider(OpenAICompatibleProvider):
    """A model behind vLLM, or behind any server that speaks the same wire."""

    name = "vllm"
    local = True
    settings_class = VLLMSettings
    probe_description = "GET /health, GET /v1/models"

    def _own_parameters(self) -> dict[str, Any]:
        assert isinstance(self.settings, VLLMSettings)
        return self.settings.model_dump(include={"top_k", "min_p", "repetition_penalty"})

    async def _probe(self) -> tuple[str, ...]:
        # The list alone may still come from a server whose engine is dead.
        await self._get(f"{server_url(self.base_url)}/health", self.probe_timeout)
        return await super()._probe()

"""vLLM: an OpenAI-compatible server on the user's own machines."""

from __future__ import annotations

from pydantic import Field

from providers.openai_compatible import OpenAICompatibleProvider
from providers.settings import ProviderSettings, settings_config
from providers.wire import server_url


class VLLMSettings(ProviderSettings):
    """The `VLLM_*` variables; without a model the server's first one is asked."""

    model_config = settings_config("VLLM_")

    base_url: str = Field("http://localhost:8000", description="Address of the vLLM server")


class VLLMProvider(OpenAICompatibleProvider):
    """A model behind vLLM, or behind any server that speaks the same wire."""

    name = "vllm"
    local = True
    settings_class = VLLMSettings
    probe_description = "GET /health, GET /v1/models"

    async def _probe(self) -> tuple[str, ...]:
        # The list alone may still come from a server whose engine is dead.
        await self._get(f"{server_url(self.base_url)}/health", self.probe_timeout)
        return await super()._probe()

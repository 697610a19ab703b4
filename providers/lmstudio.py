"""LM Studio: an OpenAI-compatible server on someone's desk."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from providers.openai_compatible import OpenAICompatibleProvider
from providers.settings import ProviderSettings, settings_config


class LMStudioSettings(ProviderSettings):
    """The `LMSTUDIO_*` variables; without a model the server's first one is asked."""

    model_config = settings_config("LMSTUDIO_")

    base_url: str = Field("http://localhost:1234", description="Address of LM Studio's server")
    ttl: int | None = Field(
        None, gt=0, description="Seconds unused after which a model loaded for us is unloaded"
    )
    repeat_penalty: float | None = Field(
        None, gt=0, description="Above 1: less of what was said before"
    )


class LMStudioProvider(OpenAICompatibleProvider):
    """A model behind LM Studio; its first answer may wait for the model to load."""

    name = "lmstudio"
    local = True
    loads_on_demand = True
    settings_class = LMStudioSettings

    def _own_parameters(self) -> dict[str, Any]:
        assert isinstance(self.settings, LMStudioSettings)
        return self.settings.model_dump(include={"ttl", "repeat_penalty"})

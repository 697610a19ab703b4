"""LM Studio: an OpenAI-compatible server on someone's desk."""

from __future__ import annotations

from pydantic import Field

from providers.openai_compatible import OpenAICompatibleProvider
from providers.settings import ProviderSettings, settings_config


class LMStudioSettings(ProviderSettings):
    """The `LMSTUDIO_*` variables; without a model the server's first one is asked."""

    model_config = settings_config("LMSTUDIO_")

    base_url: str = Field("http://localhost:1234", description="Address of LM Studio's server")


class LMStudioProvider(OpenAICompatibleProvider):
    """A model behind LM Studio; its first answer may wait for the model to load."""

    name = "lmstudio"
    local = True
    settings_class = LMStudioSettings

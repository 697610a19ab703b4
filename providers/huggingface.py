"""Hugging Face: its router to many inference vendors, or an inference endpoint of one's own."""

from __future__ import annotations

from pydantic import AliasChoices, Field, SecretStr

from providers.openai_compatible import OpenAICompatibleProvider
from providers.settings import ProviderSettings, settings_config


class HuggingFaceSettings(ProviderSettings):
    """The `HUGGINGFACE_*` variables."""

    model_config = settings_config("HUGGINGFACE_")

    model: str | None = Field(
        "openai/gpt-oss-120b", description="Model to ask, as org/name or org/name:vendor"
    )
    base_url: str = Field(
        "https://router.huggingface.co/v1", description="Address of the router or an endpoint"
    )
    api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("HUGGINGFACE_API_KEY", "HF_TOKEN"),
        description="Token; HF_TOKEN is read too; never logged",
    )


class HuggingFaceProvider(OpenAICompatibleProvider):
    """A model behind Hugging Face; one that has gone cold answers 503 until it is loaded."""

    name = "huggingface"
    cloud = "huggingface"
    settings_class = HuggingFaceSettings

    def _lists(self, models: tuple[str, ...]) -> bool:
        # "org/name:vendor" says who is to serve the model; the list has the model alone.
        return super()._lists(models) or self.model.partition(":")[0] in models

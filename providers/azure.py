"""Azure: OpenAI's models and the others that Azure AI serves, by OpenAI's official SDK."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr

from providers.errors import ConfigurationError
from providers.openai import OpenAIProvider
from providers.settings import ProviderSettings, load_settings, settings_config
from providers.wire import is_address

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# What follows the resource's own address, as the portal and other clients write it.
_API_PATH = re.compile(r"(?<![/:])/(?:openai(?:[/?].*)?|models(?:[/?].*)?|v1)?/*$")


class AzureSettings(ProviderSettings):
    """The `AZURE_OPENAI_*` variables."""

    model_config = settings_config("AZURE_OPENAI_")

    model: str | None = Field(
        None, description="Model, or the name of a deployment where that is not set"
    )
    deployment: str | None = Field(None, description="Name of the deployment of that model")
    base_url: str = Field(
        "",
        validation_alias=AliasChoices("AZURE_OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT"),
        description="Address of the resource or gateway; AZURE_OPENAI_ENDPOINT is read too",
    )
    ad_token: SecretStr | None = Field(
        None, description="Entra token, used without a key; read anew for each request"
    )
    api_version: str | None = Field(
        None, description="Version of the classic API, such as 2024-10-21; unset: the v1 API"
    )


class AzureProvider(OpenAIProvider):
    """A deployment of an Azure resource, or a model behind a gateway to one.

    A model that is given as an argument is the deployment's name.
    """

    name = "azure"
    cloud = "azure"
    settings_class = AzureSettings
    probe_description = "GET /models"

    def __init__(self, *, model: str | None = None, **arguments: Any) -> None:
        super().__init__(model=model, **arguments)
        self._deployment = model or self._azure.deployment or self.model
        self.model = self.model or self._deployment

    @classmethod
    def configured(cls) -> bool:
        settings = load_settings(AzureSettings)
        named = settings.model or settings.deployment
        return bool((settings.api_key or settings.ad_token) and settings.base_url and named)

    @property
    def _azure(self) -> AzureSettings:
        assert isinstance(self.settings, AzureSettings)
        return self.settings

    @property
    def _served_model(self) -> str:
        return self._deployment

    def _check_settings(self) -> None:
        if not self.base_url:
            raise ConfigurationError("AZURE_OPENAI_ENDPOINT is not set")
        if not self.model:
            # Not asked for: Azure lists what could be deployed, not what is.
            raise ConfigurationError("AZURE_OPENAI_DEPLOYMENT is not set")
        if not is_address(self.base_url):
            raise ConfigurationError("AZURE_OPENAI_BASE_URL is malformed")
        if self.key or not self._azure.ad_token:
            super()._check_settings()

    def _build_client(self, http_client: Any) -> AsyncOpenAI:
        version = self._azure.api_version
        if version:
            return self._classic_client(version, http_client)
        return self._v1_client(http_client)

    def _classic_client(self, version: str, http_client: Any) -> AsyncOpenAI:
        from openai import AsyncAzureOpenAI

        return AsyncAzureOpenAI(
            azure_endpoint=_API_PATH.sub("", self.base_url.strip()),
            api_version=version,
            api_key=self.key or None,
            azure_ad_token_provider=None if self.key else self._token,
            max_retries=0,
            http_client=http_client,
        )

    def _v1_client(self, http_client: Any) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        address = _v1_address(self.base_url)
        if not self.key:
            return AsyncOpenAI(
                base_url=address, api_key=self._token, max_retries=0, http_client=http_client
            )
        # Azure takes a key in either header; gateways often look at this one alone.
        headers = {"api-key": self.key}
        return AsyncOpenAI(
            base_url=address,
            api_key=self.key,
            default_headers=headers,
            max_retries=0,
            http_client=http_client,
        )

    async def _token(self) -> str:
        # It lives for an hour or so: whoever renews it writes it to the environment file.
        token = load_settings(AzureSettings).ad_token
        if token is None:
            raise ConfigurationError("AZURE_OPENAI_AD_TOKEN is not set")
        return token.get_secret_value().strip()

    def _lists(self, models: tuple[str, ...]) -> bool:  # noqa: ARG002
        # A deployment's name is the customer's own, and never in the list of models.
        return True

    def _listing_detail(self, models: tuple[str, ...], *, missing: bool) -> str:
        if models and self.model not in models:
            return "key and address are good; the deployment's name cannot be checked"
        return super()._listing_detail(models, missing=missing)


def _v1_address(base_url: str) -> str:
    resource = _API_PATH.sub("", base_url.strip())
    # A model that is served without a resource has an address, and a shorter path, of its own.
    alone = (urlsplit(resource).hostname or "").endswith(".models.ai.azure.com")
    return f"{resource}/v1" if alone else f"{resource}/openai/v1"

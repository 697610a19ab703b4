"""What all providers' settings have in common; each adapter has its own class and prefix."""

from __future__ import annotations

from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from providers.errors import ConfigurationError

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


def settings_config(prefix: str) -> SettingsConfigDict:
    """Return the configuration of a settings class: its prefix, `.env`, no secrets in errors."""
    return SettingsConfigDict(
        env_prefix=prefix,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )


class ProviderSettings(BaseSettings):
    """A provider's variables, such as `OPENAI_MODEL`; constructor arguments go before them."""

    model: str | None = Field(None, description="Model to ask")
    base_url: str = Field(..., description="Address of the server or gateway, with or without /v1")
    api_key: SecretStr | None = Field(None, description="Key; never logged")
    max_tokens: int = Field(
        4096, gt=0, description="Longest answer in tokens; thinking comes on top"
    )
    temperature: float | None = Field(
        None, ge=0, le=2, description="Sampling temperature, for models that take one"
    )
    reasoning_effort: Effort | None = Field(
        None, description="none to max, for models that take one"
    )


AnySettings = TypeVar("AnySettings", bound=ProviderSettings)


def load_settings(settings_class: type[AnySettings]) -> AnySettings:
    """Read a provider's variables. Raises ConfigurationError that names every malformed one."""
    try:
        return settings_class()
    except ValidationError as error:
        prefix = settings_class.model_config.get("env_prefix", "")
        names = {f"{prefix}{part['loc'][0]}".upper() for part in error.errors() if part["loc"]}
        raise ConfigurationError(f"malformed: {', '.join(sorted(names))}") from None

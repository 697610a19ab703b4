"""Any OpenAI-compatible server by a name of the user's: `RCA_COMPATIBLE_<NAME>_BASE_URL`."""

from __future__ import annotations

import functools
import re

from pydantic import Field

from providers.openai_compatible import OpenAICompatibleProvider
from providers.settings import ProviderSettings, load_settings, settings_config

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


class CompatibleSettings(ProviderSettings):
    """The variables of a server that has no adapter of its own; `<NAME>` in capitals."""

    model_config = settings_config("RCA_COMPATIBLE_<NAME>_")

    base_url: str = Field("", description="Address of the server; makes its name a provider")


class CompatibleProvider(OpenAICompatibleProvider):
    """A model behind such a server. A key is sent where there is one."""

    key_optional = True
    settings_class = CompatibleSettings

    @classmethod
    def configured(cls) -> bool:
        return bool(load_settings(cls.settings_class).base_url)


def provider_named(name: str) -> type[CompatibleProvider] | None:
    """Return the provider of that name where the environment has its address, else None.

    Raises ConfigurationError for its malformed variables.
    """
    if not _NAME.fullmatch(name):
        return None
    provider = _class_for(name)
    return provider if provider.configured() else None


@functools.cache
def _class_for(name: str) -> type[CompatibleProvider]:
    settings = type(
        "NamedSettings", (CompatibleSettings,), {"model_config": settings_config(_prefix(name))}
    )
    return type("NamedProvider", (CompatibleProvider,), {"name": name, "settings_class": settings})


def _prefix(name: str) -> str:
    return f"RCA_COMPATIBLE_{name.upper().replace('-', '_')}_"

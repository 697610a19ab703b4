"""The network as a company has it: whose certificates are trusted, besides the system's."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings

from providers.errors import ConfigurationError
from providers.settings import settings_config

READ_OUT_SECONDS = 0.05
"""How long a whole answer's connection is read on, so that it can be kept."""


class NetworkSettings(BaseSettings):
    """What holds for every provider. Proxies are named by `HTTPS_PROXY` and `NO_PROXY`."""

    model_config = settings_config("RCA_")

    ca_bundle: Path | None = Field(
        None,
        validation_alias=AliasChoices("RCA_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
        description="PEM file of a private certificate authority, trusted besides the system's",
    )


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for an address, or None.

    Asked once a session: aiohttp would read the environment and `.netrc` for every request, each
    time in a thread, which costs more than the request itself.
    """
    parts = urlsplit(url)
    if parts.hostname is None or proxy_bypass(parts.hostname):
        return None
    return getproxies().get(parts.scheme)


def tls_context() -> ssl.SSLContext:
    """Return what is trusted. Reads files: call it in a thread.

    Raises ConfigurationError where the bundle cannot be read.
    """
    context = ssl.create_default_context()
    bundle = NetworkSettings().ca_bundle
    if bundle is not None:
        try:
            context.load_verify_locations(bundle)
        except OSError as error:
            raise ConfigurationError("RCA_CA_BUNDLE is no readable PEM file") from error
    return context

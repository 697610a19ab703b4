"""The network as a company has it: whose certificates are trusted, besides the system's."""

from __future__ import annotations

import ssl
from functools import lru_cache
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
    """Return what is trusted, one for all who trust the same. Reads files: call it in a thread.

    Raises ConfigurationError where the bundle cannot be read.
    """
    bundle = NetworkSettings().ca_bundle
    try:
        written = bundle.stat().st_mtime_ns if bundle else 0
        return _trusting(bundle and bundle.resolve(), written, ssl.get_default_verify_paths())
    except OSError as error:
        raise ConfigurationError("RCA_CA_BUNDLE is no readable PEM file") from error


# Reading the system's certificates costs more than a request does, and a chain of ten providers
# needs them ten times. A bundle that was written anew is another one.
@lru_cache(maxsize=4)
def _trusting(
    bundle: Path | None,
    written: int,  # noqa: ARG001 - tells one version of the bundle from the next
    system: ssl.DefaultVerifyPaths,  # noqa: ARG001 - the environment may name other ones
) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if bundle is not None:
        context.load_verify_locations(bundle)
    return context

"""What goes down together: a cloud, a machine, a family of models.

failure                                     speaks against    so the next one is
unreachable, overloaded, server_error,      the machines      in another cloud
connection_lost, first_content_timeout,
content_gap_timeout, too_slow,
stream_interrupted, malformed_response
authentication, quota, rate_limited         the account       in another cloud
model_not_found, empty_response,            the model         of another family
context_overflow
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from providers.base import BaseLLMProvider
from providers.wire import is_address

_OF_THE_CLOUD = frozenset(
    {
        "unreachable",
        "overloaded",
        "server_error",
        "connection_lost",
        "first_content_timeout",
        "content_gap_timeout",
        "too_slow",
        "stream_interrupted",
        "malformed_response",
        "authentication",
        "quota",
        "rate_limited",
    }
)
_OF_THE_MODEL = frozenset({"model_not_found", "empty_response", "context_overflow"})

_FAMILY = re.compile(
    r"(?:^|[./:])(claude|gpt-oss|gpt|chatgpt|o\d|gemini|gemma|command|nova|llama|meta-llama|"
    r"mistral|mistralai|mixtral|ministral|magistral|qwen|qwq|deepseek|phi|smollm)(?![a-z])",
    re.IGNORECASE,
)
_ALIASES = {
    "chatgpt": "gpt",
    "meta-llama": "llama",
    "qwq": "qwen",
    "mistralai": "mistral",
    "mixtral": "mistral",
    "ministral": "mistral",
    "magistral": "mistral",
}

_CLOUD_BY_SUFFIX = {
    ".anthropic.com": "anthropic",
    ".openai.com": "openai",
    ".amazonaws.com": "aws",
    ".amazonaws.com.cn": "aws",
    ".api.aws": "aws",
    ".azure.com": "azure",
    ".azure.us": "azure",
    ".azure.cn": "azure",
    ".googleapis.com": "google",
    ".cohere.com": "cohere",
    ".cohere.ai": "cohere",
    ".huggingface.co": "huggingface",
}
_USUAL_PORTS = {"http": 80, "https": 443}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Domain:
    """`cloud` is whose machines answer, a host and port for one's own; "" is not known.

    `family` is that of the model. `address` is the host of one's own server or gateway: two ports
    there fail one by one, but all with their machine.
    """

    cloud: str
    family: str
    address: str = ""


def domain_of(provider: BaseLLMProvider) -> Domain:
    """Return what a provider goes down with; one behind a gateway goes down with that."""
    host, server = _server(getattr(provider, "base_url", "") or "")
    family = family_of(provider.model)
    # The address goes before the name: any client may be pointed at another vendor's machines.
    cloud = _cloud_at(host) if host else provider.cloud
    return Domain(cloud, family) if cloud else Domain(server, family, host)


def family_of(model: str) -> str:
    """Return the family of a model id, with or without a vendor's or region's prefix, or ""."""
    found = _FAMILY.search(model)
    if found is None:
        return ""
    name = found[1].lower()
    return "gpt" if re.fullmatch(r"o\d", name) else _ALIASES.get(name, name)


def spread(pending: Sequence[tuple[str, Domain]], failed: Domain, kind: str) -> list[str]:
    """Return all names, those that likely fail the same way behind the others; else unmoved."""
    return [name for name, _ in sorted(pending, key=lambda one: _shares(one[1], failed, kind))]


def warnings(chain: Sequence[tuple[str, Domain]]) -> list[str]:
    """Return what an operator should know of a chain whose providers go down together."""
    if len(chain) < 2:
        return []
    if cloud := _only([domain.cloud for _, domain in chain]):
        return [f"every provider of the chain is in {cloud}: an outage there takes all of them"]
    if machine := _only([_machine(domain.address) for _, domain in chain]):
        return [f"every provider of the chain is on {machine}: they all go down with it"]
    return []


def _shares(one: Domain, failed: Domain, kind: str) -> bool:
    if kind in _OF_THE_CLOUD:
        return bool(failed.cloud) and one.cloud == failed.cloud
    if kind in _OF_THE_MODEL:
        return bool(failed.family) and one.family == failed.family
    return False


def _only(names: Sequence[str]) -> str:
    """Return the one name that all have, "" where they differ."""
    return names[0] if len(set(names)) == 1 else ""


def _machine(host: str) -> str:
    return "this machine" if host in _LOOPBACK else host


def _cloud_at(host: str) -> str:
    """Return the cloud that a host belongs to, "" where it is a gateway or one's own."""
    return next(
        (cloud for suffix, cloud in _CLOUD_BY_SUFFIX.items() if f".{host}".endswith(suffix)), ""
    )


def _server(base_url: str) -> tuple[str, str]:
    """Return a server's host, and the host with its port where that is not the usual one.

    Built anew: an address may have credentials in it, and what is built here is shown.
    """
    if not is_address(base_url):
        return "", ""
    parts = urlsplit(base_url.strip())
    host = parts.hostname or ""
    written = f"[{host}]" if ":" in host else host
    usual = parts.port in (None, _USUAL_PORTS[parts.scheme])
    return host, written if usual else f"{written}:{parts.port}"

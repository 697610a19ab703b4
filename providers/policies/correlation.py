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
    r"mistral|mixtral|ministral|magistral|qwen|qwq|deepseek|phi|smollm)",
    re.IGNORECASE,
)
_ALIASES = {"chatgpt": "gpt", "meta-llama": "llama", "qwq": "qwen"}


@dataclass(frozen=True, slots=True)
class Domain:
    """`cloud` is whose machines answer, a host and port for one's own; "" is not known."""

    cloud: str
    family: str


def domain_of(provider: BaseLLMProvider) -> Domain:
    """Return what a provider goes down with; one behind a gateway goes down with that."""
    return Domain(_cloud(provider), family_of(provider.model))


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
    clouds = {domain.cloud for _, domain in chain}
    cloud = next(iter(clouds), "")
    if len(chain) < 2 or len(clouds) > 1 or not cloud:
        return []
    return [f"every provider of the chain is in {cloud}: an outage there takes all of them"]


def _shares(one: Domain, failed: Domain, kind: str) -> bool:
    if kind in _OF_THE_CLOUD:
        return bool(failed.cloud) and one.cloud == failed.cloud
    if kind in _OF_THE_MODEL:
        return bool(failed.family) and one.family == failed.family
    return False


def _cloud(provider: BaseLLMProvider) -> str:
    host = urlsplit(getattr(provider, "base_url", "") or "").netloc
    if not provider.cloud:
        return host
    # A vendor's own address keeps the vendor's name; any other is a gateway.
    return provider.cloud if not host or _is_vendors(host) else host


def _is_vendors(host: str) -> bool:
    return host.endswith(
        (
            "openai.com",
            "anthropic.com",
            "amazonaws.com",
            "api.aws",
            "azure.com",
            "googleapis.com",
            "cohere.com",
            "cohere.ai",
            "huggingface.co",
        )
    )

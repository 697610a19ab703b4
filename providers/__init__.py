"""Language models behind one interface, with automatic fallback; usable on its own.

Importing this package loads no adapter and no vendor's SDK: those come with their first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from providers.base import (
    Attempt,
    BaseLLMProvider,
    LLMMessage,
    LLMProvider,
    LLMProviderFactory,
    LLMResponse,
    ProviderHealth,
    RequestScope,
    Usage,
)
from providers.errors import AllProvidersFailedError, ProviderError

if TYPE_CHECKING:
    from providers.anthropic import AnthropicProvider
    from providers.azure import AzureProvider
    from providers.bedrock import BedrockProvider
    from providers.cohere import CohereProvider
    from providers.huggingface import HuggingFaceProvider
    from providers.lmstudio import LMStudioProvider
    from providers.manager import LLMProviderManager
    from providers.ollama import OllamaProvider
    from providers.openai import OpenAIProvider
    from providers.vertex import VertexProvider
    from providers.vllm import VLLMProvider

_LAZY = {
    "AnthropicProvider": "providers.anthropic",
    "AzureProvider": "providers.azure",
    "BedrockProvider": "providers.bedrock",
    "CohereProvider": "providers.cohere",
    "HuggingFaceProvider": "providers.huggingface",
    "LLMProviderManager": "providers.manager",
    "LMStudioProvider": "providers.lmstudio",
    "OllamaProvider": "providers.ollama",
    "OpenAIProvider": "providers.openai",
    "VLLMProvider": "providers.vllm",
    "VertexProvider": "providers.vertex",
}

__all__ = [
    "AllProvidersFailedError",
    "AnthropicProvider",
    "Attempt",
    "AzureProvider",
    "BaseLLMProvider",
    "BedrockProvider",
    "CohereProvider",
    "HuggingFaceProvider",
    "LLMMessage",
    "LLMProvider",
    "LLMProviderFactory",
    "LLMProviderManager",
    "LLMResponse",
    "LMStudioProvider",
    "OllamaProvider",
    "OpenAIProvider",
    "ProviderError",
    "ProviderHealth",
    "RequestScope",
    "Usage",
    "VLLMProvider",
    "VertexProvider",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)

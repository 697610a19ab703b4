"""AWS Bedrock by Converse, over HTTP: boto3 finds credentials and region, and signs."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from pydantic import AliasChoices, Field, SecretStr

from providers import aws, pricing, transport
from providers.adapter import Request
from providers.base import LLMMessage, StreamEvent
from providers.chat_completions import wait_for_usage
from providers.converse import (
    STOP_REASONS,
    aws_signal,
    converse_body,
    read_event,
)
from providers.errors import (
    AuthenticationError,
    ConfigurationError,
    MalformedResponseError,
    ProviderError,
)
from providers.eventstream import EventStreamFrames
from providers.framing import json_objects
from providers.http_adapter import HttpProvider
from providers.settings import ProviderSettings, load_settings, settings_config
from providers.signals import Signal
from providers.wire import is_address, server_url

# Counting is a model's own: it does not know the profiles that spread a model over regions.
_GEOGRAPHY = re.compile(r"^(global|apac|[a-z]{2}(-gov)?)\.")
_COUNTING = re.compile(r"\bcount", re.IGNORECASE)


class BedrockSettings(ProviderSettings):
    """The `BEDROCK_*` variables; AWS's own variables are read where those are not set."""

    model_config = settings_config("BEDROCK_")

    model: str | None = Field(
        "global.anthropic.claude-sonnet-5", description="Model or inference profile to ask"
    )
    base_url: str = Field(
        "",
        validation_alias=AliasChoices("BEDROCK_BASE_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
        description="Address of a gateway; unset: that of the region",
    )
    api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("BEDROCK_API_KEY", "AWS_BEARER_TOKEN_BEDROCK"),
        description="Bedrock's API key, or AWS_BEARER_TOKEN_BEDROCK; read for every request",
    )
    region: str | None = Field(
        None,
        validation_alias=AliasChoices("BEDROCK_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"),
        description="Region; unset: AWS_REGION, AWS_DEFAULT_REGION, then the profile's",
    )
    profile: str | None = Field(
        None,
        validation_alias=AliasChoices("BEDROCK_PROFILE", "AWS_PROFILE"),
        description="Profile in AWS's files; unset: AWS_PROFILE",
    )
    access_key_id: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("BEDROCK_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
        description="Access key, or AWS_ACCESS_KEY_ID; unset: wherever AWS's library finds one",
    )
    secret_access_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("BEDROCK_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"),
        description="Its secret, or AWS_SECRET_ACCESS_KEY",
    )
    session_token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("BEDROCK_SESSION_TOKEN", "AWS_SESSION_TOKEN"),
        description="Its session token, or AWS_SESSION_TOKEN",
    )


class BedrockProvider(HttpProvider):
    """A model of any vendor on Bedrock; every request is authorised anew."""

    name = "bedrock"
    cloud = "aws"
    settings_class = BedrockSettings
    stop_reasons = STOP_REASONS
    sends_effort = True
    stream_types = ("application/vnd.amazon.eventstream",)
    request_id_header = "x-amzn-requestid"
    probe_description = "POST /model/{model}/count-tokens"

    def __init__(
        self, *, api_key: str | None = None, region: str | None = None, **arguments: Any
    ) -> None:
        super().__init__(api_key=api_key, **arguments)
        assert isinstance(self.settings, BedrockSettings)
        self.region = region or self.settings.region or ""
        self._given_key = api_key or ""
        self._signer = aws.Signer()
        self._model_was_checked = True

    @classmethod
    def configured(cls) -> bool:
        settings = load_settings(BedrockSettings)
        return any((settings.api_key, settings.region, settings.profile, settings.access_key_id))

    async def _open(self) -> None:
        await super()._open()
        await asyncio.to_thread(pricing.prepare)
        if self.region or (self.base_url and self.key):
            return
        assert isinstance(self.settings, BedrockSettings)
        self.region = await asyncio.to_thread(aws.configured_region, self.settings.profile)
        if not self.region:
            raise ConfigurationError("BEDROCK_REGION is not set")

    async def _events(self, request: Request) -> AsyncGenerator[StreamEvent, None]:
        answer = request.answer
        optional = self._optional(request)
        body = converse_body(request.messages, optional)
        url = self._url(self.model, "converse-stream")
        async with self._posted(url, body, request, tuple(optional)) as response:
            read = transport.reader(response, answer)
            async with aclosing(json_objects(read, EventStreamFrames())) as events:
                async for event in events:
                    for piece in read_event(event, answer):
                        yield piece
                    if answer.complete:
                        break
                await wait_for_usage(events, answer, read_event)
        yield answer.finished()

    def _optional(self, request: Request) -> dict[str, Any]:
        wanted = {
            "maxTokens": self._capabilities().token_limit(self.max_tokens),
            "temperature": self._temperature,
            "effort": self._effort,
        }
        return {
            name: value
            for name, value in wanted.items()
            if value is not None and name not in request.without
        }

    async def _listed_models(self, seconds: float) -> tuple[str, ...]:
        """Let the model count the tokens of a word, which costs nothing."""
        body = {"input": {"converse": converse_body([LLMMessage("user", "ping")], {})}}
        model = _GEOGRAPHY.sub("", self.model)
        signal = await self._refusal(self._url(model, "count-tokens"), body, seconds)
        self._model_was_checked = signal is None
        if signal is not None and not _says_nothing(signal, is_profile=model != self.model):
            raise self._failure(signal)
        return (self.model,)

    async def _refusal(self, url: str, body: dict[str, Any], seconds: float) -> Signal | None:
        encoded = json.dumps(body).encode()
        headers = await self._authorization("POST", url, encoded)
        response, told = await transport.fetch(
            self._client, "POST", url, encoded, headers=headers, seconds=seconds
        )
        if response.status != 200:
            return self._signal(response.status, told, response.headers)
        if not isinstance(told, Mapping) or "inputTokens" not in told:
            raise MalformedResponseError("no count of tokens")
        return None

    def _listing_detail(self, models: tuple[str, ...], *, missing: bool) -> str:
        if self._model_was_checked:
            return super()._listing_detail(models, missing=missing)
        return "address and credentials are accepted; the model cannot be checked"

    async def _authorization(self, method: str, url: str, body: bytes) -> Mapping[str, str]:
        return await asyncio.to_thread(self._authorized, method, url, body)

    def _authorized(self, method: str, url: str, body: bytes) -> Mapping[str, str]:
        # Read anew: tokens and keys rotate while the bot runs.
        settings = load_settings(BedrockSettings)
        if key := self._given_key or _plain(settings.api_key):
            if not (key.isascii() and key.isprintable()):
                raise ConfigurationError("BEDROCK_API_KEY is malformed")
            return {"Authorization": f"Bearer {key}"}
        if not self.region:
            raise ConfigurationError("BEDROCK_REGION is not set")
        return self._signer.signed_headers(
            method,
            url,
            body,
            region=self.region,
            profile=settings.profile,
            keys=_keys(settings),
        )

    def _signal(self, status: int, body: Any, headers: Mapping[str, str]) -> Signal:
        return aws_signal(status, body, headers)

    def _sign(self, error: ProviderError) -> None:
        super()._sign(error)
        if isinstance(error, AuthenticationError):
            self._signer.forget()

    def _check_settings(self) -> None:
        if not (self.key.isascii() and self.key.isprintable()):
            raise ConfigurationError("BEDROCK_API_KEY is malformed")
        if self.base_url and not is_address(self.base_url):
            raise ConfigurationError("BEDROCK_BASE_URL is malformed")

    @property
    def _address(self) -> str:
        return self.base_url or aws.runtime_url(self.region)

    def _url(self, model: str, action: str) -> str:
        return f"{server_url(self._address)}/model/{quote(model, safe='')}/{action}"


def _says_nothing(signal: Signal, *, is_profile: bool) -> bool:
    """Say whether a refusal to count leaves open whether the model answers.

    Some models cannot count, some roles may not let them, and the model behind a profile need not
    be served in this region itself.
    """
    unknown_here = is_profile and signal.status in (400, 404)
    return unknown_here or (signal.status in (400, 403) and bool(_COUNTING.search(signal.message)))


def _keys(settings: BedrockSettings) -> aws.GivenKeys | None:
    access, secret = _plain(settings.access_key_id), _plain(settings.secret_access_key)
    if not (access and secret):
        return None
    return aws.GivenKeys(access, secret, _plain(settings.session_token))


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value().strip() if secret else ""

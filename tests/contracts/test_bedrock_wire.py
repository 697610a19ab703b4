"""What is peculiar to Bedrock: frames, signatures, credentials that rotate, model ids."""

from __future__ import annotations

import asyncio
import importlib
import threading
from pathlib import Path
from typing import Any

import pytest

from providers import BedrockProvider
from providers.errors import (
    AuthenticationError,
    ConfigurationError,
    ContentPolicyError,
    MalformedResponseError,
    OverloadedError,
    ProviderError,
    RateLimitedError,
    ServerError,
    StreamInterruptedError,
)


def selects(wire: Any) -> bool:
    return wire.provider == "bedrock"


def hello(wire: Any) -> list[bytes]:
    return [*wire.opening(), wire.text("Hello"), *wire.closing()]


@pytest.fixture
def no_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keep AWS's library to one credentials file and away from the network."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    credentials = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    return credentials


def write_keys(path: Path, key: str) -> None:
    path.write_text(
        f"[default]\naws_access_key_id = {key}\naws_secret_access_key = secret\n"
        f"aws_session_token = token-{key}\n"
    )


def signature_of(request: Any, url: str, key: str, token: str | None = None) -> str:
    """Sign the request that arrived as AWS's library does; return the header it should have."""
    auth, requests = map(importlib.import_module, ("botocore.auth", "botocore.awsrequest"))
    credentials = importlib.import_module("botocore.credentials").Credentials(key, "secret", token)

    class AtThatTime(auth.SigV4Auth):  # type: ignore[name-defined,misc]
        def _modify_request_before_signing(self, signed: Any) -> None:
            super()._modify_request_before_signing(signed)
            del signed.headers["X-Amz-Date"]
            signed.headers["X-Amz-Date"] = request.headers["X-Amz-Date"]
            signed.context["timestamp"] = request.headers["X-Amz-Date"]

    signed = requests.AWSRequest(
        method="POST", url=url, data=request.raw, headers={"Content-Type": "application/json"}
    )
    signed.context["timestamp"] = request.headers["X-Amz-Date"]
    AtThatTime(credentials, "bedrock", "eu-west-1").add_auth(signed)
    return str(signed.headers["Authorization"])


async def test_a_request_is_signed_as_aws_would_verify_it(
    wire: Any, server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server.answers(*hello(wire))
    await make(api_key=None).generate(messages)
    (request,) = server.chats
    url = f"{server.url}/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream"
    assert request.headers["Authorization"] == signature_of(request, url, "AKIDEXAMPLE")
    assert "/eu-west-1/bedrock/aws4_request" in request.headers["Authorization"]


async def test_the_id_of_a_model_is_encoded_whole(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"
    server.answers(*hello(wire))
    await make(model=arn).generate(messages)
    quoted = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc"
    assert server.chats[0].raw_path == f"/model/{quoted}/converse-stream"


async def test_keys_in_a_file_are_read_for_every_request(
    wire: Any,
    server: Any,
    make: Any,
    messages: Any,
    no_machine: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BEDROCK_REGION", "eu-west-1")
    server.answers(*hello(wire))
    provider = make(api_key=None)
    for key in ("AKIDFIRST", "AKIDSECOND"):
        write_keys(no_machine, key)
        await provider.generate(messages)
    for request, key in zip(server.chats, ("AKIDFIRST", "AKIDSECOND"), strict=True):
        assert f"Credential={key}/" in request.headers["Authorization"]
        assert request.headers["X-Amz-Security-Token"] == f"token-{key}"


async def test_a_token_is_read_for_every_request(
    wire: Any, server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers(*hello(wire))
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "token-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    provider = make(api_key=None)
    await provider.generate(messages)
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "token-2")
    await provider.generate(messages)
    sent = [request.headers["Authorization"] for request in server.chats]
    assert sent == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_that_is_taken_away_or_broken_is_a_matter_of_configuration(
    wire: Any,
    server: Any,
    make: Any,
    messages: Any,
    no_machine: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.answers(*hello(wire))
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "token-1")
    provider = make(api_key=None)
    await provider.generate(messages)
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "…")
    with pytest.raises(ConfigurationError, match="malformed"):
        await provider.generate(messages)
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    with pytest.raises(ConfigurationError, match="BEDROCK_REGION is not set"):
        await provider.generate(messages)
    assert len(server.chats) == 1


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({}, "BEDROCK_REGION is not set"),
        ({"AWS_REGION": "us-east-1"}, "no AWS credentials were found"),
        ({"AWS_PROFILE": "nobody"}, "the AWS profile does not exist"),
        (
            {"AWS_REGION": "us-east-1", "AWS_PROFILE": "nobody"},
            "the AWS profile does not exist",
        ),
    ],
)
async def test_what_is_missing_is_said(
    make: Any,
    server: Any,
    messages: Any,
    no_machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    complaint: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=complaint):
        await make(api_key=None).generate(messages)
    assert server.requests == []


async def test_the_region_of_the_profile_is_used(
    make: Any,
    server: Any,
    wire: Any,
    messages: Any,
    no_machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "config").write_text("[profile work]\nregion = ap-northeast-1\n")
    (tmp_path / "credentials").write_text(
        "[work]\naws_access_key_id = A\naws_secret_access_key = S\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "work")
    server.answers(*hello(wire))
    await make(api_key=None).generate(messages)
    assert "/ap-northeast-1/bedrock/" in server.chats[0].headers["Authorization"]


async def test_credentials_that_renew_themselves_are_kept_until_they_are_refused(
    make: Any,
    server: Any,
    wire: Any,
    messages: Any,
    no_machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A process of the company's hands out keys; it counts how often it was asked."""
    script = tmp_path / "keys.sh"
    script.write_text(
        f'echo x >> {tmp_path}/asked\necho \'{{"Version": 1, "AccessKeyId": "AKIDP", '
        '"SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2099-01-01T00:00:00Z"}\'\n'
    )
    (tmp_path / "config").write_text(f"[default]\ncredential_process = sh {script}\n")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    server.answers(*hello(wire))
    server.answers(*hello(wire))
    server.fails(403, {"__type": "ExpiredTokenException", "message": "secret text"})
    server.answers(*hello(wire))
    provider = make(api_key=None)
    await provider.generate(messages)
    await provider.generate(messages)
    asked = tmp_path / "asked"
    assert asked.read_text().count("x") == 1
    with pytest.raises(AuthenticationError):
        await provider.generate(messages)
    await provider.generate(messages)
    assert asked.read_text().count("x") == 2


async def test_credentials_that_cannot_be_had_now_are_no_matter_of_configuration(
    make: Any,
    messages: Any,
    no_machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "config").write_text("[default]\ncredential_process = false\n")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(AuthenticationError):
        await make(api_key=None).generate(messages)


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        ("throttlingException", RateLimitedError),
        ("serviceUnavailableException", OverloadedError),
        ("internalServerException", ServerError),
        ("modelStreamErrorException", ServerError),
        ("modelTimeoutException", ServerError),
        ("validationException", ProviderError),
        ("somethingNewException", ServerError),
    ],
)
async def test_each_exception_inside_the_stream(
    wire: Any,
    server: Any,
    make: Any,
    messages: Any,
    exception: str,
    expected: type[ProviderError],
) -> None:
    server.answers(*wire.opening(), wire.text("Hel"), wire.exception(exception))
    with pytest.raises(expected) as caught:
        await make().generate(messages)
    assert "secret" not in str(caught.value)


async def test_the_name_of_an_error_may_be_in_a_header(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    name = "ModelNotReadyException:http://internal.amazon.com/coral/com.amazon.bedrock/"
    server.fails(429, {"message": "secret text"}, x_amzn_ErrorType=name)
    with pytest.raises(OverloadedError):
        await make().generate(messages)


async def test_an_error_that_is_no_exception_is_an_error(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    error = wire.frame(
        b"", message_type="error", error_code="InternalError", error_message="secret text"
    )
    server.answers(*wire.opening(), error)
    with pytest.raises(ServerError) as caught:
        await make().generate(messages)
    assert "secret" not in str(caught.value)


async def test_odd_events_are_passed_over(wire: Any, server: Any, make: Any, messages: Any) -> None:
    server.answers(
        wire.event("somethingNew", {"text": "no"}),
        wire.frame(b"[1]", message_type="event", event_type="contentBlockDelta"),
        wire.event("contentBlockDelta", {"delta": None}),
        wire.event("contentBlockDelta", {"delta": {"reasoningContent": {"signature": "s"}}}),
        wire.event("contentBlockDelta", {"delta": {"reasoningContent": {"text": ""}}}),
        wire.event("metadata", {"usage": None}),
        wire.text("Hello"),
        *wire.closing(),
    )
    response = await make().generate(messages)
    assert (response.content, response.usage.total_tokens) == ("Hello", 18)


async def test_half_a_frame_at_the_end_is_no_answer(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), wire.terminal()[:-3])
    with pytest.raises(StreamInterruptedError, match="half a frame"):
        await make().generate(messages)


async def test_a_frame_with_a_wrong_checksum_is_no_answer(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    damaged = bytearray(wire.text("Hello"))
    damaged[-8] ^= 1
    server.answers(*wire.opening(), bytes(damaged), *wire.closing())
    with pytest.raises(MalformedResponseError, match="checksum"):
        await make().generate(messages)


async def test_usage_comes_after_the_end_and_is_waited_for(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    *most, metadata = hello(wire)
    server.answers(*most, 0.1, metadata)
    assert (await make().generate(messages)).usage.total_tokens == 18


@pytest.mark.parametrize("after", [(), ("HANG",)])
async def test_usage_that_never_comes_costs_no_answer(
    wire: Any, server: Any, make: Any, messages: Any, after: tuple[str, ...]
) -> None:
    server.answers(*hello(wire)[:-1], *(getattr(server, step) for step in after))
    async with asyncio.timeout(5):
        assert (await make().generate(messages)).content == "Hello"


async def test_a_guardrail_is_a_refusal(wire: Any, server: Any, make: Any, messages: Any) -> None:
    server.answers(*wire.opening(), wire.text("Sorry"), *wire.closing("content_filtered"))
    with pytest.raises(ContentPolicyError):
        await make().generate(messages)


async def test_a_claude_of_today_is_sent_no_temperature_but_an_effort(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*hello(wire))
    model = "global.anthropic.claude-sonnet-5"
    await make(model=model, temperature=0.7, reasoning_effort="low").generate(messages)
    body = server.chats[0].body
    assert body["inferenceConfig"] == {"maxTokens": 4096}
    assert body["outputConfig"] == {"effort": "low"}
    assert body["system"] == [{"text": "Be brief."}]


@pytest.mark.parametrize(
    ("model", "status", "message", "ok"),
    [
        ("global.anthropic.claude-sonnet-5", 400, "The model identifier is invalid.", True),
        ("us.amazon.nova-2-lite-v1:0", 400, "The model doesn't support counting tokens", True),
        ("amazon.nova-pro-v1:0", 400, "The model doesn't support counting tokens", True),
        ("amazon.nova-pro-v1:0", 403, "not authorized to perform: bedrock:CountTokens", True),
        ("amazon.nova-pro-v1:0", 403, "Your account has no access to this model", False),
        ("amazon.nova-pro-v1:0", 400, "The provided model identifier is invalid.", False),
        ("amazon.nova-pro-v1:0", 403, "The security token is invalid", False),
    ],
)
async def test_health_says_what_it_could_not_check(
    server: Any, make: Any, model: str, status: int, message: str, ok: bool
) -> None:
    at_home = model.removeprefix("global.").removeprefix("us.")
    server.routes = {f"/model/{at_home}/count-tokens": (status, {"message": message})}
    health = await make(model=model).health_check()
    assert health.ok is ok
    assert ("cannot be checked" in health.detail) is ok


async def test_a_probe_that_is_answered_by_a_stranger(server: Any, make: Any, wire: Any) -> None:
    server.routes = {f"/model/{wire.model}/count-tokens": {"hello": "world"}}
    health = await make().health_check()
    assert not health.ok
    assert "unreadable" in health.detail


async def test_a_caller_who_leaves_in_the_middle_leaves_no_thread(
    wire: Any, server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    provider = make(api_key=None)
    server.answers(*hello(wire))
    server.answers(*wire.opening(), wire.text("Hel"), server.HANG)
    await provider.generate(messages)
    before = {thread.name for thread in threading.enumerate()}
    task = asyncio.create_task(provider.generate(messages))
    async with asyncio.timeout(5):
        while len(server.chats) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await server.disconnected.wait()
    after = {thread.name for thread in threading.enumerate()}
    # The event loop keeps its own few for reading files: none is busy with this call.
    assert {name for name in after - before if not name.startswith("asyncio_")} == set()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"AWS_BEARER_TOKEN_BEDROCK": "t"}, True),
        ({"BEDROCK_REGION": "us-east-1"}, True),
        ({"AWS_PROFILE": "work"}, True),
        ({"AWS_ACCESS_KEY_ID": "A"}, True),
    ],
)
def test_whether_it_is_configured(
    clean_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    expected: bool,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert BedrockProvider.configured() is expected


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "https://bedrock-runtime.eu-west-1.amazonaws.com"),
        ("cn-north-1", "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_address_follows_the_region(region: str, host: str) -> None:
    assert importlib.import_module("providers.aws").runtime_url(region) == host

"""A half-set configuration stops at start, with every problem at once and no secret."""

import pytest

from bot.settings import SLACK_API_URL, SettingsError, load_settings
from providers.base import LLMProviderFactory

PREFIXES = ("RCA_", "SLACK_", "OPENAI_", "ANTHROPIC_", "OLLAMA_", "VLLM_", "LMSTUDIO_")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch, tmp_path):
    import os

    for name in list(os.environ):
        if name.startswith(PREFIXES):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def problems_of(monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


def test_nothing_set_means_the_local_workspace():
    settings = load_settings()
    assert settings.local_workspace is True
    assert settings.socket_mode is False
    assert settings.fallbacks is None
    assert settings.incident_channels == ("inc-*", "incident-*")


def test_every_problem_is_named_at_once_and_no_value_shown(monkeypatch):
    said = problems_of(
        monkeypatch,
        SLACK_APP_TOKEN="secret-app-token",
        RCA_PRIMARY_PROVIDER="chatgpt",
        RCA_FALLBACKS="openai,nosuch:model",
        ANTHROPIC_MAX_TOKENS="many-secret",
    )
    for part in (
        "SLACK_BOT_TOKEN is missing",
        "SLACK_APP_TOKEN is malformed",
        "RCA_PRIMARY_PROVIDER: 'chatgpt'",
        "RCA_FALLBACKS: 'nosuch'",
        "ANTHROPIC_MAX_TOKENS",
    ):
        assert part in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"RCA_PORT": "http"}, "RCA_PORT"),
        ({"RCA_DEADLINE_SECONDS": "0"}, "RCA_DEADLINE_SECONDS"),
        ({"RCA_LOG_LEVEL": "loud"}, "RCA_LOG_LEVEL: must be DEBUG"),
        ({"SLACK_API_URL": "slack.com"}, "SLACK_API_URL"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN (xapp-…, for Socket Mode) or"),
        ({"SLACK_BOT_TOKEN": "xoxp-1", "SLACK_SIGNING_SECRET": "s"}, "begin with xoxb-"),
        ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN is missing"),
        ({"RCA_PRIMARY_MODEL": "m"}, "RCA_PRIMARY_PROVIDER is missing"),
    ],
)
def test_each_fault_has_its_sentence(monkeypatch, variables, said):
    assert said in problems_of(monkeypatch, **variables)


def test_socket_mode_wins_where_all_three_secrets_are_set(monkeypatch):
    for name, value in (
        ("SLACK_BOT_TOKEN", "xoxb-1"),
        ("SLACK_APP_TOKEN", "xapp-1"),
        ("SLACK_SIGNING_SECRET", "s"),
    ):
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.socket_mode is True
    assert settings.local_workspace is False
    assert "xoxb-1" not in repr(settings)


def test_another_server_of_slacks_api_makes_its_own_tokens(monkeypatch):
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:4201/slack/api")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "admin-service-token")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s")
    assert load_settings().slack_api_url == "http://127.0.0.1:4201/slack/api/"


def test_empty_lines_of_a_copied_example_are_unset(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=\nSLACK_APP_TOKEN=\nRCA_FALLBACKS=\n")
    assert load_settings().local_workspace is True


def test_fallbacks_name_providers_and_their_models(monkeypatch):
    monkeypatch.setenv("RCA_FALLBACKS", "ollama:gemma4:4b, vllm")
    assert load_settings().fallbacks == [("ollama", "gemma4:4b"), ("vllm", None)]


def test_the_real_slack_is_the_default():
    assert load_settings().slack_api_url == SLACK_API_URL
    assert "anthropic" in LLMProviderFactory.names()

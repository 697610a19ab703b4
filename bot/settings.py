"""Every setting of the application, from the environment and `.env`; nothing else reads either."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.options import read_clocks, read_limits, read_lists
from providers.base import LLMProviderFactory
from providers.errors import ConfigurationError
from providers.policies.clocks import Clocks
from providers.policies.limits import RateLimits
from providers.policies.routing import Strategy
from providers.pricing import Price, parse_prices

SLACK_API_URL = "https://slack.com/api/"
"""Where Slack's own Web API is; any other value is a server of the operator's choice."""


class SettingsError(Exception):
    """The configuration cannot work; the message names every problem, and no value."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"The configuration is not complete:\n{lines}\nSee .env.example.")


def _blank_is_unset(value: object) -> object:
    # `.env.example` is copied with empty lines such as SLACK_BOT_TOKEN=
    return None if isinstance(value, str) and not value.strip() else value


OptionalText = Annotated[str | None, BeforeValidator(_blank_is_unset)]
OptionalPath = Annotated[Path | None, BeforeValidator(_blank_is_unset)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_blank_is_unset)]
OptionalUsd = Annotated[Annotated[float, Field(ge=0)] | None, BeforeValidator(_blank_is_unset)]
AnySettings = TypeVar("AnySettings", bound=BaseSettings)
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """What the operator sets. The names of the fields are those of the variables."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    slack_bot_token: OptionalSecret = Field(None, description="xoxb-…; unset: local workspace")
    slack_app_token: OptionalSecret = Field(None, description="xapp-…; set: Socket Mode")
    slack_signing_secret: OptionalSecret = Field(None, description="for HTTP at /slack/events")
    slack_api_url: str = Field(SLACK_API_URL, description="another server of Slack's API")

    rca_primary_provider: OptionalText = Field(None, description="head of the chain")
    rca_primary_model: OptionalText = Field(None, description="its model")
    rca_fallbacks: OptionalText = Field(
        None, description="name[:model],name[:model]; unset: OpenAI, Anthropic, Ollama"
    )
    rca_max_retries: int = Field(2, ge=0, description="repeats at one provider")
    rca_deadline_seconds: Seconds = Field(90, description="for the whole chain")
    rca_first_content_seconds: Seconds = Field(
        12, description="until a model says something; unset, it adapts to the model"
    )
    rca_content_gap_seconds: Seconds = Field(15, description="silence in the middle of an answer")
    rca_connect_seconds: Seconds = Field(3, description="until a connection stands")
    rca_min_throughput: float = Field(0, ge=0, description="tokens a second; 0 is off")
    rca_provider_clocks: OptionalText = Field(
        None, description="a provider's own: ollama:first_content=60,connect=5;vllm:content_gap=30"
    )
    rca_hold_back_seconds: float = Field(
        0.75, ge=0, description="a model's first text waits so long, in case it breaks off"
    )
    rca_strategy: Strategy = Field(
        "priority", description="priority, round_robin, least_latency or least_cost"
    )
    rca_data_classes: OptionalText = Field(
        None, description="channels by class, strictest first: restricted=sec-*,inc-pci-*"
    )
    rca_data_policy: OptionalText = Field(
        None, description="who may see a class: restricted=vllm,ollama;internal=bedrock"
    )
    rca_cache_seconds: float = Field(
        60, ge=0, description="the same question in a channel is not asked twice; 0 is off"
    )
    rca_limits: OptionalText = Field(
        None, description="ours, a minute: openai:concurrent=4,requests=60,tokens=90000"
    )
    rca_budget_day_usd: OptionalUsd = Field(None, description="for all, a UTC day")
    rca_budget_user_usd: OptionalUsd = Field(None, description="for each user, a UTC day")
    rca_prices: OptionalText = Field(
        None, description="USD per million tokens in and out: my-model=2/10,other=1/4"
    )
    rca_hedging_share: float = Field(
        0, ge=0, le=0.5, description="part of the questions that may go to two providers; 0 is off"
    )
    rca_hedging_day_usd: float = Field(1, ge=0, description="what that may cost a UTC day")
    rca_context_chars: int = Field(
        24_000, ge=2_000, description="evidence that a model is sent, in characters"
    )
    rca_redact_addresses: bool = Field(
        False, description="hide addresses and host names of machines from models too"
    )

    rca_host: str = Field("127.0.0.1", description="where the one port is bound")
    rca_port: int = Field(3000, ge=0, le=65535, description="health, Slack over HTTP, workspace")
    rca_data_dir: Path = Field(Path("data"), description="what is kept")
    rca_runbooks: OptionalPath = Field(
        None, description="a folder of Markdown files that are searched for what an answer shows"
    )
    rca_log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    rca_incident_channels: str = Field(
        "inc-*,incident-*", description="where an answered thread is listened to"
    )
    rca_channel_window_hours: Seconds = Field(24, description="what plain /rca reads")
    rca_channel_messages: int = Field(500, ge=1, description="the newest so many of them")

    rca_health_channel: OptionalText = Field(None, description="id or name; unset: no summary")
    rca_health_schedule: str = Field("0 * * * *", description="cron, 0 or 7 is Sunday")

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_a_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value if value.endswith("/") else value + "/"

    @field_validator("rca_log_level")
    @classmethod
    def _is_a_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("rca_provider_clocks", "rca_limits", "rca_data_classes", "rca_data_policy")
    @classmethod
    def _is_a_table(cls, value: str | None, info: Any) -> str | None:
        unknown = _unknown_providers(_TABLES[info.field_name](value or ""))
        if unknown:
            raise ValueError("; ".join(unknown))
        return value

    @field_validator("rca_prices")
    @classmethod
    def _are_prices(cls, value: str | None) -> str | None:
        try:
            parse_prices(value or "")
        except ConfigurationError as error:
            raise ValueError(error.detail) from None
        return value

    @property
    def provider_clocks(self) -> dict[str, Clocks]:
        """The clocks of single providers, by name."""
        return read_clocks(self.rca_provider_clocks or "")

    @property
    def limits(self) -> dict[str, RateLimits]:
        """Our own limits, by provider name."""
        return read_limits(self.rca_limits or "")

    @property
    def data_classes(self) -> Mapping[str, tuple[str, ...]]:
        """The patterns of channel names by class of data, the strictest first.

        A pattern that could never fit, for its # or its capitals, would let text out silently.
        """
        classes = read_lists((self.rca_data_classes or "").lower())
        return {
            name: tuple(pattern.removeprefix("#") for pattern in patterns)
            for name, patterns in classes.items()
        }

    @property
    def data_policy(self) -> Mapping[str, tuple[str, ...]]:
        """The providers that may see a class of data."""
        return read_lists((self.rca_data_policy or "").lower())

    @property
    def prices(self) -> dict[str, Price]:
        """The operator's own prices, by model."""
        return parse_prices(self.rca_prices or "")

    @property
    def local_workspace(self) -> bool:
        """True where no Slack is configured and the workspace of this program takes its place."""
        return not (self.slack_bot_token or self.slack_app_token or self.slack_signing_secret)

    @property
    def socket_mode(self) -> bool:
        """True where an app token is set: Socket Mode wins over HTTP."""
        return self.slack_app_token is not None

    @property
    def incident_channels(self) -> tuple[str, ...]:
        """The patterns of channel names whose answered threads are listened to."""
        return _comma_separated(self.rca_incident_channels)

    @property
    def fallbacks(self) -> list[tuple[str, str | None]] | None:
        """The chain after its head as (name, model), or None for the default one."""
        if self.rca_fallbacks is None:
            return None
        pairs = (part.partition(":") for part in _comma_separated(self.rca_fallbacks))
        return [(name, model or None) for name, _, model in pairs]


def _named_in_lists(text: str) -> Iterable[str]:
    return [name for names in read_lists(text.lower()).values() for name in names]


def _none_named(text: str) -> Iterable[str]:
    read_lists(text)
    return ()


_TABLES: dict[str, Callable[[str], Iterable[str]]] = {
    "rca_provider_clocks": read_clocks,
    "rca_limits": read_limits,
    "rca_data_classes": _none_named,
    "rca_data_policy": _named_in_lists,
}
"""Each reads a table, and returns the providers that are named in it."""


def _unknown_providers(names: Iterable[str]) -> list[str]:
    # "vllm-2" is the second one of a name in a chain.
    kinds = dict.fromkeys(re.sub(r"-\d+$", "", name) for name in names)
    return [problem for name in kinds for problem in _name_problem(name)]


def load_settings(*, slack: bool = True) -> Settings:
    """Read and check everything at once.

    Raises SettingsError naming each variable that is missing or malformed, the providers' own
    included, and showing no value of any. `slack=False` leaves the Slack variables' rules out,
    for commands that do not talk to Slack.
    """
    settings, problems = _read(Settings)
    if settings is not None:
        problems += _chain_problems(settings)
        problems += _slack_problems(settings) if slack else []
    for provider in LLMProviderFactory.names():
        cls = getattr(LLMProviderFactory.provider_class(provider), "settings_class", None)
        problems += _read(cls)[1] if cls is not None else []
    if settings is None or problems:
        raise SettingsError(problems)
    return settings


def _read(cls: type[AnySettings]) -> tuple[AnySettings | None, list[str]]:
    try:
        return cls(), []
    except ValidationError as error:
        prefix = str(cls.model_config.get("env_prefix") or "")
        return None, [_problem(prefix, detail) for detail in error.errors(include_input=False)]


def _problem(prefix: str, detail: Any) -> str:
    name = (prefix + "_".join(str(part) for part in detail["loc"])).upper()
    # pydantic's messages name the rule; a validator of ours says "Value error, …".
    said = str(detail["msg"]).removeprefix("Value error, ")
    return f"{name}: {said[:1].lower()}{said[1:]}"


def _slack_problems(settings: Settings) -> list[str]:
    if settings.local_workspace:
        return []
    problems = []
    if settings.slack_bot_token is None:
        problems.append("SLACK_BOT_TOKEN is missing (Slack: OAuth & Permissions, xoxb-…)")
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        problems.append(
            "SLACK_APP_TOKEN (xapp-…, for Socket Mode) or "
            "SLACK_SIGNING_SECRET (for HTTP) is missing"
        )
    # Another server of Slack's API makes its own tokens.
    if settings.slack_api_url == SLACK_API_URL:
        problems += _token_problem("SLACK_BOT_TOKEN", settings.slack_bot_token, "xoxb-")
        problems += _token_problem("SLACK_APP_TOKEN", settings.slack_app_token, "xapp-")
    return problems


def _token_problem(name: str, token: SecretStr | None, prefix: str) -> list[str]:
    if token is None or token.get_secret_value().startswith(prefix):
        return []
    return [f"{name} is malformed: it must begin with {prefix}"]


def _chain_problems(settings: Settings) -> list[str]:
    named = [("RCA_PRIMARY_PROVIDER", settings.rca_primary_provider)]
    named += [("RCA_FALLBACKS", name) for name, _ in settings.fallbacks or []]
    problems = [
        f"{variable}: {problem}"
        for variable, name in named
        if name is not None
        for problem in _name_problem(name)
    ]
    problems += _policy_problems(settings)
    if settings.rca_primary_model and not settings.rca_primary_provider:
        problems.append("RCA_PRIMARY_MODEL is set, but RCA_PRIMARY_PROVIDER is missing")
    return problems


def _policy_problems(settings: Settings) -> list[str]:
    unruled = [name for name in settings.data_classes if name not in settings.data_policy]
    return [f"RCA_DATA_POLICY does not say who may see {name!r}" for name in unruled]


def _name_problem(name: str) -> list[str]:
    try:
        LLMProviderFactory.provider_class(name)
    except ConfigurationError as error:
        return [error.detail]
    return []


def _comma_separated(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def example_env(classes: Iterable[type[BaseSettings]]) -> str:
    """Return the text of `.env.example` for these settings classes."""
    return "\n\n".join("\n".join(_example_lines(cls)) for cls in classes) + "\n"


def _example_lines(cls: type[BaseSettings]) -> Iterator[str]:
    prefix = str(cls.model_config.get("env_prefix") or "")
    for name, field in cls.model_fields.items():
        default = "" if field.default in (None, PydanticUndefined) else field.default
        yield f"# {field.description}"
        yield f"#{(prefix + name).upper()}={default}"


def variables_table(classes: Iterable[type[BaseSettings]]) -> str:
    """Return a Markdown table of the variables that these settings classes read."""
    rows = [row for cls in classes for row in _rows(cls)]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows]) + "\n"


def _rows(cls: type[BaseSettings]) -> Iterator[str]:
    prefix = str(cls.model_config.get("env_prefix") or "")
    for name, field in cls.model_fields.items():
        default = f"`{field.default}`" if field.default not in ("", None) else "–"
        yield f"| `{(prefix + name).upper()}` | {default} | {field.description} |"

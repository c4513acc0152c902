"""`wirewatch doctor`: looks at everything that can be wrong with a machine, and says how to mend it."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import httpx
import typer

from wirewatch.cli.output import say, show_table
from wirewatch.cli.target import client_for, find_local_key, get_database_url
from wirewatch.errors import StartError, WirewatchError
from wirewatch.settings import Settings
from wirewatch.stack import postgres, preflight, valkey
from wirewatch.stack.datadir import DataDir
from wirewatch.stack.processes import answers

MAX_CLOCK_SKEW_SECONDS = 5.0

State = Literal["ok", "off", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: `off` is what simply does not run now, `wrong` what must be mended."""

    name: str
    state: State
    detail: str


def doctor(ctx: typer.Context) -> None:
    """Check configuration, servers, model, clock and disk. Exit code 1 where something is wrong."""
    settings = Settings()
    findings = [*machine(settings), *servers(settings), *services(ctx, settings)]
    show_table(("check", "", "finding"), ((found.name, found.state, found.detail) for found in findings))
    if any(found.state == "wrong" for found in findings):
        raise typer.Exit(1)
    say("Nothing is wrong." + ("" if all(f.state == "ok" for f in findings) else " `wirewatch up` starts what is off."))


def machine(settings: Settings) -> Iterator[Finding]:
    """Interpreter, installed parts, disk and data directory."""
    yield Finding("python", "ok", sys.version.split()[0])
    yield _attempt("settings", lambda: _settings(settings))
    yield _attempt("model", lambda: _checked(settings.model, lambda: preflight.check_model(settings.model)))
    if settings.database_url is None:
        yield _attempt("postgresql", lambda: f"{postgres.programs()}, run as {postgres.user() or 'you'}")
    if settings.broker_url is None:
        yield _attempt("valkey", lambda: str(valkey.program()))
    yield _attempt("data directory", lambda: _data_directory(settings))


def _settings(settings: Settings) -> str:
    if settings.database_url and settings.secret_key is None and not (settings.data_dir / "secret-key").exists():
        raise StartError("WIREWATCH_DATABASE_URL is set without WIREWATCH_SECRET_KEY; set it, and keep it.")
    names = sorted(name for name in os.environ if name.startswith("WIREWATCH_"))
    return f"from the environment: {', '.join(names)}" if names else "all at their defaults"


def _data_directory(settings: Settings) -> str:
    data = DataDir(settings.data_dir)
    existing = next(path for path in (data.path, *data.path.parents) if path.exists())
    preflight.check_disk(existing)
    if not os.access(existing, os.W_OK):
        raise StartError(f"{existing} cannot be written; set WIREWATCH_DATA_DIR to a directory of yours.")
    return f"{data.path}" + ("" if data.path.exists() else " (made at the first start)")


def servers(settings: Settings) -> Iterator[Finding]:
    """Database, its clock, and broker."""
    try:
        url = get_database_url(settings)
    except StartError as error:
        yield Finding("database", "off", str(error))
        return
    yield _database(url, own=settings.database_url is None)
    state = DataDir(settings.data_dir).find_state()
    if settings.broker_url is None and state is not None:
        runs = valkey.is_ready(state.valkey_port, state.valkey_password)
        yield Finding("broker", "ok" if runs else "off", "answers" if runs else "the embedded server does not run")


def _database(url: str, *, own: bool) -> Finding:
    import psycopg

    from wirewatch.db import psycopg_url

    try:
        with psycopg.connect(psycopg_url(url), connect_timeout=3) as connection:
            row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if own:
            return Finding("database", "off", "the embedded server does not run")
        return Finding("database", "wrong", f"{reason}; check WIREWATCH_DATABASE_URL")
    skew = abs(time.time() - float(row[0])) if row else 0.0
    if skew > MAX_CLOCK_SKEW_SECONDS:
        return Finding("database", "wrong", f"its clock is {skew:.0f} s off this machine's; synchronize both (NTP)")
    return Finding("database", "ok", f"answers; clocks agree within {skew:.2f} s")


def services(ctx: typer.Context, settings: Settings) -> Iterator[Finding]:
    """API, ingest, key and flow."""
    with client_for(ctx) as client:
        ready = {"api": answers(client.api_url + "/readyz"), "ingest": answers(client.ingest_url + "/readyz")}
        for name, url in (("api", client.api_url), ("ingest", client.ingest_url)):
            yield Finding(
                name, "ok" if ready[name] else "off", f"{url} {'is ready' if ready[name] else 'is not ready'}"
            )
        if ready["api"]:
            yield _attempt("pipeline", lambda: _flow(client.get("/v1/pipeline")))
            yield _clock_of(client.api_url)
    if find_local_key(settings) is None:
        yield Finding("key", "off", "no key here yet; the first start makes one")


def _flow(pipeline: dict[str, object]) -> str:
    if pipeline["flow"] != "ok":
        raise StartError(f"stalled since {pipeline['stalled_since']}; look at the logs of relay and workers")
    if pipeline["quarantined"]:
        raise StartError(f"{pipeline['quarantined']} quarantined; see GET /v1/quarantine, and retry once mended")
    return f"flows, {pipeline['pending']} pending"


def _clock_of(url: str) -> Finding:
    """The API's clock by its Date header, which counts whole seconds."""
    from email.utils import parsedate_to_datetime

    try:
        date = httpx.get(url + "/healthz", timeout=2, trust_env=False).headers["date"]
    except (httpx.HTTPError, KeyError):
        return Finding("clock", "off", "the API tells no time")
    skew = abs(time.time() - parsedate_to_datetime(date).timestamp())
    state: State = "ok" if skew <= MAX_CLOCK_SKEW_SECONDS else "wrong"
    return Finding(
        "clock", state, f"within {skew:.0f} s of the API's" + ("" if state == "ok" else "; synchronize both")
    )


def _attempt(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "ok", check())
    except WirewatchError as error:
        return Finding(name, "wrong", str(error))


def _checked(detail: str, check: Callable[[], None]) -> str:
    check()
    return detail

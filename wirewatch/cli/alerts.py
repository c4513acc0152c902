"""`wirewatch alerts` and `wirewatch tail`."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated
from urllib.parse import urlencode

import msgspec
import typer

from wirewatch.cli.alert_text import AlertText
from wirewatch.cli.output import cell, console, error_console, say, show_json
from wirewatch.cli.target import client_for
from wirewatch.cli.watch_settings import moment
from wirewatch.client import ApiError, ApiUnreachableError, Client, Json

RECONNECT_SECONDS = 1.0

app = typer.Typer(help="What becomes of alerts.", no_args_is_help=True)
AlertId = Annotated[str, typer.Argument(help="The id of the alert.")]


def alerts(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = 20,
    state: Annotated[str | None, typer.Option(help="open, acknowledged or dismissed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """Show the latest alerts with their evidence."""
    with client_for(ctx) as client:
        text = AlertText(client)
        for alert in islice(client.items("/v1/alerts", limit=min(limit, 100), state=state), limit):
            if as_json:
                show_json(alert)
            else:
                console.print(text.of(alert))


@app.command("ack")
def acknowledge(ctx: typer.Context, alert_id: AlertId) -> None:
    """Acknowledge an alert: it was right."""
    _judge(ctx, alert_id, {"state": "acknowledged"})


@app.command()
def dismiss(
    ctx: typer.Context,
    alert_id: AlertId,
    reason: Annotated[
        str | None, typer.Option(help="Why: known, resolved or duplicate (it was right), or what was wrong.")
    ] = None,
) -> None:
    """Put an alert away: nothing more is sent of it."""
    _judge(ctx, alert_id, {"state": "dismissed", "reason": reason})


@app.command()
def reopen(ctx: typer.Context, alert_id: AlertId) -> None:
    """Open an alert again."""
    _judge(ctx, alert_id, {"state": "open"})


@app.command()
def snooze(
    ctx: typer.Context,
    alert_id: AlertId,
    until: Annotated[
        str | None, typer.Option(help="2h, 3d, or a time (RFC 3339); without it nothing waits any more.")
    ] = None,
) -> None:
    """Let wait what an alert has to tell."""
    _judge(ctx, alert_id, {"snoozed_until": until and moment(until, datetime.now(UTC), ago=False)})


@app.command()
def export(
    ctx: typer.Context,
    format_: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    state: Annotated[str | None, typer.Option(help="Only those that are open, acknowledged or dismissed.")] = None,
    watch: Annotated[str | None, typer.Option(help="Only those of this watch (its id).")] = None,
    since: Annotated[str | None, typer.Option(help="Only those raised since then (RFC 3339).")] = None,
    until: Annotated[str | None, typer.Option(help="Only those raised before then (RFC 3339).")] = None,
) -> None:
    """Write all alerts to the standard output, the latest first."""
    given = {"format": format_, "state": state, "watch_id": watch, "since": since, "until": until}
    wanted = urlencode({name: value for name, value in given.items() if value is not None})
    with client_for(ctx) as client:
        typer.echo(client.get_bytes(f"/v1/alerts/export?{wanted}"), nl=False)


def _judge(ctx: typer.Context, alert_id: str, change: Json) -> None:
    with client_for(ctx) as client:
        alert = client.patch(f"/v1/alerts/{alert_id}", change)
    waits = f", snoozed until {cell(alert['snoozed_until'])}" if alert["snoozed_until"] else ""
    say(f"Alert {alert['id']} is {alert['state']}{waits}.")


def tail(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False) -> None:
    """Show alerts as they are raised, until Ctrl-C."""
    with client_for(ctx) as client:
        # The first request tells a wrong address or key at once; only later breaks are waited out.
        client.get("/v1/alerts", limit=1)
        if not as_json:
            say("Waiting for alerts (Ctrl-C ends)", style="dim")
        try:
            show_stream(client, as_json=as_json)
        except KeyboardInterrupt:
            say("")


def show_stream(client: Client, *, as_json: bool = False) -> None:
    """Prints alerts as they come; never returns."""
    text = AlertText(client)
    for alert in follow_alerts(client):
        if as_json:
            show_json(alert)
        else:
            console.print(text.of(alert))


def tell_of_break(error: ApiUnreachableError) -> None:
    error_console.print(f"{error}; trying again", style="dim", markup=False, soft_wrap=True)


def follow_alerts(
    client: Client,
    on_open: Callable[[], None] | None = None,
    on_break: Callable[[ApiUnreachableError], None] = tell_of_break,
) -> Iterator[Json]:
    """Alerts of the stream, over broken connections, without a gap: each connection begins after the last event."""
    last_id: str | None = None
    while True:
        try:
            for event in client.stream("/v1/alerts/stream", last_id, on_open):
                last_id = event.id or last_id
                yield msgspec.json.decode(event.data, type=Json)
        except ApiUnreachableError as error:
            on_break(error)
        except ApiError as error:
            if error.status < 500:
                raise
        time.sleep(RECONNECT_SECONDS)

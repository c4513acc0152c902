"""`wirewatch deliveries`."""

from itertools import islice
from typing import Annotated

import typer

from wirewatch.cli.output import cell, counted, plain, say, show_items, show_json, show_table
from wirewatch.cli.target import client_for
from wirewatch.client import Json

app = typer.Typer(help="What was sent, held, suppressed or failed, and sending it once more.", no_args_is_help=True)

COLUMNS = {
    "id": "id",
    "created_at": "made",
    "endpoint_name": "endpoint",
    "state": "state",
    "tries": "tries",
    "next_attempt_at": "next try",
    "reason": "reason",
}
SHOWN = (
    "id",
    "webhook_id",
    "endpoint_name",
    "state",
    "reason",
    "created_at",
    "finished_at",
    "next_attempt_at",
    "redacted_at",
)
EXCERPT_CHARACTERS = 200

Endpoint = Annotated[str | None, typer.Option("--endpoint", help="Only those to this endpoint (its id).")]
Since = Annotated[str | None, typer.Option(help="Only those made since then (RFC 3339).")]
Until = Annotated[str | None, typer.Option(help="Only those made before then (RFC 3339).")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[str | None, typer.Option(help="pending, held, sent, suppressed or failed.")] = None,
    endpoint: Endpoint = None,
    alert: Annotated[str | None, typer.Option(help="Only those that tell of this alert (its id).")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show deliveries."""
    wanted = {"state": state, "endpoint_id": endpoint, "alert_id": alert, "since": since, "until": until}
    with client_for(ctx) as client:
        found = islice(client.items("/v1/deliveries", limit=min(limit, 100), **wanted), limit)
        show_items(found, COLUMNS, as_json=as_json)


@app.command()
def show(
    ctx: typer.Context,
    delivery_id: Annotated[str, typer.Argument(help="The id.")],
    as_json: AsJson = False,
) -> None:
    """Show one delivery with its tries."""
    with client_for(ctx) as client:
        delivery: Json = client.get(f"/v1/deliveries/{delivery_id}")
    if as_json:
        show_json(delivery)
        return
    for name in SHOWN:
        if delivery[name] is not None:
            say(f"{name}: {cell(delivery[name])}")
    say(f"alerts: {cell(delivery['alert_ids'])}")
    rows = (
        (
            one["number"],
            cell(one["started_at"]),
            f"{one['duration_ms']:.0f} ms",
            cell(one["status"]),
            plain(one["error"] or one["excerpt"])[:EXCERPT_CHARACTERS],
        )
        for one in delivery["attempts"]
    )
    show_table(("try", "at", "took", "status", "answer"), rows)


@app.command()
def replay(
    ctx: typer.Context,
    delivery_id: Annotated[str | None, typer.Argument(help="The id; without it those that the options name.")] = None,
    endpoint: Endpoint = None,
    since: Since = None,
    until: Until = None,
    state: Annotated[
        list[str] | None, typer.Option(help="failed, suppressed or sent; may be given several times.")
    ] = None,
) -> None:
    """Send ended deliveries once more, under the same ids; without --state those that failed or were suppressed."""
    if delivery_id is None and endpoint is None and since is None:
        raise typer.BadParameter("give the id of a delivery, --endpoint, --since, or both of these")
    with client_for(ctx) as client:
        if delivery_id is not None:
            client.post(f"/v1/deliveries/{delivery_id}/replay")
            say(f"Delivery {delivery_id} is due again.")
            return
        given = {"endpoint_id": endpoint, "since": since, "until": until, "states": state}
        body = {name: value for name, value in given.items() if value}
        count, more = 0, True
        while more:
            answer = client.post("/v1/deliveries/replay", body)
            count, more = count + answer["replayed"], answer["more"]
    say(f"Due again: {counted(count, 'delivery')}.")

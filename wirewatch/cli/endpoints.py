"""`wirewatch endpoints`."""

from typing import Annotated

import typer

from wirewatch.cli.output import cell, say, show_items
from wirewatch.cli.target import client_for

app = typer.Typer(help="Where alerts go.", no_args_is_help=True)


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What people call it.")],
    url: Annotated[str, typer.Argument(help="The address that takes the webhooks.")],
) -> None:
    """Add an endpoint and show its signing secret, once."""
    with client_for(ctx) as client:
        endpoint = client.post("/v1/endpoints", {"name": name, "url": url})
    say(f"Endpoint {endpoint['id']}; its signing secret, shown only now:", style="dim")
    say(endpoint["secret"])


@app.command("list")
def list_(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False) -> None:
    """Show all endpoints."""
    with client_for(ctx) as client:
        columns = {"id": "id", "name": "name", "url": "url", "enabled": "enabled"}
        show_items(client.items("/v1/endpoints"), columns, as_json=as_json)


@app.command("rm")
def remove(ctx: typer.Context, endpoint_id: Annotated[str, typer.Argument(help="The id.")]) -> None:
    """Delete an endpoint."""
    with client_for(ctx) as client:
        client.delete(f"/v1/endpoints/{endpoint_id}")
    say(f"Endpoint {endpoint_id} is deleted.")


@app.command("test")
def send_test(ctx: typer.Context, endpoint_id: Annotated[str, typer.Argument(help="The id.")]) -> None:
    """Send a test webhook."""
    with client_for(ctx) as client:
        answer = client.post(f"/v1/endpoints/{endpoint_id}/test")
    say(f"Sent: {cell(answer)}" if answer else "Sent.")

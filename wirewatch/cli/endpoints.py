"""`wirewatch endpoints`."""

import time
from typing import Annotated

import typer

from wirewatch.cli.output import say, show_items
from wirewatch.cli.target import client_for

POLL_SECONDS = 0.2

EndpointId = Annotated[str, typer.Argument(help="The id.")]

app = typer.Typer(help="Where alerts go.", no_args_is_help=True)


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What people call it.")],
    url: Annotated[str, typer.Argument(help="The address that takes the webhooks, or an Apprise URL.")],
    kind: Annotated[
        str | None, typer.Option(help="webhook or apprise; by default the URL's scheme tells.", show_default=False)
    ] = None,
    thin: Annotated[bool, typer.Option("--thin", help="Webhooks without evidence, articles and claims.")] = False,
    notices: Annotated[bool, typer.Option("--notices", help="Tell it of other endpoints that fail.")] = False,
    max_per_second: Annotated[float | None, typer.Option(help="No more tries than that from one worker.")] = None,
) -> None:
    """Add an endpoint; a webhook's signing secret is shown once."""
    is_web = url.lower().startswith(("http://", "https://"))
    body = {
        "name": name,
        "url": url,
        "kind": kind or ("webhook" if is_web else "apprise"),
        "content": "thin" if thin else "full",
        "notices": notices,
        "max_per_second": max_per_second,
    }
    with client_for(ctx) as client:
        endpoint = client.post("/v1/endpoints", body)
    if endpoint["kind"] == "apprise":
        say(f"Endpoint {endpoint['id']} tells through {endpoint['url']}")
        return
    say(f"Endpoint {endpoint['id']}; its signing secret, shown only now:", style="dim")
    say(endpoint["secret"])


@app.command("list")
def list_(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False) -> None:
    """Show all endpoints."""
    with client_for(ctx) as client:
        columns = {
            "id": "id",
            "name": "name",
            "kind": "kind",
            "url": "url",
            "enabled": "enabled",
            "failing_since": "failing since",
            "disabled_reason": "disabled because",
        }
        show_items(client.items("/v1/endpoints"), columns, as_json=as_json)


@app.command()
def enable(ctx: typer.Context, endpoint_id: EndpointId) -> None:
    """Send to an endpoint again that was disabled; what was suppressed meanwhile can be replayed."""
    _change(ctx, endpoint_id, enabled=True)
    say(f"Endpoint {endpoint_id} is enabled.")


@app.command()
def disable(ctx: typer.Context, endpoint_id: EndpointId) -> None:
    """Send nothing more to an endpoint; what waits for it is suppressed."""
    _change(ctx, endpoint_id, enabled=False)
    say(f"Endpoint {endpoint_id} is disabled.")


@app.command("rotate-secret")
def rotate_secret(ctx: typer.Context, endpoint_id: EndpointId) -> None:
    """Give a webhook a new signing secret, shown once; the old one stays valid beside it for 24 hours."""
    with client_for(ctx) as client:
        answer = client.post(f"/v1/endpoints/{endpoint_id}/rotate-secret")
    say(f"Endpoint {endpoint_id}; its new signing secret, shown only now:", style="dim")
    say(answer["secret"])


@app.command("rm")
def remove(ctx: typer.Context, endpoint_id: EndpointId) -> None:
    """Delete an endpoint."""
    with client_for(ctx) as client:
        client.delete(f"/v1/endpoints/{endpoint_id}")
    say(f"Endpoint {endpoint_id} is deleted.")


@app.command("test")
def send_test(
    ctx: typer.Context,
    endpoint_id: EndpointId,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for its outcome.")] = 20.0,
) -> None:
    """Send a test and tell how it went."""
    with client_for(ctx) as client:
        delivery = client.post(f"/v1/endpoints/{endpoint_id}/test")
        deadline = time.monotonic() + wait
        while not delivery["attempts"] and delivery["state"] == "pending" and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            delivery = client.get(f"/v1/deliveries/{delivery['id']}")
    if not delivery["attempts"]:
        say(f"Delivery {delivery['id']} is {delivery['state']}; it has not been tried yet.")
        raise typer.Exit(1)
    tried = delivery["attempts"][-1]
    answer = tried["error"] or (f"answered {tried['status']}" if tried["status"] else "took it")
    say(f"Delivery {delivery['id']}: {answer}, after {tried['duration_ms']:.0f} ms")
    if delivery["state"] != "sent":
        raise typer.Exit(1)


def _change(ctx: typer.Context, endpoint_id: str, *, enabled: bool) -> None:
    with client_for(ctx) as client:
        client.patch(f"/v1/endpoints/{endpoint_id}", {"enabled": enabled})

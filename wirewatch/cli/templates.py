"""`wirewatch templates`."""

from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli.output import plain, say
from wirewatch.cli.target import client_for

app = typer.Typer(help="How channels tell the alerts of a watch.", no_args_is_help=True)

Title = Annotated[str, typer.Option(help="The title's template, in Jinja.")]
BodyFile = Annotated[
    Path, typer.Option("--body", exists=True, dir_okay=False, help="A file with the body's template, in Jinja.")
]
WatchId = Annotated[str, typer.Argument(help="The watch's id.")]


@app.command()
def preview(
    ctx: typer.Context,
    title: Title,
    body: BodyFile,
    delivery: Annotated[str | None, typer.Option(help="Of this delivery (its id) and not of an example.")] = None,
) -> None:
    """Show what a template says; nothing is sent."""
    template = {"title": title, "body": body.read_text("utf-8")}
    with client_for(ctx) as client:
        said = client.post("/v1/templates/preview", {"template": template, "delivery_id": delivery})
    say(said["title"], style="bold")
    say(plain(said["body"]))


@app.command("set")
def set_(ctx: typer.Context, watch_id: WatchId, title: Title, body: BodyFile) -> None:
    """Use a template for a watch."""
    with client_for(ctx) as client:
        client.put(f"/v1/watches/{watch_id}/template", {"title": title, "body": body.read_text("utf-8")})
    say(f"Watch {watch_id} has a template of its own.")


@app.command()
def show(ctx: typer.Context, watch_id: WatchId) -> None:
    """Show a watch's template."""
    with client_for(ctx) as client:
        template = client.get(f"/v1/watches/{watch_id}/template")
    say(template["title"], style="bold")
    say(plain(template["body"]))


@app.command("rm")
def remove(ctx: typer.Context, watch_id: WatchId) -> None:
    """Go back to the endpoint's template, or the built-in one."""
    with client_for(ctx) as client:
        client.delete(f"/v1/watches/{watch_id}/template")
    say(f"Watch {watch_id} has no template of its own.")

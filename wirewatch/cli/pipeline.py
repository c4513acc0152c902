"""`wirewatch pipeline`."""

from typing import Annotated

import typer

from wirewatch.cli.output import cell, say, show_json, show_table
from wirewatch.cli.target import client_for


def pipeline(
    ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON.")] = False
) -> None:
    """Show how much work waits, and whether it flows. Exit code 1 where it is stalled."""
    with client_for(ctx) as client:
        answer = client.get("/v1/pipeline")
    if as_json:
        show_json(answer)
    else:
        since = f" since {cell(answer['stalled_since'])}" if answer.get("stalled_since") else ""
        counts = ", ".join(f"{answer[name]} {name}" for name in ("pending", "scheduled", "quarantined"))
        say(f"Flow: {answer['flow']}{since}; {counts}")
        _show_stages(answer.get("stages") or {})
    if answer["flow"] != "ok":
        raise typer.Exit(1)


def _show_stages(stages: dict[str, object]) -> None:
    counts = {name: stage if isinstance(stage, dict) else {"": stage} for name, stage in stages.items()}
    columns = tuple(dict.fromkeys(key for stage in counts.values() for key in stage))
    show_table(
        ("stage", *columns), ((name, *(cell(stage.get(key)) for key in columns)) for name, stage in counts.items())
    )

"""`wirewatch watch test`, `explain` and `matches`: what a query would find, why a watch matches, what came of it."""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer

from wirewatch.cli.output import cell, counted, error_console, say, show_items, show_json
from wirewatch.cli.target import client_for
from wirewatch.cli.watch_settings import moment
from wirewatch.client import Json
from wirewatch.errors import InvalidInputError

BAR_WIDTH = 40


def try_query(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="The query to try on what is already stored.")],
    since: Annotated[
        str | None, typer.Option(help="Only articles seen since then: 30d, 12h, 2w, or a time (RFC 3339).")
    ] = None,
    watch: Annotated[
        str | None, typer.Option(help="The id of a watch: show the difference from what it asks now.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON.")] = False,
) -> None:
    """Show what a query would have found; saves nothing."""
    body: Json = {"query": query}
    body |= {"since": moment(since, datetime.now(UTC), ago=True)} if since else {}
    body |= {"watch_id": watch} if watch else {}
    with client_for(ctx) as client, error_console.status("Looking ...") as status:
        found: Json = {}
        for line in client.post_for_lines("/v1/watches/preview", body):
            if progress := line.get("progress"):
                scanned, articles = progress["scanned"], progress["articles"]
                matches = counted(progress["matches"], "match")
                status.update(f"{matches} in {scanned} of {articles} articles ...")
            found = line.get("preview", found)
    if as_json:
        show_json(found)
        return
    _show(found)


def _show(found: Json) -> None:
    say(
        f"{counted(found['matches'], 'match')} in {counted(found['stories'], 'story')} among {found['scanned']} of "
        f"{counted(found['articles'], 'article')} since {cell(found['looked_back_to'])}: "
        f"about {counted(found['alerts_per_week'], 'alert')} a week"
    )
    for warning in found["warnings"]:
        say(f"Note: {warning}", style="yellow")
    most = max((bar["matches"] for bar in found["histogram"]), default=0)
    for bar in found["histogram"]:
        if bar["matches"]:
            say(f"  {bar['start']} {'█' * max(1, bar['matches'] * BAR_WIDTH // most)} {bar['matches']}")
    for sample in found["samples"]:
        say(f"  {sample['title']}  {_quoted(sample)}", style="green")
    for sample in found["doubtful"]:
        say(f"  doubtful ({sample['certainty']}): {sample['title']}  {_quoted(sample)}", style="yellow")
    for miss in found["near_misses"]:
        nearest = f"; nearest: {miss['nearest']}" if miss["nearest"] else ""
        say(f"  nearly: {miss['title']}, but not {miss['clause']}{nearest}", style="dim")
    if difference := found["difference"]:
        say(f"Against the saved query: {difference['gained']} gained, {difference['lost']} lost")
        for sign, samples in (("+", difference["gained_samples"]), ("-", difference["lost_samples"])):
            for sample in samples:
                say(f"  {sign} {sample['title']}  {_quoted(sample)}")


def _quoted(sample: Json) -> str:
    return "; ".join(quoted(evidence) for evidence in sample["evidence"] if evidence["text"])


def quoted(evidence: Json) -> str:
    """A span, and what it means where that is not plain."""
    meaning = evidence.get("meaning")
    return f"“{evidence['text']}”" + (f" ({meaning})" if meaning else "")


def explain_watch(
    ctx: typer.Context,
    watch_id: Annotated[str, typer.Argument(help="The id of the watch.")],
    article_id: Annotated[str, typer.Argument(help="The id of the article.")],
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON.")] = False,
) -> None:
    """Show each clause of a watch with what it found in an article, or the clause at which it failed."""
    if not (watch_id.isdigit() and article_id.isdigit()):
        raise InvalidInputError([("", "ids are numbers, as `wirewatch watch list` and `wirewatch articles` show them")])
    with client_for(ctx) as client:
        explained = client.get(f"/v1/watches/{watch_id}/explain", article_id=article_id)
    if as_json:
        show_json(explained)
        return
    failed = next((_written(clause) for clause in explained["clauses"] if clause["first_failure"]), None)
    say("It matches." if failed is None else f"It does not match: {failed} failed first.")
    for clause in explained["clauses"]:
        say(*_told(clause))
    if match := explained["match"]:
        say(f"What became of it: {outcome(match)}")
    for warning in explained["warnings"]:
        say(f"Note: {warning}", style="yellow")


def list_matches(
    ctx: typer.Context,
    watch_id: Annotated[str, typer.Argument(help="The id of the watch.")],
    state: Annotated[str | None, typer.Option(help="sent, pending, held, suppressed or failed.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """Show which articles a watch matches, and what became of each: told, waiting, or suppressed and why."""
    with client_for(ctx) as client:
        found = islice(client.items(f"/v1/watches/{watch_id}/matches", limit=min(limit, 100), state=state), limit)
        show_items(
            found if as_json else ({**match, "outcome": outcome(match)} for match in found),
            {"article_id": "article", "article_title": "title", "alert_id": "alert", "outcome": "what became of it"},
            as_json=as_json,
        )


def outcome(match: Json) -> str:
    """What became of a match, in words."""
    until = f" until {cell(match['until'])}" if match["until"] else ""
    return f"{match['state']}{until}" + (f" ({match['reason']})" if match["reason"] else "")


def _written(clause: Json) -> str:
    return f"NOT {clause['clause']}" if clause["negated"] else str(clause["clause"])


def _told(clause: Json) -> tuple[str, str]:
    """One clause as a line, and its style."""
    spans = "; ".join(quoted(evidence) for evidence in clause["evidence"]) or "nothing found"
    nearest = f"; nearest: {clause['nearest']}" if clause["nearest"] else ""
    here = "  <- failed here" if clause["first_failure"] else ""
    return f"  {'+' if clause['satisfied'] else '-'} {_written(clause)}: {spans}{nearest}{here}", (
        "green" if clause["satisfied"] else "red"
    )

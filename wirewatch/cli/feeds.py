"""`wirewatch feeds`."""

import sys
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli.output import cell, error_console, plain, say, show_items, show_json, show_table
from wirewatch.cli.target import client_for
from wirewatch.client import Client, Json
from wirewatch.errors import InvalidInputError

app = typer.Typer(help="Addresses that are polled for articles.", no_args_is_help=True)

FeedId = Annotated[str, typer.Argument(help="The id.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]
FullText = Annotated[str, typer.Option(help="Read the pages that entries link to: on, off, or auto (where cut short).")]
Kind = Annotated[str, typer.Option(help="feed (RSS, RDF, Atom, JSON Feed), json or sitemap.")]

COLUMNS = {
    "id": "id",
    "name": "name",
    "url": "url",
    "health": "health",
    "last_success_at": "last success",
    "next_poll_at": "next poll",
    "entries_per_day": "entries/day",
    "says": "says",
}


@app.command("list")
def list_(
    ctx: typer.Context,
    tag: Annotated[str | None, typer.Option(help="Only feeds with this tag.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show all feeds and how they are."""
    with client_for(ctx) as client:
        feeds = client.items("/v1/feeds", tag=tag)
        show_items(feeds if as_json else map(_readable, feeds), COLUMNS, as_json=as_json)


def _readable(feed: Json) -> Json:
    rate = feed.get("entries_per_day")
    return feed | {
        "name": feed.get("name") or feed.get("title"),
        "entries_per_day": None if rate is None else f"{rate:.1f}",
        "next_poll_at": feed["next_poll_at"] if feed["enabled"] else None,
        "says": feed.get("disabled_reason") or feed.get("last_error") or feed.get("last_warning"),
    }


@app.command()
def show(ctx: typer.Context, feed_id: FeedId, as_json: AsJson = False) -> None:
    """Show one feed, with what happened to it last."""
    with client_for(ctx) as client:
        feed = client.get(f"/v1/feeds/{feed_id}")
    if as_json:
        show_json(feed)
        return
    for name, value in feed.items():
        if name != "events" and value not in (None, [], {}):
            say(f"{name.replace('_', ' ')}: {cell(value)}")
    for event in feed.get("events", []):
        say(f"  {cell(event['created_at'])}  {event['kind'].replace('_', ' ')}: {event['detail']}", style="dim")


@app.command()
def events(
    ctx: typer.Context,
    feed_id: Annotated[str | None, typer.Argument(help="Only those of the feed with this id.")] = None,
    kind: Annotated[str | None, typer.Option(help="moved, paused, failing, recovered, silent ...")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what happened to feeds: moved, paused, failing, fallen silent, become another feed."""
    with client_for(ctx) as client:
        found = islice(client.items("/v1/feeds/events", feed_id=feed_id, kind=kind), limit)
        columns = {"created_at": "at", "feed_id": "feed", "kind": "kind", "detail": "what"}
        show_items(found, columns, as_json=as_json)


@app.command()
def add(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="The address of a feed, or of any page of a site.")],
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be given several times.")] = None,
    full_text: FullText = "off",
    kind: Annotated[str | None, typer.Option(help="Take the address as it is: feed, json or sitemap.")] = None,
    choose: Annotated[int | None, typer.Option(min=1, help="Which of several feeds of a site.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All feeds of a site.")] = False,
) -> None:
    """Poll a feed. Where the address is a page, its site's feeds are looked for; of several you choose."""
    with client_for(ctx) as client:
        if kind is not None:
            found: list[Json] = [{"url": url, "kind": kind}]
        else:
            found = _choose(_discover(client, url), choose, every)
        for feed in found:
            body: Json = {"url": feed["url"], "kind": feed["kind"], "tags": tag or [], "full_text": full_text}
            made = client.post("/v1/feeds", body | ({"name": name} if name else {}))
            say(f"Feed {made['id']}: {made['url']}")


def _discover(client: Client, url: str) -> list[Json]:
    found = client.ask_ingest("/v1/feeds/discover", {"url": url})
    for note in found["notes"]:
        say(f"Note: {note}", style="yellow")
    if not found["feeds"]:
        raise InvalidInputError([("", f"no feed was found at {url}; --kind feed adds the address as it is")])
    feeds: list[Json] = found["feeds"]
    return feeds


def _choose(found: list[Json], number: int | None, every: bool) -> list[Json]:
    if len(found) == 1 or every:
        return found
    rows = [
        (at, feed["title"], feed["url"], feed["kind"], feed["entries"], cell(feed["latest_at"]), feed["found_as"])
        for at, feed in enumerate(found, 1)
    ]
    if number is None:
        show_table(("", "title", "url", "kind", "entries", "latest", "found as"), rows)
        if not sys.stdin.isatty():
            raise InvalidInputError([("", f"{len(found)} feeds were found: say --choose NUMBER or --all")])
        number = typer.prompt("Which one", type=int, default=1)
    if not 1 <= number <= len(found):
        raise InvalidInputError([("", f"there are {len(found)} feeds to choose from, not {number}")])
    return [found[number - 1]]


@app.command("find")
def find(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="The address of any page of a site.")],
    as_json: AsJson = False,
) -> None:
    """Show the feeds of a site; adds nothing."""
    with client_for(ctx) as client:
        columns = {"title": "title", "url": "url", "kind": "kind", "entries": "entries", "latest_at": "latest"}
        show_items(_discover(client, url), columns | {"found_as": "found as"}, as_json=as_json)


@app.command("rm")
def remove(ctx: typer.Context, feed_id: FeedId) -> None:
    """Stop polling a feed for good; its articles stay."""
    with client_for(ctx) as client:
        client.delete(f"/v1/feeds/{feed_id}")
    say(f"Feed {feed_id} is deleted.")


@app.command()
def pause(ctx: typer.Context, feed_id: FeedId) -> None:
    """Poll a feed no more until it is resumed."""
    with client_for(ctx) as client:
        client.patch(f"/v1/feeds/{feed_id}", {"enabled": False})
    say(f"Feed {feed_id} is paused.")


@app.command()
def resume(ctx: typer.Context, feed_id: FeedId) -> None:
    """Poll a feed again, at once."""
    with client_for(ctx) as client:
        client.patch(f"/v1/feeds/{feed_id}", {"enabled": True})
    say(f"Feed {feed_id} is polled again.")


@app.command()
def check(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="The address of a feed.")],
    kind: Kind = "feed",
    full_text: FullText = "off",
    as_json: AsJson = False,
) -> None:
    """Show what would be read of a feed; stores nothing. Exit code 1 where nothing would be."""
    with client_for(ctx) as client:
        found = client.ask_ingest("/v1/feeds/check", {"url": url, "kind": kind, "full_text": full_text})
    if as_json:
        show_json(found)
    else:
        _show_check(found)
    if found["error"]:
        raise typer.Exit(1)


def _show_check(found: Json) -> None:
    if found["error"]:
        error_console.print(f"{plain(found['url'])}: {plain(found['error'])}", markup=False, soft_wrap=True)
        return
    say(f"{found['title'] or 'Without a title'}: {found['entry_count']} entries, language {found['lang'] or 'unsaid'}")
    rows = [
        (
            cell(entry["published_at"]),
            entry["title"],
            entry["text_from"],
            entry["text_characters"],
            entry["identity"],
            entry["problem"] or "",
        )
        for entry in found["entries"]
    ]
    show_table(("published", "title", "text from", "characters", "identity", "refused"), rows)
    page = found["page"]
    if page:
        words = page["detail"] or f"{page['text_characters']} characters, by {page['author'] or 'nobody named'}"
        say(f"Page of the first entry: {page['state'].replace('_', ' ')}: {words}")
    for warning in found["warnings"]:
        say(f"Note: {warning}", style="yellow")


@app.command("import")
def import_(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(help="An OPML file.", exists=True, dir_okay=False)],
    tag: Annotated[str | None, typer.Option(help="A tag for all of them, beside their folders.")] = None,
    full_text: FullText = "off",
) -> None:
    """Add the feeds of an OPML file; folders become tags. Exit code 1 where some were refused."""
    with client_for(ctx) as client:
        done = client.post_file("/v1/feeds/import", path.read_bytes(), "text/x-opml", full_text=full_text, tag=tag)
    say(f"Feeds: {done['created']} created, {done['known']} known, {done['refused']} refused")
    for item in done["items"]:
        if item["error"]:
            error_console.print(f"  {plain(item['url'])}: {plain(item['error'])}", markup=False, soft_wrap=True)
    if done["refused"]:
        raise typer.Exit(1)


@app.command()
def export(
    ctx: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="Where to write it; none: to the standard output.")] = None,
) -> None:
    """Write all feeds as OPML, without their secrets."""
    with client_for(ctx) as client:
        opml = client.get_bytes("/v1/feeds/export")
    if path is None:
        sys.stdout.buffer.write(opml)
    else:
        path.write_bytes(opml)
        say(f"Written to {path}.")


@app.command("domain")
def choose_domain(
    ctx: typer.Context,
    domain: Annotated[str, typer.Argument(help="A publisher's domain, which covers those below it.")],
    text_from: Annotated[str, typer.Argument(help="page, feed, or default (by what each feed is told).")],
) -> None:
    """Choose where the text of a publisher's articles comes from, whatever its feeds are told."""
    with client_for(ctx) as client:
        if text_from == "default":
            client.delete(f"/v1/domains/{domain}")
        else:
            client.put(f"/v1/domains/{domain}", {"text_from": text_from})
    say(f"{domain}: {text_from}")

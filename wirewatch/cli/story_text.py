"""A story's page as text for the terminal."""

from collections.abc import Iterator

from rich.text import Text

from wirewatch.cli.output import cell, plain
from wirewatch.client import Json

INDENT = "  "
SHOWN_NAMES = 12


def story_text(page: Json) -> Text:
    """`page` as GET /v1/stories/{id}/page answers it."""
    story = page["story"]
    lines = [Text(plain(story["title"]) or "(no title)", style="bold"), *_figures(story), *_names(story)]
    lines += [*_timeline(page), *_claims(story), *_conflicts(story), *_alerts(page), *_history(page)]
    return Text("\n").join(lines)


def _heading(title: str) -> Iterator[Text]:
    yield Text()
    yield Text(title, style="bold")


def _figures(story: Json) -> Iterator[Text]:
    sources = f"{story['independent_sources']} independent of {len(story['sources'])} sources"
    yield Text(f"story {plain(story['id'])}: {story['article_count']} articles, {sources}", style="dim")
    seen = f"{cell(story['first_seen_at'])} to {cell(story['last_seen_at'])}"
    burst = ", a burst" if story["is_burst"] else ""
    yield Text(f"{seen}, {story['growth_per_hour']:g} an hour of late{burst}", style="dim")


def _names(story: Json) -> Iterator[Text]:
    for kind in ("entities", "topics"):
        named = [f"{plain(one['name'])} ({one['articles']})" for one in story[kind][:SHOWN_NAMES]]
        if named:
            yield Text(f"{kind}: {', '.join(named)}")


def _timeline(page: Json) -> Iterator[Text]:
    """The articles by time; under each its copies, and which earlier ones it shares sentences with."""
    yield from _heading("Timeline")
    copies = {copy["article_id"]: copy for copy in page["copies"]}
    entries = page["story"]["timeline"]
    here = {entry["article_id"] for entry in entries}
    for entry in entries:
        if entry["duplicate_of"] in here:
            continue
        yield _entry(entry, INDENT)
        yield from _shared(page, entry["article_id"])
        for copy in entries:
            if copy["duplicate_of"] == entry["article_id"]:
                similarity = copies.get(copy["article_id"], {}).get("similarity")
                note = "" if similarity is None else f" ({similarity:.0%} the same)"
                yield _entry(copy, f"{INDENT}└ copy ", note)


def _entry(entry: Json, before: str, after: str = "") -> Text:
    title = plain(entry["title"]) or "(no title)"
    source = plain(entry["source"] or "unknown source")
    return Text(f"{before}{cell(entry['at'])}  {title}, {source} [article {plain(entry['article_id'])}]{after}")


def _shared(page: Json, article_id: str) -> Iterator[Text]:
    for one in page["shared_text"]:
        if one["article_id"] == article_id:
            agency = f", {plain(one['agency_id'])}" if one["agency_id"] else ""
            count = len(one["sentences"])
            yield Text(f"{INDENT}└ shares {count} sentences with article {plain(one['other_id'])}{agency}", style="dim")


def _claims(story: Json) -> Iterator[Text]:
    if story["claims"]:
        yield from _heading("Claims")
    for claim in story["claims"]:
        parties = f"{plain(claim['supplier'] or 'somebody')} to {plain(claim['recipient'] or 'somebody')}"
        yield Text(f"{INDENT}{cell(claim['items']) or 'arms'}: {parties}, {plain(claim['status'])}")
        for standing in claim["standings"]:
            yield Text(
                f"{INDENT * 2}{plain(standing['status'])} in {standing['articles']} [{cell(standing['claim_ids'])}]"
            )
            yield from (
                Text(f"{INDENT * 3}“{plain(' '.join(quote.split()))}”", style="dim") for quote in standing["quotes"]
            )


def _conflicts(story: Json) -> Iterator[Text]:
    if story["conflicts"]:
        yield from _heading("Conflicts")
    for conflict in story["conflicts"]:
        yield Text(f"{INDENT}{plain(conflict['about'])}", style="yellow")
        for side in conflict["sides"]:
            yield Text(f"{INDENT * 2}{plain(side['value'])} [articles {cell(side['article_ids'])}]")
            yield from (
                Text(f"{INDENT * 3}“{plain(' '.join(quote.split()))}”", style="dim") for quote in side["quotes"]
            )


def _alerts(page: Json) -> Iterator[Text]:
    if page["alerts"]:
        yield from _heading("Alerts")
    for alert in page["alerts"]:
        yield Text(f"{INDENT}{plain(alert['watch_name'])} ({plain(alert['state'])}) [alert {plain(alert['id'])}]")


def _history(page: Json) -> Iterator[Text]:
    if page["history"]:
        yield from _heading("History")
    for event in page["history"]:
        other = f" with story {plain(event['other_story_id'])}" if event["other_story_id"] else ""
        what = plain(event["kind"]).replace("_", " ")
        note = f": {plain(event['note'])}" if event["note"] else ""
        yield Text(f"{INDENT}{cell(event['created_at'])}  {what}{other} by {plain(event['by'])}{note}")

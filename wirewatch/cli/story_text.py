"""A story's page as text for the terminal."""

from collections.abc import Iterator

from rich.text import Text

from wirewatch.cli.claim_text import INDENT, UNKNOWN, claims_text, conflicts_text
from wirewatch.cli.output import cell, counted, minute, plain
from wirewatch.client import Json

SHOWN_NAMES = 12


def story_lines(page: Json) -> list[Text]:
    """`page` as GET /v1/stories/{id}/page answers it."""
    story = page["story"]
    lines = [Text(plain(story["title"]) or "(no title)", style="bold"), *_figures(story), *_names(story)]
    lines += [*_timeline(page), *_claims(story), *_conflicts(story), *_rejected(page), *_alerts(page)]
    lines += _history(page)
    return lines


def _heading(title: str) -> Iterator[Text]:
    yield Text()
    yield Text(title, style="bold")


def _figures(story: Json) -> Iterator[Text]:
    sources = f"{story['independent_sources']} independent of {counted(len(story['sources']), 'source')}"
    yield Text(f"story {plain(story['id'])}: {counted(story['article_count'], 'article')}, {sources}", style="dim")
    seen = f"{minute(story['first_seen_at'])} to {minute(story['last_seen_at'])} UTC"
    burst = ", a burst" if story["is_burst"] else ""
    yield Text(f"{seen}, {story['growth_per_hour']:g} an hour lately{burst}", style="dim")


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
    source = plain(entry["source"] or UNKNOWN)
    return Text(f"{before}{minute(entry['at'])}  {title}, {source} [article {plain(entry['article_id'])}]{after}")


def _shared(page: Json, article_id: str) -> Iterator[Text]:
    for one in page["shared_text"]:
        if one["article_id"] == article_id:
            agency = f", {plain(one['agency_id'])}" if one["agency_id"] else ""
            what = counted(len(one["sentences"]), "sentence")
            yield Text(f"{INDENT}└ shares {what} with article {plain(one['other_id'])}{agency}", style="dim")


def _claims(story: Json) -> Iterator[Text]:
    if story["claims"]:
        yield from _heading("Claims")
    yield from claims_text(story["claims"])


def _conflicts(story: Json) -> Iterator[Text]:
    if story["conflicts"]:
        yield from _heading("Conflicts")
    yield from conflicts_text(story)


def _rejected(page: Json) -> Iterator[Text]:
    if page["rejected_claims"]:
        yield from _heading("Rejected claims")
    for one in page["rejected_claims"]:
        claim, note = one["claim"], f": {plain(one['note'])}" if one["note"] else ""
        yield Text(f"{INDENT}{minute(one['created_at'])}  by {plain(one['by'])}{note} [claim {plain(claim['id'])}]")
        yield Text(f"{INDENT * 2}“{plain(' '.join(claim['quote'].split()))}”", style="dim")


def _alerts(page: Json) -> Iterator[Text]:
    if page["alerts"]:
        yield from _heading("Alerts")
    for alert in page["alerts"]:
        yield Text(f"{INDENT}{plain(alert['watch_name'])} ({plain(alert['state'])}) [alert {plain(alert['id'])}]")


def _history(page: Json) -> Iterator[Text]:
    if page["history"]:
        yield from _heading("History")
    for event in page["history"]:
        note = f": {plain(event['note'])}" if event["note"] else ""
        what = plain(_happened(event, page["story"]["id"]))
        yield Text(f"{INDENT}{minute(event['created_at'])}  {what} by {plain(event['by'])}{note}")


def _happened(event: Json, story_id: str) -> str:
    if event["kind"] == "merged":
        return f"story {event['other_story_id']} merged into this one"
    if event["kind"] != "split":
        done = event["kind"].removeprefix("claim_")
        return f"{done} claim{'s' if len(event['claim_ids']) > 1 else ''} {cell(event['claim_ids'])}"
    articles = f"article{'s' if len(event['article_ids']) > 1 else ''} {cell(event['article_ids'])}"
    if event["other_story_id"] == story_id:
        return f"split from story {event['story_id']} with {articles}"
    return f"{articles} split off as story {event['other_story_id']}"

"""What the feeds of the farm hold: made from their numbers alone, so that the farm and its judge need not talk."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

Format = Literal["rss20", "rss091", "rdf", "atom10", "atom03", "json"]

FEEDS_PER_HOST = 5
# Of a hundred feeds in a row. Those that are busy share their host with none that can be read.
BEHAVIOURS = (
    *["etag"] * 60,
    *["last_modified"] * 10,
    *["no_validators"] * 5,
    *["moved"] * 3,
    *["missing"] * 2,
    *("gone", "busy", "busy", "failing", "failing"),
    *("slow", "slow", "slow", "hanging", "dripping", "truncated", "truncated", "web_page", "gzip", "gzip_bomb"),
    *("endless", "deep", "comments", "mislabelled", "empty"),
)
READABLE = frozenset({"etag", "last_modified", "no_validators", "moved", "slow", "gzip", "mislabelled"})
FORMATS: tuple[Format, ...] = ("rss20", "atom10", "rss20", "json", "rdf", "rss091", "rss20", "atom03", "atom10")
BORN_AT = datetime(2026, 1, 1, tzinfo=UTC)
SENTENCES = (
    "The night ferry sails later from Monday, the harbour office said.",
    "Crews will be told of their new hours by letter, and passengers by a notice at the quay.",
    "A spokesman for the line called the change small, and said that no sailing was to be given up.",
    "The islands' council had asked for an earlier boat, so that patients can reach the hospital in the morning.",
    "Whether the timetable holds through the winter depends on the ice, as it does each year.",
)


def host_of(feed: int) -> str:
    """Loopback has sixteen million addresses, each a host."""
    number = feed // FEEDS_PER_HOST
    return f"127.{16 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"


def url_of(feed: int, port: int) -> str:
    return f"http://{host_of(feed)}:{port}/feed/{feed}"


def behaviour_of(feed: int) -> str:
    return BEHAVIOURS[feed % len(BEHAVIOURS)]


def format_of(feed: int) -> Format:
    return FORMATS[feed % len(FORMATS)]


def entry_count(feed: int, version: int) -> int:
    """Ten to forty at first; each version adds one."""
    return 10 + feed * 7 % 31 + version


def entry_id(feed: int, entry: int) -> str:
    return f"tag:feed-{feed},entry-{entry}"


def body_of(feed: int, version: int) -> bytes:
    entries = range(entry_count(feed, version) - 1, -1, -1)
    match format_of(feed):
        case "json":
            items = [_json_item(feed, entry) for entry in entries]
            about = {"version": "https://jsonfeed.org/version/1.1", "title": f"Harbour {feed}"}
            return json.dumps({**about, "home_page_url": _page(feed, ""), "items": items}).encode()
        case "atom10" | "atom03" as kind:
            return _atom(feed, [_atom_entry(feed, entry, kind) for entry in entries], kind)
        case kind:
            return _rss(feed, [_rss_item(feed, entry, kind) for entry in entries], kind)


def bomb() -> bytes:
    """Some kilobytes that unpack to a hundred megabytes."""
    return gzip.compress(b"<rss><channel><title>" + b" " * 100_000_000, compresslevel=9)


def _page(feed: int, path: str) -> str:
    return f"http://{host_of(feed)}/{path}"


def _text(feed: int, entry: int) -> str:
    sentences = "".join(f"<p>{SENTENCES[(feed + entry + n) % len(SENTENCES)]}</p>" for n in range(3 + entry % 4))
    return f"<p>Notice {entry} of harbour {feed}.</p>{sentences}"


def _at(feed: int, entry: int) -> datetime:
    return BORN_AT + timedelta(minutes=feed % 60, hours=entry * 3)


def _json_item(feed: int, entry: int) -> dict[str, str]:
    about = {"id": entry_id(feed, entry), "url": _page(feed, f"{feed}/{entry}"), "title": f"Notice {entry}"}
    return {**about, "content_html": _text(feed, entry), "date_published": _at(feed, entry).isoformat()}


def _atom_entry(feed: int, entry: int, kind: Format) -> str:
    at = _at(feed, entry).isoformat()
    dates = f"<issued>{at}</issued>" if kind == "atom03" else f"<published>{at}</published>"
    content = "<content type='html'>" if kind == "atom10" else "<content type='text/html' mode='escaped'>"
    return (
        f"<entry><id>{entry_id(feed, entry)}</id><title>Notice {entry}</title><link rel='alternate' type='text/html' "
        f"href='{_page(feed, f'{feed}/{entry}')}'/>{dates}{content}{_escaped(_text(feed, entry))}</content></entry>"
    )


def _atom(feed: int, entries: list[str], kind: Format) -> bytes:
    namespace = "http://www.w3.org/2005/Atom" if kind == "atom10" else "http://purl.org/atom/ns#"
    version = "" if kind == "atom10" else " version='0.3'"
    head = f"<title>Harbour {feed}</title><link rel='alternate' type='text/html' href='{_page(feed, '')}'/>"
    return f"<?xml version='1.0'?><feed xmlns='{namespace}'{version}>{head}{''.join(entries)}</feed>".encode()


def _rss_item(feed: int, entry: int, kind: Format) -> str:
    at = _at(feed, entry)
    date = f"<dc:date>{at.isoformat()}</dc:date>" if kind == "rdf" else f"<pubDate>{format_datetime(at)}</pubDate>"
    about = f" rdf:about='{entry_id(feed, entry)}'" if kind == "rdf" else ""
    guid = "" if kind == "rdf" else f"<guid isPermaLink='false'>{entry_id(feed, entry)}</guid>"
    return (
        f"<item{about}><title>Notice {entry}</title><link>{_page(feed, f'{feed}/{entry}')}</link>{guid}{date}"
        f"<description>{_escaped(_text(feed, entry))}</description></item>"
    )


def _rss(feed: int, items: list[str], kind: Format) -> bytes:
    head = f"<title>Harbour {feed}</title><link>{_page(feed, '')}</link>"
    names = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    if kind == "rdf":
        names += " xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'"
        document = f"<rdf:RDF {names}><channel>{head}</channel>{''.join(items)}</rdf:RDF>"
    else:
        version = "2.0" if kind == "rss20" else "0.91"
        document = f"<rss version='{version}' {names}><channel>{head}{''.join(items)}</channel></rss>"
    return f"<?xml version='1.0' encoding='utf-8'?>{document}".encode()


def _escaped(html: str) -> str:
    return html.replace("&", "&amp;").replace("<", "&lt;")

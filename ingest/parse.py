"""The body of a feed to entries: RSS, RDF and Atom through feedparser, JSON Feed by its own module.

feedparser sees bytes in memory only, never a name or an address; its sanitizing and its rewriting of links are off,
because they are quadratic and because our own text needs neither.
"""

import io
import re
import zlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from html import escape
from typing import Any

import feedparser

from ingest.dates import read_date
from ingest.entries import FeedError, ParsedEntry, ParsedFeed, RawEntry, absolute, clean, make_entries
from ingest.html import html_to_text
from ingest.json_feed import parse_json_feed
from ingest.mend import media_type, mend_xml
from ingest.sitemap import parse_sitemap
from ingest.xml_bounds import bound_xml

__all__ = ["MAX_FEED_BYTES", "PARSERS", "FeedError", "ParsedEntry", "ParsedFeed", "parse_body", "parse_feed", "unpack"]

MAX_FEED_BYTES = 10 * 1024 * 1024
PERIOD_SECONDS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}

# A JSON Feed, perhaps in UTF-16 or with a byte order mark.
_JSON_START = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*[{\[]")
# Where links with these relations lead is not the entry.
_OTHER_LINKS = frozenset(
    {"self", "payment", "replies", "edit", "hub", "license", "next", "previous", "prev", "first", "last", "via"}
    | {"related", "search", "up", "start", "service", "edit-media", "http://schemas.google.com/g/2005#feed"}
)
_ABSOLUTE = re.compile(r"\s*https?://", re.IGNORECASE)
_HTML = re.compile(rb"<!doctype\s+html|<html", re.IGNORECASE)


def _keep_no_tags(parser: Any, *_tag: object) -> None:
    """In place of feedparser's own, which compares each tag with all before it: 40,000 of them take a minute."""
    parser._get_context().setdefault("tags", [])


def _keep_no_author_details(*_arguments: object) -> None:
    """In place of feedparser's own, which looks for an e-mail address in time that is quadratic in the name."""


def _read_no_date(_text: str) -> None:
    """In place of feedparser's own; ingest.dates reads them."""


def _start_media_description(parser: Any, attributes: dict[str, str]) -> None:
    """In place of feedparser's own, which takes the caption of a picture for a text of the entry."""
    parser.push_content("media_description", attributes, "text/plain", 1)


def _end_media_description(parser: Any) -> None:
    parser.pop_content("media_description")


def _get(known: Any, name: str, default: object = None) -> object:
    """In place of feedparser's own, which raises and catches an error for each absent name."""
    return _get_by_alias(known, name, default) if name in _ALIASES else dict.get(known, name, default)


def _copy(known: Any, memo: dict[int, Any]) -> Any:
    """What it copies most are a few words about each text, and words need no copying."""
    return type(known)({name: one if isinstance(one, str) else deepcopy(one, memo) for name, one in known.items()})


for _kind in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    _kind._add_tag = _keep_no_tags
    _kind._sync_author_detail = _keep_no_author_details
    _kind._start_media_description = _start_media_description
    _kind._end_media_description = _end_media_description
feedparser.namespaces._base._parse_date = feedparser.namespaces.dc._parse_date = _read_no_date
_get_by_alias = feedparser.FeedParserDict.get
_ALIASES = {"category", "enclosures", "license", "updated", "updated_parsed"} | feedparser.FeedParserDict.keymap.keys()
feedparser.FeedParserDict.get, feedparser.FeedParserDict.__deepcopy__ = _get, _copy
feedparser.api.PREFERRED_XML_PARSERS = ["ingest.sax"]


def parse_feed(body: bytes, content_type: str, url: str) -> ParsedFeed:
    """Reads a feed that came from `url` with this Content-Type header (may be empty).

    A malformed feed in which entries are found is a feed. Raises FeedError for anything else.
    """
    if len(body) > MAX_FEED_BYTES:
        raise FeedError(f"the feed is longer than {MAX_FEED_BYTES} bytes")
    body = unpack(body)
    if _JSON_START.match(body):
        return parse_json_feed(body, url)
    bounded, warning = bound_xml(mend_xml(body))
    try:
        feed = _read(_parse_xml(bounded, content_type), url)
    except Exception as error:  # feedparser may raise anything, and that is the feed's error, not ours
        raise FeedError(f"the feed cannot be read: {type(error).__name__}: {error}"[:500]) from error
    if feed is None:
        raise FeedError("this is a web page and no feed" if _HTML.search(body[:2000]) else "this is no feed")
    return replace(feed, warning=warning)


def parse_body(kind: str, body: bytes, content_type: str, url: str) -> ParsedFeed:
    """Reads a body as the kind of feed that it is said to be. Raises FeedError."""
    return PARSERS[kind](body, content_type, url)


def _parse_json(body: bytes, _content_type: str, url: str) -> ParsedFeed:
    return parse_json_feed(unpack(body), url)


def _parse_sitemap(body: bytes, content_type: str, url: str) -> ParsedFeed:
    return parse_sitemap(unpack(body), content_type, url)


# A kind that people can choose (wirewatch.store.feeds.FeedKind) -> what reads it.
PARSERS: Mapping[str, Callable[[bytes, str, str], ParsedFeed]] = {
    "feed": parse_feed,
    "json": _parse_json,
    "sitemap": _parse_sitemap,
}


def unpack(body: bytes) -> bytes:
    """The body itself, or what a gzip file holds that was sent as a file (feed.xml.gz). Raises FeedError."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = decompressor.decompress(body, MAX_FEED_BYTES + 1)
    except zlib.error as error:
        raise FeedError(f"the feed is a damaged gzip file: {error}") from error
    if len(unpacked) > MAX_FEED_BYTES:
        raise FeedError(f"the feed unpacks to more than {MAX_FEED_BYTES} bytes")
    return unpacked


def _parse_xml(body: bytes, content_type: str) -> Any:
    return feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": media_type(body, content_type)},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _read(parsed: Any, url: str) -> ParsedFeed | None:
    if not parsed.entries and not parsed.get("version"):
        return None
    is_rss = str(parsed.get("version", "")).startswith("rss")
    home = absolute(str(parsed.feed.get("link", "")), url)
    return ParsedFeed(
        title=clean(html_to_text(str(parsed.feed.get("title", "")))),
        url=home,
        lang=clean(str(parsed.feed.get("language") or "")) or None,
        ttl_seconds=_ttl(parsed.feed),
        # Addresses in RSS are mostly relative to the site, where they are: its feed may come from elsewhere.
        entries=make_entries((_read_entry(entry, is_rss) for entry in parsed.entries), (is_rss and home) or url),
    )


def _read_entry(entry: Any, is_rss: bool) -> RawEntry:
    published = read_date(str(entry.get("published") or entry.get("created") or ""))
    # Only where it is there: feedparser answers with the publication's date for an absent update, and warns of it.
    updated = read_date(str(entry.get("updated") or "")) if "updated" in entry else None
    return RawEntry(
        guid=str(entry.get("id") or ""),
        link=_link(entry),
        title=_title(entry),
        content=_content(entry),
        # RSS knows one date; written as dc:date, feedparser takes it for the update's.
        published_at=published or (updated if is_rss else None),
        updated_at=updated,
    )


def _title(entry: Any) -> str:
    """Its detail may be that of a title inside, as of a picture; then only its type is believed."""
    title, detail = str(entry.get("title") or ""), entry.get("title_detail") or {"type": "text/plain"}
    return _html({"type": detail.get("type"), "value": title})


def _link(entry: Any) -> str:
    """The entry's page: its link, else what it links to otherwise, a file at last. A guid, or what RDF calls it, only
    if that is an address.
    """
    link = str(entry.get("feedburner_origlink") or entry.get("link") or "")
    if link and not (link == entry.get("id") and not _ABSOLUTE.match(link)):
        return link
    links = [(str(one.get("rel") or ""), str(one.get("href") or "")) for one in entry.get("links", ())]
    usable = sorted((rel == "enclosure", place) for place, (rel, _) in enumerate(links) if rel not in _OTHER_LINKS)
    about = str(entry.get("id") or "")
    is_address = "guidislink" not in entry and _ABSOLUTE.match(about)
    return next((links[place][1] for _, place in usable if links[place][1]), about if is_address else "")


def _content(entry: Any) -> str:
    """The longest of what the entry offers: the full text is sometimes in the content, sometimes in the summary. What
    is said of its pictures and films counts only where there is nothing else.
    """
    offered = [_html(detail) for detail in (*entry.get("content", ()), entry.get("summary_detail"))]
    if any(offered):
        return max(offered, key=len)
    return escape(str(entry.get("summary") or "")) or _html(entry.get("media_description_detail"))


def _html(detail: Mapping[str, Any] | None) -> str:
    if not detail:
        return ""
    value = str(detail.get("value") or "")
    return escape(value).replace("\n", "<br>") if detail.get("type") == "text/plain" else value


def _ttl(feed: Mapping[str, Any]) -> float | None:
    """Seconds, from RSS's ttl (minutes) or the syndication module's period and frequency."""
    minutes = _number(feed.get("ttl"))
    if minutes:
        return minutes * 60
    period = PERIOD_SECONDS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    return period / max(1.0, _number(feed.get("sy_updatefrequency")) or 1.0) if period else None


def _number(value: object) -> float | None:
    text = str(value or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

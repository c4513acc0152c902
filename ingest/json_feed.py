"""JSON Feed 1.x (jsonfeed.org)."""

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

import msgspec

from ingest.dates import read_date
from ingest.entries import FeedError, ParsedFeed, RawEntry, absolute, clean, make_entries

MAX_ITEMS = 10_000  # what can be read in time; far above real feeds
VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1")

_LENIENT = json.JSONDecoder(strict=False)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def parse_json_feed(body: bytes, url: str) -> ParsedFeed:
    """Raises FeedError if the body is not a JSON Feed; items that are no objects are passed over."""
    feed = _decode(body.decode(json.detect_encoding(body), "replace").lstrip("\ufeff"))
    items = _items(feed)
    if items is None:
        raise FeedError("the body is JSON, but no JSON Feed")
    found = [_read(item) for item in items[:MAX_ITEMS]]
    home = absolute(_text(feed, "home_page_url"), url)
    return ParsedFeed(
        title=clean(_text(feed, "title")),
        url=home,
        lang=clean(_text(feed, "language")) or None,
        ttl_seconds=None,
        entries=make_entries(found, home or url),
        warning=f"the feed has more than {MAX_ITEMS} items, the rest was not read" if len(items) > MAX_ITEMS else None,
    )


def _decode(text: str) -> Any:
    """JSON, and what is nearly so: with control characters in its strings, halves of characters, or words behind it."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return _LENIENT.raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError) as error:
        raise FeedError(f"the body looks like JSON, but it is not: {error}") from error


def _items(feed: Any) -> list[dict[str, Any]] | None:
    """The items of what is a JSON Feed, or looks like one that forgot its version; None for other JSON."""
    if not isinstance(feed, dict):
        return None
    items = feed.get("items")
    objects = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    if VERSION.match(_text(feed, "version")):
        return objects
    looks_like_one = objects and all(_text(item, "id") or _text(item, "url") for item in objects)
    return objects if looks_like_one and _text(feed, "title") else None


def _read(item: Mapping[str, Any]) -> RawEntry:
    name = _text(item, "id")
    return RawEntry(
        guid=name,
        # "Ideally, the id is the full URL of the resource described by the item."
        link=_text(item, "url") or _text(item, "external_url") or (name if _ADDRESS.match(name) else ""),
        title=escape(_text(item, "title")),
        content=_text(item, "content_html") or _paragraphs(_text(item, "content_text") or _text(item, "summary")),
        published_at=read_date(_text(item, "date_published")),
        updated_at=read_date(_text(item, "date_modified")),
    )


def _text(item: Mapping[str, Any], name: str) -> str:
    """Numbers too, since many give numeric ids."""
    value = item.get(name)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _paragraphs(text: str) -> str:
    return escape(text).replace("\n", "<br>")

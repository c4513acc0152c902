"""JSON Feed 1.x (jsonfeed.org)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

import msgspec

from ingest.entries import FeedError, ParsedFeed, RawEntry, absolute, clean, make_entries

MAX_ITEMS = 10_000  # what can be read in time; far above real feeds
VERSIONS = ("https://jsonfeed.org/version/1", "http://jsonfeed.org/version/1")


def parse_json_feed(body: bytes, url: str) -> ParsedFeed:
    """Raises FeedError if the body is not a JSON Feed; items that are no objects are passed over."""
    try:
        feed = msgspec.json.decode(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise FeedError(f"the body looks like JSON, but it is not: {error}") from error
    if not isinstance(feed, dict) or not _text(feed, "version").startswith(VERSIONS):
        raise FeedError("the body is JSON, but no JSON Feed")
    items = feed.get("items")
    found = [_read(item) for item in items[:MAX_ITEMS] if isinstance(item, dict)] if isinstance(items, list) else []
    return ParsedFeed(
        title=clean(_text(feed, "title")),
        url=absolute(_text(feed, "home_page_url"), url),
        lang=clean(_text(feed, "language")) or None,
        ttl_seconds=None,
        entries=make_entries(found, url),
    )


def _read(item: Mapping[str, Any]) -> RawEntry:
    return RawEntry(
        guid=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=escape(_text(item, "title")),
        content=_text(item, "content_html") or _paragraphs(_text(item, "content_text") or _text(item, "summary")),
        published_at=_time(item, "date_published"),
        updated_at=_time(item, "date_modified"),
    )


def _text(item: Mapping[str, Any], name: str) -> str:
    """Numbers too, since many give numeric ids."""
    value = item.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _paragraphs(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _time(item: Mapping[str, Any], name: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(_text(item, name).strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

"""What a feed gives, whatever its format, made fit to be stored."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote, urljoin

from ingest.html import html_to_text
from ingest.identity import split_address
from wirewatch.errors import WirewatchError

MAX_ID_CHARACTERS = 2048
MAX_URL_CHARACTERS = 8192
MAX_TITLE_CHARACTERS = 10_000

_UNSAFE = re.compile(r"[\x00-\x20\x7f]")  # often left in addresses; browsers escape them


class FeedError(WirewatchError):
    """A body that cannot be read as a feed; the message says why, in words for the feed's owner."""


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One raw item. `external_id` is its identity within the feed. Dates are what the feed says, None if unreadable."""

    external_id: str
    url: str | None
    title: str
    text: str
    published_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """`entries` in the feed's order; `ttl_seconds` is how long the feed asks not to be polled again.

    `warning` says in words what of the body could not be read although the rest was. `parts` are addresses at which
    there are more entries, as an index of sitemaps names them.
    """

    title: str
    url: str | None
    lang: str | None
    ttl_seconds: float | None
    entries: tuple[ParsedEntry, ...]
    warning: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An item as a format's parser found it. `title` and `content` are HTML (plain text: escaped)."""

    guid: str = ""
    link: str = ""
    title: str = ""
    content: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None


def make_entries(raw: Iterable[RawEntry], base_url: str) -> tuple[ParsedEntry, ...]:
    """Entries with text, absolute URLs and an identity each: guid, else link, else a hash of the content.

    A name that items with different titles or links share identifies none of them; exact repetitions are dropped.
    """
    items = [replace(item, guid=clean(item.guid), link=absolute(item.link, base_url) or "") for item in raw]
    by_guid = _unambiguous((item.guid, (item.link, item.title)) for item in items)
    by_link = _unambiguous((item.link, item.title) for item in items if item.guid not in by_guid)
    entries: dict[str, ParsedEntry] = {}
    for item in items:
        name = item.guid if item.guid in by_guid else item.link if item.link in by_link else ""
        entry = _make_entry(item, name)
        entries.setdefault(entry.external_id, entry)
    return tuple(entries.values())


def _unambiguous(named: Iterable[tuple[str, object]]) -> set[str]:
    """The names that always stand for the same thing."""
    things: dict[str, object] = {}
    ambiguous = {""}
    for name, thing in named:
        if things.setdefault(name, thing) != thing:
            ambiguous.add(name)
    return things.keys() - ambiguous


def _make_entry(item: RawEntry, name: str) -> ParsedEntry:
    title = clean(" ".join(html_to_text(item.title).split()))[:MAX_TITLE_CHARACTERS]
    text = clean(html_to_text(item.content))
    return ParsedEntry(
        external_id=_identity(name, title, text),
        url=item.link or None,
        title=title,
        text=text,
        published_at=item.published_at,
        updated_at=item.updated_at,
    )


def _identity(name: str, title: str, text: str) -> str:
    if name and len(name) <= MAX_ID_CHARACTERS:
        return name
    digest = hashlib.sha256((name or f"{title}\n{text}").encode()).hexdigest()
    return f"sha256:{digest}"


def clean(text: str) -> str:
    """Text that can be stored: no NUL, no lone surrogates, nothing around it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "").strip()


def absolute(link: str, base_url: str) -> str | None:
    """The http or https URL that a link means on a page; None if it means no such thing."""
    if not clean(link):
        return None
    try:
        url = _UNSAFE.sub(lambda found: quote(found[0]), urljoin(base_url, clean(link)))
        split_address(url)
    except ValueError:
        return None
    return url if len(url) <= MAX_URL_CHARACTERS else None

"""Sitemaps as feeds (sitemaps.org, with Google's news elements): one for each page, or an index of others."""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit
from xml.parsers import expat

from ingest.dates import read_date
from ingest.entries import FeedError, ParsedFeed, RawEntry, absolute, clean, make_entries
from ingest.mend import mend_xml, narrow

MAX_URLS = 5_000  # the newest; the standard allows 50,000, of which a monitor wants those that are news
MAX_SITEMAPS = 1_000
MAX_ELEMENTS = 600_000
MAX_VALUE_CHARS = 8_192

# What is kept of each item, by local name; of the news namespace and of the sitemap's own.
_FIELDS = frozenset({"loc", "lastmod", "publication_date", "title", "language", "name"})
_ITEMS = frozenset({"url", "sitemap"})


@dataclass(frozen=True, slots=True)
class ListedSitemap:
    """One that an index names."""

    url: str
    changed_at: datetime | None


def parse_sitemap(body: bytes, _content_type: str, url: str) -> ParsedFeed:
    """The pages of a sitemap as entries, the newest first; of an index the sitemaps as parts. Raises FeedError."""
    scan = _scan(body)
    if scan.root == "sitemapindex":
        parts = tuple(one.url for one in _listed(scan, url))
        return ParsedFeed("", None, None, None, (), None if parts else "the index names no sitemap", parts)
    if scan.root != "urlset":
        raise FeedError("this is no sitemap")
    items = sorted(scan.items, key=_newest, reverse=True)[:MAX_URLS]
    names = [item["name"] for item in items if item.get("name")]
    langs = {item["language"] for item in items if item.get("language")}
    return ParsedFeed(
        title=clean(names[0]) if names else "",
        url=None,
        lang=next(iter(langs)) if len(langs) == 1 else None,
        ttl_seconds=None,
        entries=make_entries((_entry(item) for item in items), url),
        warning=f"only the newest {MAX_URLS} of {len(scan.items)} pages are read"
        if len(scan.items) > MAX_URLS
        else None,
    )


def parse_index(body: bytes, url: str) -> list[ListedSitemap]:
    """The sitemaps that an index names, those of news and then the newest first; none where it is no index.

    Raises FeedError.
    """
    scan = _scan(body)
    return _listed(scan, url) if scan.root == "sitemapindex" else []


def _listed(scan: "_Scan", url: str) -> list[ListedSitemap]:
    items = sorted(scan.items, key=_newest, reverse=True)[:MAX_SITEMAPS]
    found = [(absolute(item.get("loc", ""), url), read_date(item.get("lastmod", ""))) for item in items]
    listed = [ListedSitemap(loc, at) for loc, at in found if loc]
    return sorted(listed, key=lambda one: "news" not in urlsplit(one.url).path.lower())


def is_news(body: bytes) -> bool:
    """Whether a sitemap tells of news, as those for search engines' news pages do."""
    return b"schemas/sitemap-news" in body


class _Scan:
    """One pass by expat, which keeps of each item the few fields wanted."""

    def __init__(self) -> None:
        self.root = ""
        self.items: list[dict[str, str]] = []
        self._elements = 0
        self._item: dict[str, str] | None = None
        self._field: str | None = None

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise FeedError(f"the sitemap has more than {MAX_ELEMENTS} elements")
        local = name.rpartition(":")[2].lower()
        self.root = self.root or local
        if local in _ITEMS and self._item is None:
            self._item = {}
        # Images and films of a page have titles and places of their own.
        is_own = not name.lower().startswith(("image:", "video:"))
        self._field = local if local in _FIELDS and self._item is not None and is_own else None

    def text(self, data: str) -> None:
        if self._field and self._item is not None:
            known = self._item.get(self._field, "")
            self._item[self._field] = (known + data)[:MAX_VALUE_CHARS]

    def end(self, name: str) -> None:
        self._field = None
        if name.rpartition(":")[2].lower() in _ITEMS and self._item is not None:
            if self._item.get("loc", "").strip():
                self.items.append({key: value.strip() for key, value in self._item.items()})
            self._item = None


def _scan(body: bytes) -> _Scan:
    body = narrow(body)
    if b"<!ENTITY" in body:
        raise FeedError("the sitemap declares entities, which none needs")
    body = mend_xml(body.lstrip())
    scan = _Scan()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = scan.start, scan.end
    parser.CharacterDataHandler = scan.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        if not scan.items:
            raise FeedError(f"the sitemap is not well-formed XML: {error}") from error
    return scan


def _newest(item: dict[str, str]) -> datetime:
    at = read_date(item.get("publication_date", "")) or read_date(item.get("lastmod", ""))
    return at or datetime.min.replace(tzinfo=UTC)


def _entry(item: dict[str, str]) -> RawEntry:
    """The address is the identity: a sitemap has no other. Its day of change is no day of publication."""
    return RawEntry(
        link=item["loc"],
        title=escape(item.get("title", "")),
        published_at=read_date(item.get("publication_date", "")),
        updated_at=read_date(item.get("lastmod", "")),
    )

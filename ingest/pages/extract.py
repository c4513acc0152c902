"""The article on a page: its text by trafilatura, and what the page says about it.

trafilatura gets text in memory and never an address. It is no match for pages that were made to harm (200,000 times
`<p>` take it 17 seconds), so pages of strangers are read in a confined child (reader.py).
"""

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

import trafilatura
from lxml.etree import _Element
from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata
from trafilatura.utils import load_html

from ingest.html import html_to_text
from ingest.pages.page import Page, decode_page, find_other_kind
from ingest.pages.walls import Signs, find_wall
from wirewatch.web.bodies import LANG_PATTERN

MAX_NAME_CHARS = 500
MAX_TITLE_CHARS = 10_000
# Our own robots name, and everybody's.
ROBOTS_NAMES = frozenset({"robots", "wirewatch"})
DATE_PROPERTIES = frozenset({"article:published_time", "og:published_time", "datepublished", "dc.date.issued", "date"})

_LANG = re.compile(LANG_PATTERN)
# It logs each page that it finds no text in.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def page_text(html: bytes) -> str:
    """The main text of a page, "" where there is none: nothing of what trafilatura finds is left out."""
    page = decode_page(html)
    return main_text(page) if page is not None else ""


def main_text(html: str) -> str:
    """As `page_text`, of decoded HTML. Paragraphs are parted by a blank line."""
    found = trafilatura.extract(html, include_comments=False)
    return found.replace("\n", "\n\n") if found else ""


def read_page(body: bytes, content_type: str, url: str) -> Page:
    """Everything that a page says of the article on it. Never raises for what the page holds."""
    other = find_other_kind(body, content_type)
    html = None if other else decode_page(body, content_type)
    if html is None or not html.strip():
        return Page("not_html", detail=f"a page was expected, but this is {other or 'binary data'}"[:300])
    if content_type.partition(";")[0].strip().lower() == "text/plain" and "<html" not in html[:2000].lower():
        return Page("article", text=html.strip())
    return read_html(html, url)


def read_html(html: str, url: str) -> Page:
    """As `read_page`, of decoded HTML."""
    try:
        tree = load_html(html)
    except Exception:  # noqa: BLE001 (whatever lxml stumbles over: the page cannot be read)
        tree = None
    if tree is None:
        return Page("no_text", detail="there is no text on the page")
    text = main_text(html)
    about = _read_about(tree, url)
    signs = Signs(url, about.title or "", text, _visible_start(html), _is_said_locked(tree))
    wall = find_wall(signs)
    if wall:
        return _with(about, wall[0], "", wall[1])
    if not text:
        return _with(about, "no_text", "", _why_empty(tree))
    return _with(about, "article", text, "")


def _with(about: Page, verdict: str, text: str, detail: str) -> Page:
    known = {name: getattr(about, name) for name in Page.__dataclass_fields__}
    return Page(**{**known, "verdict": verdict, "text": text, "detail": detail})


def _read_about(tree: HtmlElement, url: str) -> Page:
    try:
        found = extract_metadata(tree, url, {"original_date": True, "extensive_search": False})
    except Exception:  # noqa: BLE001 (trafilatura may raise anything on odd metadata, and the text is worth more)
        found = trafilatura.metadata.Document()
    return Page(
        "article",
        title=_short(found.title, MAX_TITLE_CHARS),
        author=_short(found.author, MAX_NAME_CHARS),
        published_at=_find_time(tree, found.date),
        canonical_url=_find_canonical(tree, url),
        lang=_find_lang(tree),
        site_name=_short(found.sitename, MAX_NAME_CHARS),
        forbids_archive=_forbids_archive(tree),
    )


def _short(value: str | None, limit: int) -> str | None:
    return " ".join(unescape(value).split())[:limit] or None if value else None


def _metas(tree: _Element) -> Iterator[tuple[str, str]]:
    """(name, content) of the page's meta elements; the name in small letters."""
    for meta in tree.iter("meta"):
        name = meta.get("name") or meta.get("property") or meta.get("itemprop") or ""
        yield name.strip().lower(), meta.get("content") or ""


def _find_time(tree: HtmlElement, day: str | None) -> str | None:
    """The day that htmldate finds, with the time where the page gives one for that day."""
    if day is None:
        return None
    for written in _written_times(tree):
        try:
            at = datetime.fromisoformat(written.strip())
        except ValueError:
            continue
        if at.date().isoformat() == day:
            return at.isoformat()
    return day


def _written_times(tree: HtmlElement) -> Iterator[str]:
    yield from (content for name, content in _metas(tree) if name in DATE_PROPERTIES)
    for data in _linked_data(tree):
        if isinstance(published := data.get("datePublished"), str):
            yield published
    yield from (element.get("datetime") or "" for element in tree.iter("time"))


def _linked_data(tree: _Element) -> Iterator[dict[str, object]]:
    """The objects of the page's JSON-LD, those in @graph too."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            found = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        roots = found if isinstance(found, list) else [found]
        for root in roots:
            if isinstance(root, dict):
                yield root
                graph = root.get("@graph")
                yield from (item for item in graph if isinstance(item, dict)) if isinstance(graph, list) else ()


def _is_said_locked(tree: _Element) -> bool:
    """The page says itself that not all may read all of it."""
    if any(name == "article:content_tier" and content.strip().lower() == "locked" for name, content in _metas(tree)):
        return True
    return any(str(data.get("isAccessibleForFree", "")).lower() == "false" for data in _linked_data(tree))


def _forbids_archive(tree: _Element) -> bool:
    return any(name in ROBOTS_NAMES and "noarchive" in content.lower() for name, content in _metas(tree))


def _find_canonical(tree: _Element, url: str) -> str | None:
    """The address that the page gives for itself, where it is one of the same site and no mere front page."""
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            try:
                found = urljoin(url, (link.get("href") or "").strip())
                parts, own = urlsplit(found), urlsplit(url)
            except ValueError:
                return None
            is_same_site = _site(parts.hostname) == _site(own.hostname)
            is_front = parts.path in ("", "/") and not parts.query and own.path not in ("", "/")
            return found if parts.scheme in ("http", "https") and is_same_site and not is_front else None
    return None


def _site(host: str | None) -> str:
    return (host or "").lower().removeprefix("www.").removeprefix("m.").removeprefix("amp.")


def _find_lang(tree: _Element) -> str | None:
    root = tree if tree.tag == "html" else next(tree.iter("html"), tree)
    written = [
        root.get("lang") or "",
        *(content for name, content in _metas(tree) if name in ("og:locale", "language")),
    ]
    return next((lang for value in written if _LANG.fullmatch(lang := value.strip().replace("_", "-"))), None)


def _visible_start(html: str) -> str:
    """What a visitor reads first, boilerplate and all, for the signs of walls."""
    return html_to_text(html)[:5_000]


def _why_empty(tree: _Element) -> str:
    if next(tree.iter("frameset", "frame"), None) is not None:
        return "the page consists of frames and has no text of its own"
    if next(tree.iter("script"), None) is not None:
        return "there is no text on the page; a program in it may write one"
    return "there is no text on the page"

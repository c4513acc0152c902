"""OPML, in which readers hand on lists of feeds: folders are tags here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from xml.etree import ElementTree
from xml.parsers import expat

from wirewatch.errors import InvalidInputError

MAX_FEEDS = 20_000
MAX_DEPTH = 50
MAX_TAGS = 20
MAX_TAG_CHARS = 100
MAX_NAME_CHARS = 200
TITLE = "Feeds of Wirewatch"
# Kinds that are written as types of their own; any other feed is of the type that all readers know.
OWN_TYPES = frozenset({"sitemap", "json"})


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed as a list has it. `tags` are the folders that it is in, and its categories."""

    url: str
    name: str | None
    tags: tuple[str, ...]
    kind: str = "feed"


class ShownFeed(Protocol):
    """What is written of a feed."""

    @property
    def url(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def tags(self) -> list[str]: ...
    @property
    def kind(self) -> str: ...


def parse_opml(body: bytes) -> list[ListedFeed]:
    """The feeds of a list, each address once with the tags of all its places.

    Raises InvalidInputError for what is no OPML, declares entities, or has too much of anything.
    """
    scan = _Scan()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = scan.start, scan.end
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise InvalidInputError([("", f"the list is not well-formed XML: {error}")]) from error
    if not scan.is_opml:
        raise InvalidInputError([("", "this is no OPML: its root element must be opml")])
    return list(scan.feeds.values())


def render_opml(feeds: Iterable[ShownFeed]) -> bytes:
    """OPML 2.0: each feed in the folder of its first tag, with all of them as categories. Secrets are not in it."""
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = TITLE
    body = ElementTree.SubElement(root, "body")
    folders: dict[str, ElementTree.Element] = {}
    for feed in feeds:
        parent = body
        if feed.tags:
            tag = feed.tags[0]
            if tag not in folders:
                folders[tag] = ElementTree.SubElement(body, "outline", text=tag, title=tag)
            parent = folders[tag]
        name = feed.name or feed.url
        shown = {
            "type": feed.kind if feed.kind in OWN_TYPES else "rss",
            "text": name,
            "title": name,
            "xmlUrl": feed.url,
        }
        if feed.tags:
            shown["category"] = ",".join(feed.tags)
        ElementTree.SubElement(parent, "outline", shown)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


class _Scan:
    """One pass that remembers the folders that it is in."""

    def __init__(self) -> None:
        self.is_opml = False
        self.feeds: dict[str, ListedFeed] = {}
        self._open: list[str | None] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and not self.is_opml:
            self.is_opml = name.lower() == "opml"
        if len(self._open) >= MAX_DEPTH:
            raise InvalidInputError([("", f"folders are nested more than {MAX_DEPTH} deep")])
        if name.lower() != "outline":
            self._open.append(None)
            return
        given = {key.lower(): " ".join(value.split()) for key, value in attributes.items()}
        title = given.get("title") or given.get("text") or ""
        if not given.get("xmlurl"):
            self._open.append(title[:MAX_TAG_CHARS] or None)
            return
        self._open.append(None)
        self._add(given, title)

    def _add(self, given: dict[str, str], title: str) -> None:
        url = given["xmlurl"]
        known = self.feeds.get(url)
        folders = [folder for folder in self._open if folder]
        tags = [*(known.tags if known else ()), *folders, *_categories(given.get("category", ""))]
        name = (known.name if known else None) or (title[:MAX_NAME_CHARS] if title != url else None) or None
        type_ = given.get("type", "").lower()
        kind = type_ if type_ in OWN_TYPES else "feed"
        self.feeds[url] = ListedFeed(url, name, tuple(dict.fromkeys(tags))[:MAX_TAGS], kind)
        if len(self.feeds) > MAX_FEEDS:
            raise InvalidInputError([("", f"the list has more than {MAX_FEEDS} feeds")])

    def end(self, _name: str) -> None:
        self._open.pop()


def _categories(value: str) -> list[str]:
    parts = (part.strip().strip("/").strip() for part in value.split(","))
    return [part[:MAX_TAG_CHARS] for part in parts if part]


def _refuse_entities(*_arguments: object) -> None:
    raise InvalidInputError([("", "the list declares entities, which none needs")])

"""Lists of feeds, in and out."""

from dataclasses import dataclass, field

import pytest

from wirewatch.errors import InvalidInputError
from wirewatch.opml import parse_opml, render_opml

LIST = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>mine</title></head><body>
  <outline text="World"><outline text="Wires">
    <outline type="rss" text=" Harbour  Post " xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
  </outline></outline>
  <outline title="No folder" xmlurl="https://b.example/feed" category="/ships/ferries, ice"/>
  <outline text="Again"><outline xmlUrl="https://a.example/feed"/></outline>
  <outline text="a folder with nothing in it"/>
</body></opml>"""


@dataclass
class Shown:
    url: str
    name: str | None = None
    tags: list[str] = field(default_factory=list)
    kind: str = "feed"


def test_folders_become_tags() -> None:
    first, second = parse_opml(LIST)
    assert (first.url, first.name) == ("https://a.example/feed", "Harbour Post")
    assert first.tags == ("World", "Wires", "Again")
    assert (second.name, second.tags) == ("No folder", ("ships/ferries", "ice"))


def test_what_is_written_is_read_again() -> None:
    feeds = [Shown("https://a.example/?a=1&b=2", 'A "quoted" <name>', ["x", "y"]), Shown("https://b.example/")]
    feeds += [Shown("https://b.example/news.xml", kind="sitemap"), Shown("https://b.example/feed.json", kind="json")]
    again = parse_opml(render_opml(feeds))
    assert [(feed.url, list(feed.tags)) for feed in again] == [(feed.url, feed.tags) for feed in feeds]
    assert [feed.name for feed in again] == [feeds[0].name, None, None, None]
    assert [feed.kind for feed in again] == ["feed", "feed", "sitemap", "json"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<html/>",
        b"<opml><body><outline></body></opml>",
        b'<!DOCTYPE o [<!ENTITY a "b">]><opml><body><outline xmlUrl="&a;"/></body></opml>',
        b'<!DOCTYPE o [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>&a;</body></opml>',
        b"<opml>" + b"<outline>" * 100_000,
        b"<opml>" + b"".join(b"<outline xmlUrl='http://a.example/%d'/>" % n for n in range(20_001)) + b"</opml>",
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_used_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_opml(body)

"""Sitemaps as feeds."""

from datetime import UTC, datetime

import pytest

from ingest.entries import FeedError
from ingest.parse import parse_body
from ingest.sitemap import is_news, parse_index

URL = "https://news.example/sitemap.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc>https://news.example/old</loc><lastmod>2026-03-01</lastmod></url>
  <url><loc> https://news.example/ferry </loc>
    <n:news><n:publication><n:name>Harbour Post</n:name><n:language>en</n:language></n:publication>
      <n:publication_date>2026-03-02T10:15:00+02:00</n:publication_date>
      <n:title>Ferry &amp; ice</n:title></n:news>
    <image:image><image:loc>https://news.example/p.jpg</image:loc><image:title>A picture</image:title></image:image>
  </url>
  <url><loc>javascript:x</loc></url><url><lastmod>2026-03-01</lastmod></url>
</urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
  <sitemap><loc>https://news.example/a.xml</loc><lastmod>2026-01-01</lastmod></sitemap>
  <sitemap><loc>/b.xml</loc><lastmod>2026-03-01T00:00:00Z</lastmod></sitemap>
</sitemapindex>"""


def test_pages_become_entries_the_newest_first() -> None:
    feed = parse_body("sitemap", NEWS, "application/xml", URL)
    first, second = feed.entries[:2]
    assert (first.url, first.title) == ("https://news.example/ferry", "Ferry & ice")
    assert first.published_at == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    assert first.external_id == first.url
    assert (second.url, second.published_at) == ("https://news.example/old", None)
    assert second.updated_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert (feed.title, feed.lang) == ("Harbour Post", "en")
    assert is_news(NEWS)


def test_an_index_names_sitemaps_as_its_parts_those_of_news_first() -> None:
    parts = ["https://news.example/b.xml", "https://news.example/a.xml"]
    assert [one.url for one in parse_index(INDEX, URL)] == parts
    assert parse_index(NEWS, URL) == []
    assert parse_body("sitemap", INDEX, "", URL).parts == tuple(parts)
    assert parse_index(INDEX.replace(b"/a.xml", b"/a-news.xml"), URL)[0].url == "https://news.example/a-news.xml"


def test_an_empty_index_says_so() -> None:
    feed = parse_body("sitemap", b"<sitemapindex/>", "", URL)
    assert (feed.entries, feed.parts, feed.warning) == ((), (), "the index names no sitemap")


@pytest.mark.parametrize(
    "body",
    [
        b"<urlset><url><loc>https://news.example/?a=1&b=2&amp;c=3</loc></url></urlset>",
        b"\n  <?xml version='1.0'?><urlset><url><loc>https://news.example/?a=1&#38;b=2&c=3</loc></url></urlset>",
        "\n<urlset><url><loc>https://news.example/?a=1&amp;b=2&amp;c=3</loc></url></urlset>".encode("utf-16-le"),
    ],
)
def test_sitemaps_that_are_no_quite_good_xml_are_read(body: bytes) -> None:
    (entry,) = parse_body("sitemap", body, "", URL).entries
    assert entry.url == "https://news.example/?a=1&b=2&c=3"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"<rss><channel/></rss>",
        b'<!DOCTYPE u [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><urlset><url><loc>&c;</loc></url></urlset>',
        b'<!DOCTYPE u [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>',
        pytest.param(b"<urlset>" + b"<a/>" * 600_001, marks=pytest.mark.costly),
        b"\x1f\x8b\x08broken",
    ],
)
def test_what_is_no_sitemap_is_a_feed_error(body: bytes) -> None:
    with pytest.raises(FeedError):
        parse_body("sitemap", body, "", URL)


def test_of_a_torn_sitemap_the_whole_pages_are_read() -> None:
    assert len(parse_body("sitemap", NEWS[: NEWS.index(b"javascript")], "", URL).entries) == 2

"""Links of a page that lead to feeds."""

from ingest.discovery import feed_links

URL = "https://news.example/section/page?x=1"


def test_declared_feeds_come_first_and_comments_last() -> None:
    html = """<a href="/rss/sport.xml">RSS</a><a href="/feeding-birds">no feed</a><a href='/about'>about</a>
    <LINK REL="alternate" TYPE="application/rss+xml" HREF="/comments/feed">
    <link rel=alternate type=application/atom+xml href=atom.xml><link rel="stylesheet" href="/feed.css">
    <link rel="alternate" type="application/feed+json" href="https://other.example/feed.json?a=1&amp;b=2">
    <link rel="alternate" hreflang="de" href="/de">"""
    assert feed_links(html, URL) == [
        "https://news.example/section/atom.xml",
        "https://other.example/feed.json?a=1&b=2",
        "https://news.example/rss/sport.xml",
        "https://news.example/comments/feed",
    ]


def test_the_base_of_a_page_counts() -> None:
    html = '<base href="/blog/"><link rel="alternate" type="application/rss+xml" href="feed">'
    assert feed_links(html, URL) == ["https://news.example/blog/feed"]


def test_odd_links_are_passed_over() -> None:
    html = "<link type='application/rss+xml' href='javascript:x'><link type='application/rss+xml' href='http://[x'>" * 3
    assert feed_links(html + "<link " * 10_000 + "<a" + " x=y" * 10_000, URL) == []

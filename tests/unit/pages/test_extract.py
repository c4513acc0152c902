"""What is read from a page."""

import pytest
import trafilatura

from ingest.pages.extract import page_text, read_page
from ingest.pages.page import decode_page

SENTENCES = [
    f"The night ferry will sail {number} minutes later from Monday because of ice in the northern channel, "
    f"the port authority of Harbour said in notice {number}."
    for number in range(1, 9)
]
HEAD = """
<title>Night ferry delayed - Harbour Post</title>
<meta property="og:site_name" content="Harbour Post"><meta name="author" content="Ada Brook">
<meta property="article:published_time" content="2026-03-02T10:15:00+02:00">
<link rel="canonical" href="/news/ferry">
"""
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)


def page(body: str = f"<article><h1>Night ferry delayed</h1>{PARAGRAPHS}</article>", head: str = HEAD) -> bytes:
    menu = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
    foot = "<footer><p>All rights reserved by the Harbour Post company.</p></footer>"
    return f"<!doctype html><html lang='en-GB'><head>{head}</head><body>{menu}{body}{foot}</body></html>".encode()


def read(body: bytes, content_type: str = "text/html; charset=utf-8"):  # type: ignore[no-untyped-def]
    return read_page(body, content_type, "https://www.harbour.example/news/ferry?utm_source=feed")


def test_the_text_is_all_that_trafilatura_finds() -> None:
    found = trafilatura.extract(page().decode(), include_comments=False)
    assert found is not None
    assert page_text(page()).split() == found.split()
    assert all(sentence in page_text(page()) for sentence in SENTENCES)
    assert "rights reserved" not in page_text(page())


COOKIES = "<div class='cookies'><p>We use cookies. Accept all or manage options in our privacy settings.</p></div>"
OFFER = "<aside><p>Subscribe for unlimited access. Already a subscriber? Sign in to continue reading.</p></aside>"
LAYOUTS = {
    "headings and lists": f"<main><h1>Ferry</h1><h2>Ice</h2>{PARAGRAPHS}<ul><li>At six</li><li>At ten</li></ul></main>",
    "quotes, marks and breaks": f"<article>{PARAGRAPHS}<blockquote>“Ice <b>holds</b>” &mdash; the <i>pilot</i>"
    "</blockquote><p>One<br>two<br/>three</p><pre>code  kept</pre></article>",
    "a table": f"<article>{PARAGRAPHS}<table><tr><th>Boat</th><th>Hour</th></tr><tr><td>Ada</td><td>6</td></tr></table>"
    "</article>",
    "pictures with captions": f"<article>{PARAGRAPHS}<figure><img src='a.jpg' alt='Ice'><figcaption>Dawn</figcaption>"
    "</figure></article>",
    "links in the text": f"<article><p>See <a href='/a'>the notice</a> of the port.</p>{PARAGRAPHS}</article>",
    "comments below": f"<article>{PARAGRAPHS}</article><section id='comments'><p>I was on that ferry.</p></section>",
    "a banner and an offer around it": f"{COOKIES}<article>{PARAGRAPHS}{PARAGRAPHS}</article>{OFFER}",
    "teasers of other articles": f"<article>{PARAGRAPHS}</article><div class='related'><h3>More</h3>"
    "<p>Harbour master retires.</p><p>Quay closed for repairs.</p></div>",
    "no article element": f"<div id='content'><div class='text'>{PARAGRAPHS}</div></div>",
    "text without paragraphs": f"<div class='article-body'>{'<br><br>'.join(SENTENCES)}</div>",
    "another script": f"<article>{('<p>' + 'Ночной паром отправится позже из-за льда. ' * 5 + '</p>') * 5}</article>",
    "a paragraph six times": f"<article>{('<p>' + SENTENCES[0] + '</p>') * 6}{PARAGRAPHS}</article>",
    "a short notice": f"<article><h1>Ferry</h1><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p></article>",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_layout_loses_or_gains_a_word_by_our_reading(name: str) -> None:
    body = page(LAYOUTS[name])
    bare = trafilatura.extract(body.decode(), include_comments=False)
    assert bare
    assert page_text(body).split() == bare.split()
    found = read(body)
    assert (found.verdict, found.text.split()) == ("article", bare.split())


def test_what_the_page_says_of_the_article() -> None:
    found = read(page())
    assert found.verdict == "article"
    assert found.title == "Night ferry delayed"
    assert found.author == "Ada Brook"
    assert found.published_at == "2026-03-02T10:15:00+02:00"
    assert found.canonical_url == "https://www.harbour.example/news/ferry"
    assert found.lang == "en-GB"
    assert found.site_name == "Harbour Post"
    assert not found.forbids_archive


def test_a_page_that_says_nothing_of_itself_has_nothing_made_up() -> None:
    found = read(page(head="<title>x</title>"))
    assert (found.author, found.published_at, found.canonical_url) == (None, None, None)


@pytest.mark.parametrize("href", ["/", "https://other.example/a", "http://[broken", "javascript:x", ""])
def test_a_canonical_link_elsewhere_is_not_believed(href: str) -> None:
    canonical = read(page(head=f"<link rel=canonical href='{href}'>")).canonical_url
    assert canonical in (None, "https://www.harbour.example/news/ferry?utm_source=feed")


@pytest.mark.parametrize("name", ["robots", "wirewatch", "ROBOTS"])
def test_noarchive_is_seen(name: str) -> None:
    assert read(page(head=f"<meta name={name} content='index, NOARCHIVE'>")).forbids_archive


@pytest.mark.parametrize(
    ("body", "content_type", "word"),
    [
        (b"%PDF-1.7 ...", "text/html", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "image"),
        (b"\xff\xd8\xff\xe0", "", "image"),
        (b"GIF89a", "text/html", "image"),
        (b"\0\1\2\3\xff\xfe\xfd" * 100, "text/html", "binary"),
        (b"", "text/html", "binary"),
        (b'{"a": 1}', "application/json", "application/json"),
        (b"<rss version='2.0'>", "text/html", "feed"),
    ],
)
def test_what_is_no_page_is_said_to_be_none(body: bytes, content_type: str, word: str) -> None:
    found = read(body, content_type)
    assert found.verdict == "not_html"
    assert word in found.detail


def test_a_page_of_frames_says_so() -> None:
    found = read(b"<html><head><title>x</title></head><frameset><frame src=a><frame src=b></frameset></html>")
    assert found.verdict == "no_text"
    assert "frames" in found.detail


def test_a_page_that_is_locked_is_marked_and_has_no_text() -> None:
    locked = '<script type="application/ld+json">{"@graph": [{"isAccessibleForFree": "False"}]}</script>'
    found = read(page(f"<article>{locked}<p>{SENTENCES[0]}</p></article>"))
    assert (found.verdict, found.text) == ("paywall", "")
    assert found.title == "Night ferry delayed"


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        ("Les gar\u00e7ons \u2014 no\u00ebl".encode(), "text/html; charset=iso-8859-1"),  # the label is wrong
        ("Les gar\u00e7ons \u2014 no\u00ebl".encode("cp1252"), "text/html; charset=windows-1252"),
        ("<meta charset=windows-1252>Les gar\u00e7ons \u2014 no\u00ebl".encode("cp1252"), "text/html"),
        ("Les gar\u00e7ons \u2014 no\u00ebl".encode("utf-16"), "text/html"),
        ("Les gar\u00e7ons \u2014 no\u00ebl".encode("cp1252"), "text/html; charset=no-such-thing"),
        ("Les gar\u00e7ons\0 \u2014 no\u00ebl".encode(), "text/html"),
    ],
)
def test_wrong_labels_do_no_harm(raw: bytes, content_type: str) -> None:
    text = decode_page(raw, content_type)
    assert text is not None
    assert text.endswith("Les gar\u00e7ons \u2014 no\u00ebl")


@pytest.mark.parametrize("body", [b"<", b"<html>", b"&#x0;", b"<!--" * 500, b"<p>\xff\xfe", b"<script>" * 50])
def test_no_page_is_too_odd(body: bytes) -> None:
    read(body)

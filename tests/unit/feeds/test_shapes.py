"""Shapes in which feeds are found: each with the entries that a reader is expected to find in it."""

import gzip
import json

import pytest

from ingest.parse import FeedError, parse_feed

URL = "https://feed.example/dir/f.xml"
ATOM = "xmlns:atom='http://www.w3.org/2005/Atom'"
MEDIA = "version='2.0' xmlns:media='http://search.yahoo.com/mrss/'"
CAPTION = "<media:content url='x'><media:description>The night ferry in the ice</media:description></media:content>"
RDF = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"


def channel(items: str, version: str = "version='2.0'") -> str:
    return f"<rss {version}><channel><title>Harbour</title>{items}</channel></rss>"


def atom(entries: str, attributes: str = "xmlns='http://www.w3.org/2005/Atom'") -> str:
    return f"<feed {attributes}>{entries}</feed>"


# name -> (body, (URL, title, text) of each entry)
SHAPES: dict[str, tuple[str, list[tuple[str | None, str, str]]]] = {
    "white space first": (
        "\n\t <?xml version='1.0'?>\n" + channel("<item><title>a</title></item>"),
        [(None, "a", "")],
    ),
    "words first": ("404 " + atom("<entry><id>x</id><title>a</title></entry>"), [(None, "a", "")]),
    "a script behind": (channel("<item><title>a</title></item>") + "<script>1</script>", [(None, "a", "")]),
    "capitals": (
        "<RSS><CHANNEL><ITEM><TITLE>a</TITLE><LINK>http://x.example/1</LINK></ITEM></CHANNEL></RSS>",
        [("http://x.example/1", "a", "")],
    ),
    "no version": (channel("<item><title>a</title></item>", ""), [(None, "a", "")]),
    "items outside of the channel": ("<rss><channel/><item><title>a</title></item></rss>", [(None, "a", "")]),
    "never closed": ("<rss><channel><item><title>a</title><item><title>b</title>", [(None, "a", ""), (None, "b", "")]),
    "prefixes that nobody declared": (
        channel("<item><title>a</title><dc:date>2003-01-01</dc:date><media:content url='x'/></item>"),
        [(None, "a", "")],
    ),
    "a prefix for RSS itself": (
        "<r:rss xmlns:r='http://purl.org/rss/1.0/'><r:channel><r:item><r:title>a</r:title></r:item></r:channel></r:rss>",
        [(None, "a", "")],
    ),
    "RDF whose items have no links": (
        f"<rdf:RDF {RDF} xmlns='http://purl.org/rss/1.0/'><item rdf:about='http://x.example/1'><title>a</title></item>"
        "</rdf:RDF>",
        [("http://x.example/1", "a", "")],
    ),
    "links relative to the site": (
        channel("<link>http://site.example/news/</link><item><title>a</title><link>1.html</link></item>"),
        [("http://site.example/news/1.html", "a", "")],
    ),
    "a guid that says that it is no link": (
        channel("<item><title>a</title><guid isPermaLink='false'>http://x.example/1</guid></item>"),
        [(None, "a", "")],
    ),
    "a caption longer than the text": (
        channel(f"<item><title>a</title><description>b</description>{CAPTION}</item>", MEDIA),
        [(None, "a", "b")],
    ),
    "a caption before the text": (
        channel(f"<item><title>a</title>{CAPTION}<description>b</description></item>", MEDIA),
        [(None, "a", "b")],
    ),
    "nothing but a film's description": (
        atom(
            "<entry><id>x</id><title>a</title><media:group><media:title>A</media:title><media:description>One\nTwo "
            "&lt;3</media:description></media:group></entry>",
            f"xmlns='http://www.w3.org/2005/Atom' {MEDIA}",
        ),
        [(None, "a", "One\nTwo <3")],
    ),
    "RDF 0.90": (
        f"<rdf:RDF {RDF} xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><title>c</title></channel>"
        "<item><title>a</title><link>http://x.example/1</link></item></rdf:RDF>",
        [("http://x.example/1", "a", "")],
    ),
    "RDF without a namespace": (
        f"<rdf:RDF {RDF}><channel><title>c</title></channel><item><title>a</title></item></rdf:RDF>",
        [(None, "a", "")],
    ),
    "CDF": (
        "<CHANNEL HREF='http://x.example/'><ITEM HREF='http://x.example/1'><TITLE>a</TITLE></ITEM></CHANNEL>",
        [("http://x.example/1", "a", "")],
    ),
    "an Atom entry alone": (
        "<entry xmlns='http://www.w3.org/2005/Atom'><id>x</id><title>a</title></entry>",
        [(None, "a", "")],
    ),
    "Atom with prefixes": (
        f"<atom:feed {ATOM}><atom:entry><atom:id>1</atom:id><atom:title>a</atom:title></atom:entry></atom:feed>",
        [(None, "a", "")],
    ),
    "Atom without a namespace": (atom("<entry><id>1</id><title>a</title></entry>", ""), [(None, "a", "")]),
    "Atom 0.3, packed": (
        atom(
            "<entry><id>1</id><title mode='base64'>SGVsbG8=</title></entry>",
            "version='0.3' xmlns='http://purl.org/atom/ns#'",
        ),
        [(None, "Hello", "")],
    ),
    "Atom in XHTML": (
        atom(
            "<entry><id>1</id><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Less: <em>&lt;</em></div>"
            "</title></entry>"
        ),
        [(None, "Less: <", "")],
    ),
    "links against a base": (
        atom(
            "<entry xml:base='sub/'><id>tag:1</id><title>a</title><link href='page'/></entry>",
            "xmlns='http://www.w3.org/2005/Atom' xml:base='http://base.example/dir/'",
        ),
        [("http://base.example/dir/sub/page", "a", "")],
    ),
    "a guid that is the link": (
        channel("<item><title>a</title><guid>https://x.example/a</guid></item>"),
        [("https://x.example/a", "a", "")],
    ),
    "a guid that is no link": (channel("<item><title>a</title><guid>1234</guid></item>"), [(None, "a", "")]),
    "the link of another format": (
        f"<rss {ATOM}><channel><item><title>a</title><atom:link href='https://x.example/1'/></item></channel></rss>",
        [("https://x.example/1", "a", "")],
    ),
    "a link of an odd kind rather than one for paying": (
        f"<rss {ATOM}><channel><item><title>a</title><atom:link rel='payment' href='https://x.example/pay'/>"
        "<atom:link rel='http://odd.example' href='https://x.example/1'/></item></channel></rss>",
        [("https://x.example/1", "a", "")],
    ),
    "only an enclosure": (
        atom("<entry><id>1</id><title>a</title><link rel='enclosure' href='http://x.example/a.mp3'/></entry>"),
        [("http://x.example/a.mp3", "a", "")],
    ),
    "a video's description": (
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:media='http://search.yahoo.com/mrss/'><entry><id>1</id>"
        "<title>a</title><media:group><media:description>It sails.</media:description></media:group></entry></feed>",
        [(None, "a", "It sails.")],
    ),
    "the title of Dublin Core": (
        "<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item><dc:title>a</dc:title></item></channel></rss>",
        [(None, "a", "")],
    ),
    "names of characters": (
        "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'http://x.example/rss-0.91.dtd'>"
        + channel(
            "<item><title>&eacute;t&eacute; &mdash; &amp; &ndots;</title><description>"
            "<![CDATA[&nbsp;fin&hellip;]]></description></item>"
        ),
        [(None, "été — & &ndots;", "fin…")],
    ),
    "one link for all": (
        channel("".join(f"<item><title>{n}</title><link>http://x.example/</link></item>" for n in range(3))),
        [("http://x.example/", str(n), "") for n in range(3)],
    ),
    "one guid for all": (
        channel("".join(f"<item><title>{n}</title><guid>0</guid></item>" for n in range(3))),
        [(None, str(n), "") for n in range(3)],
    ),
    "JSON without a version": (
        '{"title": "t", "items": [{"id": "1", "url": "http://x.example/1", "title": "a"}]}',
        [("http://x.example/1", "a", "")],
    ),
    "JSON Feed 1.1 with numbers for ids": (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": 7, "content_text": "a\\nb"}]}',
        [(None, "", "a\nb")],
    ),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_entries_are_found_in_every_shape(name: str, codec: str) -> None:
    text, expected = SHAPES[name]
    starts_plainly = text.startswith(("<", "{"))
    if codec == "utf-16-be" and not starts_plainly:  # such a body could be anything
        return
    feed = parse_feed(text.encode(codec), "", URL)
    assert [(entry.url, entry.title, entry.text) for entry in feed.entries] == expected
    assert len({entry.external_id for entry in feed.entries}) == len(expected)


@pytest.mark.parametrize(
    "encoding", ["utf-7", "cp037", "punycode", "zip", "bogus", "utf-16", "unicode_escape", "idna", "undefined", "rot13"]
)
def test_an_encoding_that_is_odd_wrong_or_none_loses_no_entry(encoding: str) -> None:
    body = f"<?xml version='1.0' encoding='{encoding}'?>" + channel("<item><guid>7</guid><title>caf\xe9</title></item>")
    assert [entry.external_id for entry in parse_feed(body.encode("latin-1"), "", URL).entries] == ["7"]


def test_a_feed_packed_as_a_file_is_unpacked_within_bounds() -> None:
    body = channel("<item><title>a</title></item>").encode()
    assert [entry.title for entry in parse_feed(gzip.compress(body), "", URL).entries] == ["a"]
    with pytest.raises(FeedError, match="more than"):
        parse_feed(gzip.compress(b"<rss>" + b" " * 20_000_000), "", URL)
    with pytest.raises(FeedError, match="damaged"):
        parse_feed(b"\x1f\x8b" + body, "", URL)


def test_what_was_left_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.json_feed.MAX_ITEMS", 2)
    monkeypatch.setattr("ingest.xml_bounds.MAX_ELEMENTS", 20)
    items = [{"id": str(n), "title": "a"} for n in range(3)]
    feed = parse_feed(json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode(), "", URL)
    assert len(feed.entries) == 2
    assert "more than 2 items" in (feed.warning or "")
    many = "".join(f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(20))
    feed = parse_feed(channel(many).encode(), "", URL)
    assert 1 < len(feed.entries) < 20
    assert "more than 20 elements" in (feed.warning or "")


@pytest.mark.parametrize(
    "item",
    [
        b'{"id": "1", "title": "\\ud800 a"}',
        b'{"id": "1", "title": "a\x01b\tc"}',
        b'{"id": "1", "title": "T\xfcr"}',
        b'{"id": 1, "rank": NaN}',
        b'{"id": 1}], "authors": []}, "and": [{}',
    ],
)
def test_json_that_is_nearly_so_is_read(item: bytes) -> None:
    body = b'{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [' + item + b"]}"
    assert [entry.external_id for entry in parse_feed(body, "", URL).entries] == ["1"]


def test_json_feed_ids_may_be_numbers_or_the_address_itself() -> None:
    items = [{"id": 1.5, "title": "a"}, {"id": "http://x.example/2"}, {"id": "3", "url": "/3"}]
    feed = {"version": "https://jsonfeed.org/version/1", "home_page_url": "http://site.example/", "items": items}
    entries = parse_feed(json.dumps(feed).encode(), "", URL).entries
    assert [entry.external_id for entry in entries] == ["1.5", "http://x.example/2", "3"]
    assert [entry.url for entry in entries] == [None, "http://x.example/2", "http://site.example/3"]

import json
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.mend import MAX_EXPANSION_BYTES
from ingest.parse import MAX_FEED_BYTES, FeedError, ParsedEntry, ParsedFeed, parse_feed

URL = "https://news.example/feeds/world.xml"
AT = datetime(2030, 5, 1, 12, 30, tzinfo=UTC)


def rss(items: str, head: str = "", version: str = "2.0") -> bytes:
    namespaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="{version}" {namespaces}><channel><title>World &amp; more'
        f"</title><link>https://news.example/</link>{head}{items}</channel></rss>"
    ).encode()


def read(body: bytes, content_type: str = "application/rss+xml") -> ParsedFeed:
    return parse_feed(body, content_type, URL)


def only(body: bytes, content_type: str = "application/rss+xml") -> ParsedEntry:
    (entry,) = read(body, content_type).entries
    return entry


FORMATS = {
    "rss 2.0": rss(
        "<item><title>Ship sails</title><link>https://news.example/1</link><guid isPermaLink='false'>tag-1</guid>"
        "<pubDate>Wed, 01 May 2030 14:30:00 +0200</pubDate><description>&lt;p&gt;It sailed.&lt;/p&gt;</description>"
        "</item>"
    ),
    "rdf": (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>World &amp; more</title>'
        b'<link>https://news.example/</link></channel><item rdf:about="tag-1"><title>Ship sails</title>'
        b"<link>https://news.example/1</link><dc:date>2030-05-01T12:30:00Z</dc:date>"
        b"<description>It sailed.</description></item></rdf:RDF>"
    ),
    "atom 1.0": (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>World &amp; more</title><link href="https://news.example/"/>'
        b"<entry><id>tag-1</id><title type='html'>Ship &lt;b&gt;sails&lt;/b&gt;</title><link href='/1'/>"
        b"<published>2030-05-01T12:30:00Z</published><updated>2030-05-02T00:00:00Z</updated>"
        b"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>It sailed.</p></div></content></entry>"
        b"</feed>"
    ),
    "atom 0.3": (
        b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>World &amp; more</title>'
        b'<link rel="alternate" type="text/html" href="https://news.example/"/>'
        b'<entry><id>tag-1</id><title>Ship sails</title><link rel="alternate" href="https://news.example/1"/>'
        b"<issued>2030-05-01T12:30:00Z</issued><summary>It sailed.</summary></entry></feed>"
    ),
    "json feed": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "World & more",
            "home_page_url": "https://news.example/",
            "items": [
                {
                    "id": "tag-1",
                    "url": "https://news.example/1",
                    "title": "Ship sails",
                    "content_html": "<p>It sailed.</p>",
                    "date_published": "2030-05-01T14:30:00+02:00",
                }
            ],
        }
    ).encode(),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_entry(name: str) -> None:
    feed = read(FORMATS[name], "")
    assert (feed.title, feed.url) == ("World & more", "https://news.example/")
    (entry,) = feed.entries
    assert entry.external_id == "tag-1"
    assert entry.url == "https://news.example/1"
    assert (entry.title, entry.text) == ("Ship sails", "It sailed.")
    assert entry.published_at == AT


@pytest.mark.parametrize("version", ["0.91", "0.92", "0.93", "0.94", "2.0"])
def test_old_versions_of_rss(version: str) -> None:
    assert only(rss("<item><title>Old</title></item>", version=version)).title == "Old"


def test_identity_is_guid_else_link_else_content() -> None:
    link, text = "<link>https://news.example/1</link>", "<title>T</title>"
    assert only(rss(f"<item>{text}{link}<guid> urn:1 </guid></item>")).external_id == "urn:1"
    assert only(rss(f"<item>{text}{link}<guid></guid></item>")).external_id == "https://news.example/1"
    by_content = only(rss(f"<item>{text}</item>")).external_id
    assert by_content.startswith("sha256:")
    assert only(rss(f"<item>{text}<pubDate>Wed, 01 May 2030 12:30:00 GMT</pubDate></item>")).external_id == by_content
    assert only(rss("<item><title>U</title></item>")).external_id != by_content


def test_a_guid_shared_by_different_links_identifies_none_of_them() -> None:
    items = "".join(f"<item><title>T{n}</title><link>/{n}</link><guid>same</guid></item>" for n in (1, 2))
    assert [entry.external_id for entry in read(rss(items)).entries] == [
        "https://news.example/1",
        "https://news.example/2",
    ]


def test_exact_repetitions_are_one_entry() -> None:
    item = "<item><title>T</title><link>/1</link><guid>1</guid></item>"
    assert len(read(rss(item * 3)).entries) == 1


def test_a_very_long_guid_is_hashed() -> None:
    assert len(only(rss(f"<item><guid>{'x' * 5000}</guid></item>")).external_id) == len("sha256:") + 64


@pytest.mark.parametrize("date", ["yesterday", "", "32 Foo 2030", "0000-00-00", "2030-02-31T00:00:00Z", "1" * 500])
def test_an_unreadable_date_is_none_and_never_now(date: str) -> None:
    entry = only(rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>"))
    assert (entry.published_at, entry.updated_at) == (None, None)


@pytest.mark.parametrize(
    "date",
    [
        "Wed, 01 May 2030 12:30:00 GMT",
        "Wed, 01 May 2030 14:30:00 CEST",
        "Wed, 01 May 2030 08:30:00 EDT",
        "Wed, 01 May 2030 15:30:00 MSK",
        "1 May 2030 12:30",
        "2030-05-01T21:30:00+09:00",
        "2030-05-01 12:30:00",
        "Wed, 01 May 2030 12:30:00",
        "Wednesday, 01-May-30 12:30:00 GMT",
        "Wed , 1 May 2030, 14:30:00 GMT+0200",
        "Wed May 01 2030 14:30:00 GMT+02:00 (Central European Summer Time)",
        "Wed May  1 12:30:00 UTC 2030",
        "May 1, 2030 12:30 pm",
        "Wed, 01 May 2030 14:30 +02:00",
        "2030/05/01 12:30",
        "2030-05-01 08:30:00 EDT",
        "2030-05-01T14:30+02",
        "20300501T123000Z",
        "01.05.2030 12:30",
        "1903869000",
        "1903869000000",
    ],
)
def test_dates_are_read_in_their_zone(date: str) -> None:
    assert only(rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>")).published_at == AT


@pytest.mark.parametrize(
    ("date", "day"),
    [
        ("25/12/2030", (12, 25)),
        ("12/25/2030", (12, 25)),
        ("Dec 25, 2030", (12, 25)),
        ("25 December 2030", (12, 25)),
        ("20301225", (12, 25)),
        ("02/03/2030", None),
        ("2030-W10-1", None),
        ("2030년 3월 2일", (3, 2)),
        ("Wed, 31 Feb 2030 10:00:00 GMT", None),
        ("25.13.2030", None),
    ],
)
def test_a_day_is_read_where_only_one_can_be_meant(date: str, day: tuple[int, int] | None) -> None:
    at = only(rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>")).published_at
    assert at == (datetime(2030, *day, tzinfo=UTC) if day else None)


def test_published_and_updated_are_kept_apart() -> None:
    entry = only(FORMATS["atom 1.0"])
    assert entry.updated_at == datetime(2030, 5, 2, tzinfo=UTC)
    undated = FORMATS["atom 1.0"].replace(b"<published>2030-05-01T12:30:00Z</published>", b"")
    assert only(undated).published_at is None


def test_the_longest_text_offered_is_taken_as_text() -> None:
    entry = only(
        rss(
            "<item><title>A &amp;amp; B &lt;i&gt;C&lt;/i&gt;</title><description>Short.</description><content:encoded>"
            "<![CDATA[<script>x</script><p>Long one.</p><p>Two &eacute; 3 &lt; 4</p>]]></content:encoded></item>"
        )
    )
    assert (entry.title, entry.text) == ("A & B C", "Long one.\n\nTwo é 3 < 4")


def test_plain_text_stays_plain() -> None:
    entry = only(
        FORMATS["atom 1.0"].replace(b"<content type='xhtml'>", b"<summary type='text'>a &lt;b&gt; c</summary><x>")
    )
    assert entry.text == "a <b> c"
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"id": 7, "content_text": "a <b>\nc", "title": "<x>"}],
    }
    seven = only(json.dumps(feed).encode())
    assert (seven.external_id, seven.title, seven.text) == ("7", "<x>", "a <b>\nc")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "http://[bad", "mailto:a@b.example"])
def test_only_web_links_are_links(link: str) -> None:
    assert only(rss(f"<item><title>T</title><link>{link}</link></item>")).url is None


def test_links_are_made_absolute_against_the_feed() -> None:
    assert only(rss("<item><link>../2030/a?x=1&amp;y=2</link></item>")).url == "https://news.example/2030/a?x=1&y=2"


def test_how_long_the_feed_asks_to_be_left_alone() -> None:
    assert read(rss("", "<ttl>90</ttl>")).ttl_seconds == 5400
    assert (
        read(rss("", "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>")).ttl_seconds
        == 21600
    )
    assert read(rss("", "<ttl>soon</ttl>")).ttl_seconds is None
    assert read(rss("")).ttl_seconds is None


ENCODED = (
    "<?xml version='1.0' encoding='{}'?><rss version='2.0'><channel><item><title>Größe Кинжал</title></item>"
    "</channel></rss>"
)


@pytest.mark.parametrize(
    ("codec", "declared", "content_type"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8", "utf-8", "text/xml; charset=iso-8859-1"),
        ("utf-8", "iso-8859-1", "text/html"),
        ("utf-8-sig", "utf-8", "application/xml"),
        ("utf-16", "utf-16", "application/xml"),
        ("utf-16-le", "utf-16", ""),
        ("utf-16-be", "utf-16", ""),
    ],
)
def test_the_encoding_is_found_whatever_the_server_says(codec: str, declared: str, content_type: str) -> None:
    assert only(ENCODED.format(declared).encode(codec), content_type).title == "Größe Кинжал"


@pytest.mark.parametrize(
    ("codec", "text"), [("windows-1251", "Кинжал"), ("shift_jis", "新聞"), ("iso-2022-jp", "新聞")]
)
def test_declared_encodings_are_respected(codec: str, text: str) -> None:
    body = ENCODED.format(codec).replace("Größe Кинжал", text).encode(codec)
    assert only(body, "text/xml").title == text
    undeclared = ENCODED.format("x").replace(" encoding='x'", "").replace("Größe Кинжал", text).encode(codec)
    assert only(undeclared, f'text/xml; charset="{codec}"').title == text


def test_malformed_feeds_with_entries_are_read() -> None:
    assert only(rss("<item><title>A & B</title><description><p>Open</description></item>")).title == "A & B"
    assert only(rss("<item><title>Cut off</title><guid>1</guid></item>")[:-20]).title == "Cut off"
    assert only(rss("<item><title>Bell \x07</title></item>")).title.startswith("Bell")


def test_nothing_is_read_that_cannot_be_stored() -> None:
    entry = only(rss("<item><title>nul &#0; \x00 half &#xD800;</title><guid>a\x00b</guid></item>"))
    assert "\0" not in entry.title + entry.external_id
    (entry.title + entry.external_id).encode()
    surrogate = b'{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","title":"\\ud800 \\u0000 x"}]}'
    with suppress(FeedError):
        only(surrogate).title.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"plain text",
        b"\x00" * 100,
        b"<!DOCTYPE html><html><head><title>Page</title></head><body><p>x</body></html>",
        b"{",
        b"[]",
        b'{"version": "2"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        random.Random(1).randbytes(5000),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<rss>" + b" " * MAX_FEED_BYTES,
    ],
)
def test_what_is_no_feed_is_a_feed_error(body: bytes) -> None:
    with pytest.raises(FeedError):
        read(body)


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss("")).entries == ()
    assert read(b'{"version": "https://jsonfeed.org/version/1", "items": null}').entries == ()


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("before", ["", "<!DOCTYPE x []>", "<!DOCTYPE x [<!-- ]> -->"])
def test_entities_that_hold_others_or_lie_outside_are_neither_expanded_nor_fetched(codec: str, before: str) -> None:
    bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    doctype = f'<!DOCTYPE r [<!ENTITY e0 "lol">{bomb}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = rss("<item><title>&e9; &e1; &x;</title></item>").decode().replace("?><rss", f"?>{before}{doctype}<rss")
    assert only(body.encode(codec)).title == "&e9; &e1; &x;"


def test_plain_entities_stand_for_what_the_document_says_but_never_for_very_much() -> None:
    doctype = "<!DOCTYPE r [<!ENTITY site 'News &#8212; World'><!ENTITY long \"" + "x" * 1_000 + '">]>'
    body = (
        rss("<item><title>&site;</title><description>%s</description></item>")
        .decode()
        .replace("?><rss", f"?>{doctype}<rss")
    )
    assert only((body % "&long;").encode()).title == "News — World"
    assert len(only((body % ("&long;" * 100_000)).encode()).text) < MAX_EXPANSION_BYTES + 100_000 * len("&long;")


def test_ampersands_that_mean_themselves_are_kept_and_cost_nothing_else() -> None:
    body = rss(
        "<item><title>AT&T</title><link>https://news.example/?a=1&b=2</link>"
        "<description>R&#38;D &#8217 Q&A</description>"
        "</item><item><title><![CDATA[Q&A &eacute;]]></title><link><![CDATA[https://news.example/?c=1&d=2]]></link></item>"
    )
    first, second = read(body).entries
    assert (first.title, first.url, first.text) == ("AT&T", "https://news.example/?a=1&b=2", "R&D ’ Q&A")
    assert (second.title, second.url) == ("Q&A é", "https://news.example/?c=1&d=2")


def test_one_wrong_byte_does_not_spoil_the_rest() -> None:
    body = rss("<item><title>Zażółć gęślą jaźń X</title></item>").replace(b"X", b"\xe2\x80")
    assert only(body).title == "Zażółć gęślą jaźń \ufffd"


@pytest.mark.parametrize("encoding", ["koi8-r", "cp1251", "euc-jp", "shift-jis", "gb18030", "cp949", "cp1252"])
def test_an_encoding_that_nobody_names_is_the_likeliest(encoding: str) -> None:
    texts = {
        "koi8-r": "Паром отходит теперь позже, сообщили в порту",
        "cp1251": "Паром отходит теперь позже, сообщили в порту",
        "euc-jp": "夜のフェリーは月曜日から遅く出航すると港の事務所が発表した",
        "shift-jis": "夜のフェリーは月曜日から遅く出航すると港の事務所が発表した",
        "gb18030": "港口办公室表示，夜间渡轮从星期一起将推迟启航",
        "cp949": "항구 사무소는 야간 여객선이 월요일부터 늦게 출항한다고 밝혔다",
        "cp1252": "Le ferry de nuit partira plus tard dès lundi, a indiqué la capitainerie à la presse",
    }
    body = f"<rss><channel><item><title>{texts[encoding]}</title></item></channel></rss>".encode(encoding)
    assert only(body, "text/xml").title == texts[encoding]


EVIL: dict[str, bytes] = {
    "comments": rss("<item><description>" + "&lt;!--" * 60_000 + "</description></item>"),
    "deep": b"<rss><channel>" + b"<a>" * 100_000,
    "open items": b"<rss><channel>" + b"<item>" * 50_000,
    "open titles": rss("<item><title>" + "<b>" * 30_000 + "</title></item>"),
    "broken": b"<rss><channel>" + b"<item><title>x<" * 20_000,
    "less-than signs": b"<rss><channel><item><description>" + b"<" * 1_000_000,
    "ampersands": b"<rss><channel><item><description>" + b"&" * 1_000_000,
    "paragraphs": b"<html><body>" + b"<p>x" * 100_000,
    "cdata": b"<rss><channel><item><description><![CDATA[" * 20_000,
    "declarations": b"<!DOCTYPE " * 30_000,
    "categories": rss("<item>" + "".join(f"<category>c{n}</category>" for n in range(5_000)) + "</item>"),
    "keywords": rss(
        "<item><k:keywords xmlns:k='http://search.yahoo.com/mrss/'>"
        + ",".join(map(str, range(30_000)))
        + "</k:keywords></item>"
    ),
    "author": rss("<item><author>" + "a." * 100_000 + "</author></item>"),
    "namespaces": rss(
        "<item " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(5_000)) + ">" + "<b/>" * 10_000 + "</item>"
    ),
    "attributes": rss("<item " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>"),
    "references": rss("<item><description>" + "&#1;" * 500_000 + "</description></item>"),
    "json items": b'{"version":"https://jsonfeed.org/version/1","items":[' + b",".join([b"{}"] * 500_000) + b"]}",
    "spaces": rss("<item><title>" + " " * 1_000_000 + "</title><pubDate>" + " " * 100_000 + "1</pubDate></item>"),
}


@pytest.mark.costly
@pytest.mark.parametrize("name", EVIL)
def test_time_is_bounded(name: str) -> None:
    started = time.process_time()
    with suppress(FeedError):
        read(EVIL[name])
    assert time.process_time() - started < 5  # about a second on an idle machine


def test_a_feed_with_too_many_elements_is_read_as_far_as_time_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.xml_bounds.MAX_ELEMENTS", 100)
    feed = read(rss("".join(f"<item><title>Ü{n}</title><guid>{n}</guid></item>" for n in range(100))))
    assert [entry.external_id for entry in feed.entries] == [str(n) for n in range(32)]
    with pytest.raises(FeedError, match="more than 100 elements"):
        read(rss("<x/>" * 200))


def anything() -> Any:
    pieces = [
        b"<rss>",
        b"<channel>",
        b"<item>",
        b"</item>",
        b"<title>",
        b"</",
        b"<![CDATA[",
        b"]]>",
        b"&#x0;",
        b"<entry>",
    ]
    pieces += [
        b"<?xml encoding='utf-16'?>",
        b"\xff\xfe",
        b"{",
        b'"version"',
        b"&",
        b"<!DOCTYPE a [",
        b"\x00",
        b"<feed>",
    ]
    return st.lists(st.sampled_from(pieces) | st.binary(max_size=8), max_size=30).map(b"".join)


@given(anything(), st.text(max_size=20))
def test_any_bytes_give_a_feed_or_a_feed_error(body: bytes, content_type: str) -> None:
    with suppress(FeedError):
        read(body, content_type)


def test_the_title_of_a_picture_inside_an_entry_is_not_its_own() -> None:
    for inside in (
        "<image><title>Picture</title></image><title>Own</title>",
        "<title>Own</title><image><title>P</title></image>",
    ):
        assert only(rss(f"<item>{inside}<link>https://news.example/1</link></item>")).title == "Own"


def test_atoms_created_is_a_publication_where_no_other_is_told() -> None:
    assert only(FORMATS["atom 0.3"].replace(b"issued>", b"created>")).published_at == AT

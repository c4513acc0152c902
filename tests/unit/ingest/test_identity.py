"""Addresses of one page fold into one, those of different pages never do."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.identity import canonical_url, content_hash_of, fold_host, identity_of, source_of

PAGE = "https://news.example/world/ports-sold?id=7"

SAME = [
    "http://news.example/world/ports-sold?id=7",
    "https://www.news.example/world/ports-sold?id=7",
    "https://NEWS.Example:443/world/ports-sold/?id=7",
    "http://news.example:80/world/ports-sold?id=7#comments",
    "https://m.news.example/world/ports-sold?id=7",
    "https://amp.news.example/world/ports-sold?id=7",
    "https://news.example/amp/world/ports-sold?id=7",
    "https://news.example/world/ports-sold/amp/?id=7",
    "https://news.example/world/ports-sold.amp?id=7",
    "https://news.example/world/ports%2Dsold?id=7",
    "https://news.example/world/ports-sold?utm_source=x&id=7&utm_medium=y",
    "https://news.example/world/ports-sold?fbclid=1&gclid=2&id=7&msclkid=3",
    "https://news.example./world/ports-sold?id=7&outputType=amp",
    "https://www.google.com/amp/s/news.example/world/ports-sold/amp?id=7",
    "https://news-example.cdn.ampproject.org/c/s/news.example/world/ports-sold?id=7&utm_source=x",
    "https://user:secret@news.example/world/ports-sold?id=7",
]

DIFFERENT = [
    "https://news.example/world/ports-sold?id=8",
    "https://news.example/world/ports-sold",
    "https://news.example/World/ports-sold?id=7",
    "https://news.example:8443/world/ports-sold?id=7",
    "https://sport.news.example/world/ports-sold?id=7",
    "https://news.example/world%2Fports-sold?id=7",
    "https://news.example/world/ports-sold/camp?id=7",
    "https://m.example/world/ports-sold?id=7",
    "https://www.google.com/ampere/s/news.example/world/ports-sold?id=7",
]


@pytest.mark.parametrize("url", SAME)
def test_spellings_of_one_address_are_one(url: str) -> None:
    assert canonical_url(url) == canonical_url(PAGE)


@pytest.mark.parametrize("url", DIFFERENT)
def test_other_addresses_stay_others(url: str) -> None:
    assert canonical_url(url) != canonical_url(PAGE)


def test_the_order_of_parameters_does_not_count() -> None:
    assert canonical_url("https://a.example/?b=2&a=1") == canonical_url("https://a.example?a=1&b=2")


def test_international_names_are_one_with_their_ascii_form() -> None:
    assert canonical_url("https://bücher.example/x") == canonical_url("https://xn--bcher-kva.example/x")


@pytest.mark.parametrize("url", ["", "x", "ftp://a.example/", "//a.example/", "https://", "https://a b/", "http://[1/"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_url(url)


@given(st.text(max_size=60))
def test_any_path_is_folded_or_refused_and_folding_again_changes_nothing(path: str) -> None:
    try:
        once = canonical_url("https://a.example/" + path)
    except ValueError:
        return
    assert canonical_url("https:" + once) == once or "amp" in path.lower()


def test_a_short_domain_keeps_its_first_label() -> None:
    assert fold_host("m.example") == "m.example"
    assert fold_host("WWW.News.Example") == "news.example"


def test_a_source_is_known_by_domain_then_address_then_name() -> None:
    by_domain = source_of("Example News", "www.news.example", "https://other.example/1")
    assert by_domain is not None
    assert (by_domain.key, by_domain.name) == ("domain:news.example", "Example News")
    by_url = source_of(None, None, "https://m.news.example/1")
    assert by_url is not None
    assert (by_url.key, by_url.name) == ("domain:news.example", "news.example")
    by_name, other = source_of("Example  News", None, None), source_of("EXAMPLE NEWS", None, None)
    assert by_name is not None
    assert other is not None
    assert by_name.key == other.key
    assert source_of(None, None, None) is None


def test_the_first_identity_that_applies_counts() -> None:
    source, content = source_of("x", "a.example", None), content_hash_of("t", "x")
    external = identity_of(source, "7", "https://a.example/1", content, None)
    assert external == identity_of(source, "7", "https://a.example/2", b"", None)
    assert external != identity_of(source_of("x", "b.example", None), "7", None, content, None)
    assert identity_of(source, None, "https://a.example/1", content, None) == identity_of(
        None, None, "http://a.example/1/", b"", None
    )


def test_equal_content_at_one_moment_is_one_article_whatever_the_time_zone() -> None:
    content = content_hash_of("t", "x")
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    later = noon.astimezone(timezone(timedelta(hours=9)))
    assert identity_of(None, None, None, content, noon) == identity_of(None, None, None, content, later)
    assert identity_of(None, None, None, content, noon) != identity_of(None, None, None, content, None)
    assert len(content) == hashlib.sha256().digest_size


def test_title_and_text_are_told_apart() -> None:
    assert content_hash_of("ab", "c") != content_hash_of("a", "bc")


def test_what_only_looks_like_a_cached_copy_is_an_address_of_its_own() -> None:
    assert canonical_url("https://www.google.com/amp/s/[x.com/a") == "//google.com/s/%5Bx.com/a"

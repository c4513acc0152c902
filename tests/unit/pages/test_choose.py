"""Whose text becomes the article."""

from datetime import UTC, datetime

import pytest

from ingest.pages.choose import domains_of, join, wants_page
from ingest.pages.fetch import Fetched, State
from ingest.pages.page import Page
from ingest.receive import Submission
from wirewatch.store.feeds import FullText

NOW = datetime(2026, 3, 3, tzinfo=UTC)
LONG = "The night ferry will sail later from Monday because of ice in the channel. " * 20
ENTRY = Submission(title="Ferry late", text="The ferry is late ...", url="https://www.news.harbour.example/1")
PAGE = Page(
    "article",
    LONG,
    title="Night ferry delayed",
    author="Ada Brook",
    published_at="2026-03-02",
    canonical_url="https://news.harbour.example/1",
    lang="en",
    site_name="Harbour Post",
)


@pytest.mark.parametrize(
    ("full_text", "choices", "text", "wanted"),
    [
        ("off", {}, "short", False),
        ("on", {}, LONG, True),
        ("auto", {}, LONG, False),
        ("auto", {}, "short", True),
        ("auto", {}, LONG + "Read more", True),
        ("auto", {}, LONG + "and so […]", True),
        ("off", {"harbour.example": "page"}, LONG, True),
        ("on", {"harbour.example": "feed"}, "short", False),
        ("off", {"harbour.example": "feed", "news.harbour.example": "page"}, LONG, True),
    ],
)
def test_the_domain_decides_before_the_feed(
    full_text: FullText, choices: dict[str, str], text: str, wanted: bool
) -> None:
    assert wants_page(Submission(text=text, url=ENTRY.url), full_text, choices) is wanted


def test_without_an_address_there_is_no_page() -> None:
    assert not wants_page(Submission(text="short"), "on", {})


def test_the_domains_of_an_address_begin_with_the_most_specific() -> None:
    assert domains_of("https://www.a.b.example/x") == ["a.b.example", "b.example"]
    assert domains_of("http://localhost/x") == ["localhost"]


def test_the_page_s_text_is_taken_and_the_feed_s_words_come_first() -> None:
    joined = join(ENTRY, Fetched("read", page=PAGE), NOW)
    assert (joined.text, joined.page_state, joined.title) == (LONG, "read", "Ferry late")
    assert (joined.author, joined.lang, joined.source_name) == ("Ada Brook", "en", "Harbour Post")
    assert joined.url == "https://news.harbour.example/1"
    assert joined.published_at == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_page_that_says_less_than_its_feed_is_not_taken() -> None:
    entry = Submission(text=LONG * 2, url=ENTRY.url)
    joined = join(entry, Fetched("read", page=PAGE), NOW)
    assert (joined.text, joined.page_state, joined.author) == (entry.text, "kept", "Ada Brook")


@pytest.mark.parametrize("state", ["consent_wall", "paywall", "robots", "noarchive", "failed", "not_html"])
def test_a_wall_is_marked_and_never_stored(state: State) -> None:
    joined = join(ENTRY, Fetched(state, page=Page("paywall", "Subscribe now")), NOW)
    assert (joined.text, joined.page_state) == (ENTRY.text, state)


@pytest.mark.parametrize("written", ["2999-01-01", "1815-06-18", "soon", "0001-01-01T00:00:00+14:00"])
def test_a_date_that_cannot_be_true_is_none(written: str) -> None:
    page = Page("article", LONG, published_at=written)
    assert join(ENTRY, Fetched("read", page=page), NOW).published_at is None

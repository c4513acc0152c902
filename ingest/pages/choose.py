"""Whether an entry's page is to be read, and what of both becomes the article. Pure decisions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ingest.identity import fold_host
from ingest.pages.fetch import Fetched
from ingest.pages.page import Page
from ingest.receive import EARLIEST, FUTURE, Submission
from wirewatch.store.feeds import FullText

# An entry that says no more than this is a teaser.
CUT_SHORT_CHARS = 600
# A page that gives so much less than its feed was not read well.
KEPT_SHARE = 0.8

_CUT_SHORT = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|read (?:more|on|the (?:rest|full)[\w ]*)|continue reading[^.]{0,80}|"
    r"mehr lesen|weiterlesen|lire la suite|leer más|leggi tutto|читать далее)"
    r"\W{0,5}$",
    re.IGNORECASE,
)


def domains_of(url: str) -> list[str]:
    """The domains whose choice covers an address, the most specific first."""
    labels = fold_host(urlsplit(url).hostname or "").split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)] or labels


def domains_of_all(urls: Iterable[str | None]) -> list[str]:
    """Those of whose choices to ask for all these addresses."""
    return sorted({domain for url in urls if url for domain in domains_of(url)})


def wants_page(submission: Submission, full_text: FullText, choices: Mapping[str, str]) -> bool:
    """Whether the page that an entry links to should be read: the domain's choice counts before the feed's."""
    if not submission.url or urlsplit(submission.url).scheme not in ("http", "https"):
        return False
    for domain in domains_of(submission.url):
        if domain in choices:
            return choices[domain] == "page"
    return full_text == "on" or (full_text == "auto" and is_cut_short(submission.text or ""))


def is_cut_short(text: str) -> bool:
    return len(text) < CUT_SHORT_CHARS or bool(_CUT_SHORT.search(text[-200:].rstrip()))


def join(submission: Submission, fetched: Fetched, now: datetime) -> Submission:
    """What is to be received: the page's text where there is one, the feed's where the page is none or says less."""
    page = fetched.page
    if fetched.state != "read" or page is None:
        return replace(submission, page_state=fetched.state)
    is_fuller = len(page.text) >= KEPT_SHARE * len(submission.text or "")
    return replace(
        submission,
        text=page.text if is_fuller else submission.text,
        page_state="read" if is_fuller else "kept",
        title=submission.title or page.title,
        author=submission.author or page.author,
        url=page.canonical_url or submission.url,
        published_at=submission.published_at or published_at_of(page, now),
        lang=submission.lang or page.lang,
        source_name=submission.source_name or page.site_name,
    )


def published_at_of(page: Page, now: datetime) -> datetime | None:
    """The page's date, None where it cannot be true."""
    if page.published_at is None:
        return None
    try:
        at = datetime.fromisoformat(page.published_at)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at if EARLIEST <= at <= now + FUTURE else None
    except (ValueError, OverflowError):
        return None

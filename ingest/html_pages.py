"""HTML that is sent: of a whole page the article on it, of a fragment all of its text."""

import re
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from anyio import to_thread

from ingest.html import html_to_text
from ingest.pages.choose import published_at_of
from ingest.pages.page import Page
from ingest.pages.reader import PageReader
from ingest.receive import Refusal, Submission
from wirewatch.clock import Clock

# So much of the visible text, or so much text, and what was left out is the page's frame.
MAIN_SHARE = 0.7
MAIN_CHARS = 600
# Pages of one group that take longer in sum are read as fragments are, which is linear.
GROUP_SECONDS = 60.0

_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def is_page(html: str) -> bool:
    return bool(_PAGE.search(html[:5_000]))


async def read_pages(
    reader: PageReader, submissions: Sequence[Submission | Refusal], clock: Clock
) -> list[Submission | Refusal]:
    """The same, with text in place of those that are whole pages; what they say of themselves fills empty fields."""
    ends_at = monotonic() + GROUP_SECONDS
    read: list[Submission | Refusal] = []
    for one in submissions:
        if isinstance(one, Submission) and one.html and not one.text and is_page(one.html) and monotonic() < ends_at:
            body = one.html.encode("utf-8", "surrogatepass")
            page = await reader.read(body, "text/html; charset=utf-8", one.url or "")
            read.append(await to_thread.run_sync(with_page, one, page, clock))
        else:
            read.append(one)
    return read


def with_page(submission: Submission, page: Page, clock: Clock) -> Submission:
    """A page of which too little was found keeps its HTML, to be read as a fragment is."""
    if not (page.verdict == "article" and has_main_text(page.text, html_to_text(submission.html or ""))):
        return submission
    return replace(
        submission,
        html=None,
        text=page.text,
        title=submission.title or page.title,
        author=submission.author or page.author,
        lang=submission.lang or page.lang,
        published_at=submission.published_at or published_at_of(page, clock()),
    )


def has_main_text(found: str, visible: str) -> bool:
    return len(found) >= min(MAIN_CHARS, MAIN_SHARE * len(visible)) > 0

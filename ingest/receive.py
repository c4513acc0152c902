"""The one door that every way in uses: HTTP, feeds and files all end in `receive`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.html import html_to_text
from ingest.identity import content_hash_of, identity_of, source_of, split_address
from wirewatch.clock import Clock, system_clock
from wirewatch.db import ContentionError, Database, Transaction
from wirewatch.metrics import ARTICLES_RECEIVED
from wirewatch.store import receipts
from wirewatch.store.receipts import Arrival, Receipt

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
FUTURE = timedelta(days=2)  # clocks and time zones of publishers are wrong by less
MAX_ARTICLE_BYTES = 5 * 1024 * 1024
BATCH = 500
TRIES = 5

# Far above what is published, and low enough for an index and a page.
MAX_CHARS = {"/url": 8192, "/title": 10_000, "/external_id": 2048, "/source/name": 500, "/source/domain": 253}


@dataclass(frozen=True, slots=True)
class Submission:
    """An article as it was sent or found, nothing checked yet. `published_at` must know its time zone.

    `page_state`: what became of the page that a feed's entry links to, where it was to be read.
    """

    title: str | None = None
    text: str | None = None
    html: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    source_name: str | None = None
    source_domain: str | None = None
    lang: str | None = None
    external_id: str | None = None
    author: str | None = None
    page_state: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a submission was not taken: an HTTP status and (JSON pointer, what is wrong) pairs."""

    status: int
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    max_article_bytes: int = MAX_ARTICLE_BYTES
    clock: Clock = system_clock


def receive(
    database: Database, submissions: Sequence[Submission], limits: Limits | None = None
) -> list[Receipt | Refusal]:
    """Store what can be stored, and answer each submission in its order.

    Each batch of 500 is one transaction; when this returns, everything accepted is committed together with the work
    that follows from it. Raises DatabaseUnavailableError: then earlier batches are kept, and sending all of it again
    changes nothing about them.
    """
    answers: list[Receipt | Refusal] = []
    for start in range(0, len(submissions), BATCH):
        answers += receive_with(database, submissions[start : start + BATCH], lambda *_: True, limits)
    return answers


def receive_with(
    database: Database,
    submissions: Sequence[Submission],
    write: Callable[[Transaction, Sequence[Refusal]], bool],
    limits: Limits | None = None,
) -> list[Receipt | Refusal]:
    """The same for a caller who has something to write in the same transaction: all of it is kept, or nothing.

    `write` comes first, and is told what will be refused; if it gives False, nothing is stored and there are no
    answers. It may be called again where the transaction has to be repeated.
    """
    checked = [prepare(submission, limits or Limits()) for submission in submissions]
    answers = _store(database, checked, write)
    for answer in answers:
        ARTICLES_RECEIVED.labels(answer.status if isinstance(answer, Receipt) else "refused").inc()
    return answers


def prepare(submission: Submission, limits: Limits) -> Arrival | Refusal:
    """Check a submission by the rules of the domain and work out its identity."""
    if max(_size(submission.text), _size(submission.html), _size(submission.title)) > limits.max_article_bytes:
        return Refusal(413, (("", f"the article is larger than {limits.max_article_bytes} bytes"),))
    problems = _problems_of(submission, limits.clock())
    if problems:
        return Refusal(422, tuple(problems))
    text = submission.text or (html_to_text(submission.html).replace("\0", "") if submission.html else "")
    title = submission.title or ""
    if not (text.strip() or title.strip()):
        return Refusal(422, (("/html", "there is no text in it"),))
    return _arrival(submission, title, text)


def _arrival(submission: Submission, title: str, text: str) -> Arrival:
    source = source_of(submission.source_name, submission.source_domain, submission.url)
    content = content_hash_of(title, text)
    return Arrival(
        identity=identity_of(source, submission.external_id, submission.url, content, submission.published_at),
        content_hash=content,
        source=source,
        external_id=submission.external_id,
        url=submission.url,
        title=title,
        text=text,
        declared_lang=submission.lang,
        published_at=submission.published_at,
        author=submission.author,
        page_state=submission.page_state,
    )


def _problems_of(submission: Submission, now: datetime) -> list[tuple[str, str]]:
    values = _values(submission)
    problems = [(pointer, "must not contain NUL characters") for pointer, value in values if "\0" in value]
    problems += [(pointer, "must not contain lone surrogates") for pointer, value in values if not _is_unicode(value)]
    for pointer, value in values:
        if len(value) > MAX_CHARS.get(pointer, len(value)):
            problems.append((pointer, f"must not be longer than {MAX_CHARS[pointer]} characters"))
    if submission.text and submission.html:
        problems.append(("/html", "give either text or html"))
    if not any((value or "").strip() for value in (submission.text, submission.html, submission.title)):
        problems.append(("/text", "an article needs a text, html or at least a title"))
    problems += _url_problems(submission.url)
    if submission.published_at and not EARLIEST <= submission.published_at <= now + FUTURE:
        problems.append(("/published_at", "must lie between 1900 and two days from now"))
    return problems


def _url_problems(url: str | None) -> list[tuple[str, str]]:
    try:
        if url is not None:
            split_address(url)
    except ValueError as error:
        return [("/url", str(error))]
    return []


def _values(submission: Submission) -> list[tuple[str, str]]:
    pairs = [
        ("/title", submission.title),
        ("/text", submission.text),
        ("/html", submission.html),
        ("/url", submission.url),
        ("/source/name", submission.source_name),
        ("/source/domain", submission.source_domain),
        ("/lang", submission.lang),
        ("/external_id", submission.external_id),
    ]
    return [(pointer, value) for pointer, value in pairs if value]


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _size(value: str | None) -> int:
    return len(value.encode("utf-8", "surrogatepass")) if value else 0


def _store(
    database: Database, checked: Sequence[Arrival | Refusal], write: Callable[[Transaction, Sequence[Refusal]], bool]
) -> list[Receipt | Refusal]:
    """One transaction; repeated where PostgreSQL chose it as the victim of a deadlock with a stage."""
    arrivals = [one for one in checked if isinstance(one, Arrival)]
    refusals = [one for one in checked if isinstance(one, Refusal)]
    for tries_left in range(TRIES - 1, -1, -1):
        try:
            with database.transaction() as tx:
                if not write(tx, refusals):
                    return []
                stored = [
                    receipt
                    for start in range(0, len(arrivals), BATCH)
                    for receipt in receipts.accept(tx, arrivals[start : start + BATCH])
                ]
                break
        except ContentionError:
            if not tries_left:
                raise
    in_order = iter(stored)
    return [next(in_order) if isinstance(one, Arrival) else one for one in checked]

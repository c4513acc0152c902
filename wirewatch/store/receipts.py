"""Taking articles in: each becomes a new article, a new version of one, or is known already.

Safe beside any number of others doing the same: new rows are inserted, and then known rows locked, always in the order
of their identities, so that two batches never wait for each other in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, text

from wirewatch import outbox
from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.store.sources import NewSource, resolve

Status = Literal["accepted", "known", "new_version"]

LARGE_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article ready to be stored: checked, its HTML converted, its identity and content as SHA-256."""

    identity: bytes
    content_hash: bytes
    source: NewSource | None
    external_id: str | None
    url: str | None
    title: str
    text: str
    declared_lang: str | None
    published_at: datetime | None
    author: str | None = None
    page_state: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    id: str
    status: Status


@dataclass(frozen=True, slots=True)
class _Taken:
    """A row as it now stands; `status` is what this batch did to it."""

    id: int
    version: int
    content_hash: bytes
    status: Status


_Places = list[tuple[int, Arrival]]  # arrivals with their places in the batch

_NEW_IDS = text("SELECT nextval(pg_get_serial_sequence('articles', 'id')) FROM generate_series(1, :count)")

# The ids are given beforehand, so that they grow in the order of arrival although rows go in by identity.
_INSERT = text("""
    INSERT INTO articles
        (id, identity, content_hash, source_id, external_id, url, title, text, declared_lang, published_at, author,
         page_state)
    SELECT * FROM unnest(
        CAST(:ids AS bigint[]), CAST(:identities AS bytea[]),
        CAST(:hashes AS bytea[]), CAST(:sources AS bigint[]), CAST(:externals AS text[]),
        CAST(:urls AS text[]), CAST(:titles AS text[]), CAST(:texts AS text[]), CAST(:langs AS text[]),
        CAST(:published AS timestamptz[]), CAST(:authors AS text[]), CAST(:page_states AS text[])
    ) AS new (id, identity)
    ORDER BY new.identity
    ON CONFLICT (identity) DO NOTHING
    RETURNING id, identity, version, content_hash
""")

_FIND = text("""
    SELECT id, identity, version, content_hash FROM articles WHERE identity = ANY(CAST(:identities AS bytea[]))
""")

_LOCK = text("""
    SELECT id, identity, version, content_hash FROM articles
    WHERE identity = ANY(CAST(:identities AS bytea[])) ORDER BY identity FOR NO KEY UPDATE
""")

_AMEND = text("""
    UPDATE articles
    SET version = version + 1, stage = 'received', content_hash = new.content_hash, title = new.title, text = new.text,
        url = COALESCE(new.url, articles.url), declared_lang = COALESCE(new.lang, articles.declared_lang),
        published_at = COALESCE(new.published_at, articles.published_at), updated_at = clock_timestamp(),
        author = COALESCE(new.author, articles.author), page_state = new.page_state
    FROM unnest(
        CAST(:identities AS bytea[]), CAST(:hashes AS bytea[]), CAST(:urls AS text[]), CAST(:titles AS text[]),
        CAST(:texts AS text[]), CAST(:langs AS text[]), CAST(:published AS timestamptz[]), CAST(:authors AS text[]),
        CAST(:page_states AS text[])
    ) AS new (identity, content_hash, url, title, text, lang, published_at, author, page_state)
    WHERE articles.identity = new.identity
    RETURNING articles.id, articles.identity, articles.version, articles.content_hash
""")

_KEEP_VERSIONS = text("""
    INSERT INTO article_versions (article_id, version, title, text, published_at)
    SELECT id, version, title, text, published_at FROM articles WHERE id = ANY(:ids)
""")


def accept(tx: Transaction, arrivals: Sequence[Arrival]) -> list[Receipt]:
    """Store a batch and record the work that follows; one receipt for each arrival, in their order.

    The same article twice in one batch counts as if it came in two batches.
    """
    source_ids = resolve(tx, [arrival.source for arrival in arrivals if arrival.source])
    receipts: list[Receipt | None] = [None] * len(arrivals)
    waiting = list(enumerate(arrivals))
    while waiting:
        round_, later = _split_round(waiting)
        taken = _accept_distinct(tx, [arrival for _, arrival in round_], source_ids)
        done, waiting = _receipts_of(round_, later, taken)
        for place, receipt in done.items():
            receipts[place] = receipt
    return [receipt for receipt in receipts if receipt is not None]


def _split_round(waiting: _Places) -> tuple[_Places, _Places]:
    """The first arrival of each identity, and the rest."""
    seen: set[bytes] = set()
    first: _Places = []
    rest: _Places = []
    for entry in waiting:
        (rest if entry[1].identity in seen else first).append(entry)
        seen.add(entry[1].identity)
    return first, rest


def _receipts_of(round_: _Places, later: _Places, taken: dict[bytes, _Taken]) -> tuple[dict[int, Receipt], _Places]:
    """Receipts by place for what this round settled, and what still waits.

    A row that is not there was deleted between two of our statements: its article is new again.
    """
    done: dict[int, Receipt] = {}
    waiting: _Places = []
    for place, arrival in round_:
        row = taken.get(arrival.identity)
        if row is None:
            waiting.append((place, arrival))
        else:
            done[place] = Receipt(str(row.id), row.status)
    held_up = {arrival.identity for _, arrival in waiting}
    for place, arrival in later:
        row = taken.get(arrival.identity)
        # Repeats at the head are settled at once; behind a change they have to wait for it.
        if row is not None and arrival.identity not in held_up and row.content_hash == arrival.content_hash:
            done[place] = Receipt(str(row.id), "known")
        else:
            held_up.add(arrival.identity)
            waiting.append((place, arrival))
    return done, waiting


def _accept_distinct(tx: Transaction, arrivals: list[Arrival], source_ids: dict[str, int]) -> dict[bytes, _Taken]:
    """identity -> its row now, for arrivals of different identities."""
    taken = _find(tx, arrivals)
    new = [arrival for arrival in arrivals if arrival.identity not in taken]
    taken |= _insert(tx, new, source_ids)
    taken |= _find(tx, [arrival for arrival in new if arrival.identity not in taken])
    taken |= _amend(tx, [arrival for arrival in arrivals if _differs(taken.get(arrival.identity), arrival)])
    written = sorted((row for row in taken.values() if row.status != "known"), key=lambda row: row.id)
    if written:
        tx.execute(_KEEP_VERSIONS, {"ids": [row.id for row in written]})
        lengths = {arrival.identity: len(arrival.text.encode()) for arrival in arrivals}
        large = {row.id for identity, row in taken.items() if lengths[identity] > LARGE_BYTES}
        outbox.put(tx, [_message(row, row.id in large) for row in written])
    return taken


def _find(tx: Transaction, arrivals: list[Arrival]) -> dict[bytes, _Taken]:
    identities = [arrival.identity for arrival in arrivals]
    return _rows(tx.execute(_FIND, {"identities": identities}).all(), "known") if identities else {}


def _insert(tx: Transaction, arrivals: list[Arrival], source_ids: dict[str, int]) -> dict[bytes, _Taken]:
    """Those that nobody else was faster with."""
    if not arrivals:
        return {}
    sources = [source_ids[arrival.source.key] if arrival.source else None for arrival in arrivals]
    externals = [arrival.external_id for arrival in arrivals]
    ids = sorted(tx.execute(_NEW_IDS, {"count": len(arrivals)}).scalars())
    columns = {**_columns(arrivals), "ids": ids, "sources": sources, "externals": externals}
    return _rows(tx.execute(_INSERT, columns).all(), "accepted")


def _amend(tx: Transaction, changed: list[Arrival]) -> dict[bytes, _Taken]:
    """Write new versions, unless another batch wrote the same ones while we waited for the lock."""
    if not changed:
        return {}
    identities = [arrival.identity for arrival in changed]
    locked = _rows(tx.execute(_LOCK, {"identities": identities}).all(), "known")
    still = [arrival for arrival in changed if _differs(locked.get(arrival.identity), arrival)]
    if not still:
        return locked
    return locked | _rows(tx.execute(_AMEND, _columns(still)).all(), "new_version")


def _differs(row: _Taken | None, arrival: Arrival) -> bool:
    return row is not None and row.content_hash != arrival.content_hash


def _columns(arrivals: list[Arrival]) -> dict[str, list[Any]]:
    return {
        "identities": [arrival.identity for arrival in arrivals],
        "hashes": [arrival.content_hash for arrival in arrivals],
        "urls": [arrival.url for arrival in arrivals],
        "titles": [arrival.title for arrival in arrivals],
        "texts": [arrival.text for arrival in arrivals],
        "langs": [arrival.declared_lang for arrival in arrivals],
        "published": [arrival.published_at for arrival in arrivals],
        "authors": [arrival.author for arrival in arrivals],
        "page_states": [arrival.page_state for arrival in arrivals],
    }


def _rows(rows: Sequence[Row[Any]], status: Status) -> dict[bytes, _Taken]:
    return {bytes(row.identity): _Taken(row.id, row.version, bytes(row.content_hash), status) for row in rows}


def _message(row: _Taken, is_large: bool) -> NewMessage:
    return NewMessage("ArticleReceived", str(row.id), row.version, {"large": True} if is_large else {})

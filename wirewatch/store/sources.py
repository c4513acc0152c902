"""Sources: who publishes. A source is known by its domain, or by its name where it has none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text

from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.store.ids import number_of
from wirewatch.store.tables import sources as table


@dataclass(frozen=True, slots=True)
class NewSource:
    """`key` is what makes two mentions of a source the same one: its domain, or its folded name."""

    key: str
    name: str
    domain: str | None


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    name: str
    domain: str | None
    country: str | None
    kind: str | None


_INSERT = text("""
    INSERT INTO sources (key, name, domain)
    SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:names AS text[]), CAST(:domains AS text[])) AS new (key)
    ORDER BY new.key
    ON CONFLICT (key) DO NOTHING
""")

# A source first met through its address alone gets its name from the first article that tells it.
_NAME = text("""
    UPDATE sources SET name = new.name
    FROM unnest(CAST(:keys AS text[]), CAST(:names AS text[])) AS new (key, name)
    WHERE sources.key = new.key AND sources.name = sources.domain
""")


def resolve(tx: Transaction, wanted: Sequence[NewSource]) -> dict[str, int]:
    """key -> row number; sources not met before are added."""
    by_key: dict[str, NewSource] = {}
    for source in wanted:
        known = by_key.get(source.key)
        if known is None or known.name == known.domain:
            by_key[source.key] = source
    found = _find(tx, by_key)
    new = [by_key[key] for key in sorted(by_key.keys() - found.keys())]
    if new:
        columns = {"keys": [source.key for source in new], "names": [source.name for source in new]}
        tx.execute(_INSERT, {**columns, "domains": [source.domain for source in new]})
        found |= _find(tx, {source.key: source for source in new})
    named = [key for key in sorted(found) if _learns_name(found[key], by_key[key])]
    if named:
        tx.execute(_NAME, {"keys": named, "names": [by_key[key].name for key in named]})
    return {key: row.id for key, row in found.items()}


def list_page(tx: Transaction, *, after: int | None, limit: int) -> list[Source]:
    """Sources by id after the id `after`."""
    query = select(table).where(table.c.id > (after or 0)).order_by(table.c.id).limit(limit)
    return [_value(row) for row in tx.execute(query)]


def get(tx: Transaction, source_id: str) -> Source:
    """Raises NotFoundError."""
    row = tx.execute(select(table).where(table.c.id == number_of(source_id, "source"))).first()
    if row is None:
        raise NotFoundError("no source with this id")
    return _value(row)


def _find(tx: Transaction, wanted: Mapping[str, NewSource]) -> dict[str, Row[Any]]:
    query = select(table).where(table.c.key.in_(list(wanted)))
    return {row.key: row for row in tx.execute(query)} if wanted else {}


def _learns_name(known: Row[Any], told: NewSource) -> bool:
    return known.domain is not None and known.name == known.domain and told.name != known.domain


def _value(row: Row[Any]) -> Source:
    return Source(str(row.id), row.name, row.domain, row.country, row.kind)

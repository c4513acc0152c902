"""Publishers for which somebody has chosen where their articles' text comes from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql

from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.store.tables import domains as table
from wirewatch.store.views.times import utc

TextFrom = Literal["feed", "page"]


@dataclass(frozen=True, slots=True)
class DomainChoice:
    """`text_from`: whether the text is taken from the publisher's feeds or pages, whatever its feeds are told."""

    domain: str
    text_from: TextFrom
    updated_at: datetime


def list_page(tx: Transaction, *, after: str | None, limit: int) -> list[DomainChoice]:
    """By domain after the domain `after`."""
    query = select(table).where(table.c.domain > (after or "")).order_by(table.c.domain).limit(limit)
    return [DomainChoice(row.domain, row.text_from, utc(row.updated_at)) for row in tx.execute(query)]


def put(tx: Transaction, domain: str, text_from: TextFrom) -> DomainChoice:
    values = {"domain": domain, "text_from": text_from, "updated_at": func.clock_timestamp()}
    statement = postgresql.insert(table).values(**values)
    statement = statement.on_conflict_do_update(index_elements=["domain"], set_=values)
    row = tx.execute(statement.returning(table)).one()
    return DomainChoice(row.domain, row.text_from, utc(row.updated_at))


def delete(tx: Transaction, domain: str) -> None:
    """Raises NotFoundError."""
    if tx.execute(sql_delete(table).where(table.c.domain == domain)).rowcount == 0:
        raise NotFoundError("nothing was chosen for this domain")

"""Watches: saved queries with an alert policy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, func, select
from sqlalchemy import delete as sql_delete
from sqlalchemy import insert as sql_insert
from sqlalchemy import update as sql_update

from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.models import Policy, Watch
from wirewatch.store.ids import number_of
from wirewatch.store.revisions import raise_revision
from wirewatch.store.tables import watches as table


@dataclass(frozen=True, slots=True)
class SavedWatch:
    """A watch and when it was made and last changed."""

    watch: Watch
    created_at: datetime
    updated_at: datetime


def list_page(tx: Transaction, *, after: int | None, limit: int) -> list[SavedWatch]:
    """Watches by id after the id `after`."""
    query = select(table).where(table.c.id > (after or 0)).order_by(table.c.id).limit(limit)
    return [_saved(row) for row in tx.execute(query)]


def list_changed(tx: Transaction, since: datetime | None) -> Iterator[SavedWatch]:
    """Watches, disabled ones too, that were changed after then, in that order; with None, all that are enabled."""
    query = select(table).where(table.c.enabled if since is None else table.c.updated_at > since)
    return map(_saved, tx.execute(query.order_by(table.c.updated_at)))


def count_enabled(tx: Transaction) -> int:
    return int(tx.execute(select(func.count()).select_from(table).where(table.c.enabled)).scalar_one())


def list_enabled_ids(tx: Transaction) -> set[str]:
    return {str(number) for number in tx.execute(select(table.c.id).where(table.c.enabled)).scalars()}


def get_many(tx: Transaction, watch_ids: Iterable[str]) -> dict[str, Watch]:
    """-> the watches that exist."""
    query = select(table).where(table.c.id.in_([int(id_) for id_ in watch_ids]))
    return {str(row.id): _saved(row).watch for row in tx.execute(query)}


def get(tx: Transaction, watch_id: str) -> SavedWatch:
    """Raises NotFoundError."""
    row = tx.execute(select(table).where(table.c.id == number_of(watch_id, "watch"))).first()
    if row is None:
        raise NotFoundError("no watch with this id")
    return _saved(row)


def create(tx: Transaction, watch: Watch) -> SavedWatch:
    """Save a new watch; its id is given here, that of the value is not looked at."""
    raise_revision(tx, "watches")
    return _saved(tx.execute(sql_insert(table).values(**_columns(watch)).returning(table)).one())


def lock(tx: Transaction, watch_id: str) -> SavedWatch:
    """The watch, to be changed in this transaction by nobody else. Raises NotFoundError."""
    # First the revision, as everybody who changes watches: none waits for the other in a circle.
    raise_revision(tx, "watches")
    row = tx.execute(select(table).where(table.c.id == number_of(watch_id, "watch")).with_for_update()).first()
    if row is None:
        raise NotFoundError("no watch with this id")
    return _saved(row)


def update(tx: Transaction, watch: Watch, fields: Iterable[str]) -> SavedWatch:
    """Write these fields of a locked watch and leave the others as they are. Raises NotFoundError."""
    statement = sql_update(table).where(table.c.id == number_of(watch.id, "watch")).returning(table)
    columns = _columns(watch)
    changed = {name: columns[name] for name in fields}
    row = tx.execute(statement.values(**changed, updated_at=func.clock_timestamp())).first()
    if row is None:
        raise NotFoundError("no watch with this id")
    return _saved(row)


def lock_sent(tx: Transaction, watch_ids: Iterable[str]) -> dict[str, list[datetime]]:
    """-> when these watches were told of last, the oldest first; locked until the transaction ends."""
    wanted = [int(id_) for id_ in watch_ids]
    if not wanted:
        return {}
    query = select(table.c.id, table.c.sent_at).where(table.c.id.in_(wanted)).order_by(table.c.id).with_for_update()
    return {str(id_): list(sent_at or ()) for id_, sent_at in tx.execute(query)}


def save_sent(tx: Transaction, sent: Mapping[str, Sequence[datetime]]) -> None:
    for id_, times in sent.items():
        tx.execute(sql_update(table).where(table.c.id == int(id_)).values(sent_at=list(times)))


def delete(tx: Transaction, watch_id: str) -> None:
    """Remove a watch with its matches and alerts. Raises NotFoundError."""
    raise_revision(tx, "watches")
    if tx.execute(sql_delete(table).where(table.c.id == number_of(watch_id, "watch"))).rowcount == 0:
        raise NotFoundError("no watch with this id")


def _columns(watch: Watch) -> dict[str, Any]:
    return {
        "name": watch.name,
        "query": watch.query,
        "policy": msgspec.to_builtins(watch.policy),
        "endpoint_ids": None if watch.endpoint_ids is None else [int(number) for number in watch.endpoint_ids],
        "enabled": watch.enabled,
        "snoozed_until": watch.snoozed_until,
        "backfill_since": watch.backfill_since,
    }


def _saved(row: Row[Any]) -> SavedWatch:
    endpoint_ids = None if row.endpoint_ids is None else tuple(str(number) for number in row.endpoint_ids)
    policy = msgspec.convert(row.policy, Policy)
    watch = Watch(
        str(row.id), row.name, row.query, policy, endpoint_ids, row.enabled, row.snoozed_until, row.backfill_since
    )
    return SavedWatch(watch, row.created_at, row.updated_at)

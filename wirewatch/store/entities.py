"""The knowledge base: entities, built in and users' own."""

from sqlalchemy import func

from wirewatch.db import Transaction
from wirewatch.models import Entity, EntityType
from wirewatch.store.catalogue import Put, Shelf
from wirewatch.store.tables import entities as table

__all__ = [
    "Put", "create", "delete", "find_names", "get", "list_all", "list_page", "put", "update", "upsert_builtin",
]  # fmt: skip

_SHELF = Shelf(table, "entities", "entity", Entity, ("id", "name", "type"))

upsert_builtin = _SHELF.upsert_builtin
list_all = _SHELF.list_all
get = _SHELF.get
find_names = _SHELF.find_names
create = _SHELF.create
put = _SHELF.put
update = _SHELF.update
delete = _SHELF.delete


def list_page(
    tx: Transaction, *, after: str | None, limit: int, entity_type: EntityType | None = None, q: str | None = None
) -> list[Entity]:
    """Entities by id after the id `after`, of one type, and with `q` anywhere in id, name, aliases or short names."""
    where = []
    if entity_type:
        where.append(table.c.type == entity_type)
    if q:
        names = table.c.body["aliases"].astext + " " + table.c.body["short_names"].astext
        searched = func.lower(table.c.id + " " + table.c.name + " " + names)
        where.append(searched.contains(q.lower(), autoescape=True))
    return _SHELF.list_page(tx, after=after, limit=limit, where=where)

"""How each watch is told by channels, where its user has said so."""

from collections.abc import Iterable

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.models import Template
from wirewatch.store.ids import number_of

_UPSERT = text("""
    INSERT INTO watch_templates (watch_id, title, body) SELECT id, :title, :body FROM watches WHERE id = :id
    ON CONFLICT (watch_id) DO UPDATE SET title = :title, body = :body, updated_at = clock_timestamp()
    RETURNING watch_id
""")


def find_for_watches(tx: Transaction, watch_ids: Iterable[str]) -> dict[str, Template]:
    """-> by watch, of those that have a template of their own."""
    query = text("SELECT watch_id, title, body FROM watch_templates WHERE watch_id = ANY(:ids)")
    rows = tx.execute(query, {"ids": [int(id_) for id_ in watch_ids]})
    return {str(id_): Template(title, body) for id_, title, body in rows}


def get(tx: Transaction, watch_id: str) -> Template:
    """Raises NotFoundError."""
    found = find_for_watches(tx, [str(number_of(watch_id, "watch"))])
    if watch_id not in found:
        raise NotFoundError("this watch has no template of its own")
    return found[watch_id]


def set_for_watch(tx: Transaction, watch_id: str, template: Template) -> None:
    """Raises NotFoundError."""
    values = {"id": number_of(watch_id, "watch"), "title": template.title, "body": template.body}
    if tx.execute(_UPSERT, values).first() is None:
        raise NotFoundError("no watch with this id")


def delete(tx: Transaction, watch_id: str) -> None:
    """Raises NotFoundError."""
    query = text("DELETE FROM watch_templates WHERE watch_id = :id RETURNING watch_id")
    if tx.execute(query, {"id": number_of(watch_id, "watch")}).first() is None:
        raise NotFoundError("this watch has no template of its own")

"""Articles that were taken back: by a version that says so (the dedupe stage sees it), or by a user here."""

from sqlalchemy import text

from wirewatch import outbox
from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.messages import NewMessage
from wirewatch.store.ids import number_of

_RETRACT = text("""
    UPDATE articles SET retracted_at = COALESCE(retracted_at, clock_timestamp()), retracted_by = 'user',
        retraction = :reason
    WHERE id = :id RETURNING version
""")

_LIFT = text("""
    UPDATE articles SET retracted_at = NULL, retracted_by = NULL, retraction = NULL WHERE id = :id RETURNING version
""")

_IS_EXTRACTED = text("SELECT EXISTS (SELECT FROM analyses WHERE article_id = :id AND version = :version)")


def retract(tx: Transaction, article_id: str, reason: str | None) -> None:
    """Mark the article as taken back by a user, and let its story and the watches look at it again.

    Raises NotFoundError.
    """
    _change(tx, article_id, reason=reason)


def lift(tx: Transaction, article_id: str) -> None:
    """The article stands again, whoever took it back; a later version may say otherwise. Raises NotFoundError."""
    _change(tx, article_id)


def _change(tx: Transaction, article_id: str, **parameters: str | None) -> None:
    number = number_of(article_id, "article")
    statement = _RETRACT if parameters else _LIFT
    version = tx.execute(statement, {"id": number, **parameters}).scalar()
    if version is None:
        raise NotFoundError("no article with this id")
    # One that is still on its way comes by with the mark set.
    if tx.execute(_IS_EXTRACTED, {"id": number, "version": version}).scalar():
        outbox.put(tx, [NewMessage("ArticleExtracted", article_id, version)])

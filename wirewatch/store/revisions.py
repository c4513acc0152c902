"""Numbers that tell workers when their copy of the catalogue (entities, topics, watches) is out of date."""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import text

from wirewatch.db import Transaction

Kind = Literal["entities", "topics", "watches"]

# The same channel as outbox.CATALOGUE_CHANNEL, which cannot be imported from below it.
CATALOGUE_CHANNEL = "wirewatch_catalogue"


def raise_revision(tx: Transaction, kind: Kind) -> int:
    """The new revision. Holds the kind's row until the transaction ends, so that numbers grow in order of commits."""
    row = tx.execute(
        text(
            "INSERT INTO revisions AS r (kind, revision) VALUES (:kind, 1) "
            "ON CONFLICT (kind) DO UPDATE SET revision = r.revision + 1 RETURNING revision"
        ),
        {"kind": kind},
    )
    tx.execute(text("SELECT pg_notify(:channel, :kind)"), {"channel": CATALOGUE_CHANNEL, "kind": kind})
    return int(row.scalar_one())


def get_revisions(tx: Transaction) -> dict[str, int]:
    """The current revision of each kind."""
    return complete(
        {kind: int(revision) for kind, revision in tx.execute(text("SELECT kind, revision FROM revisions"))}
    )


def complete(found: Mapping[str, int]) -> dict[str, int]:
    """A kind that never changed has no row, and stands at 0."""
    return {"entities": 0, "topics": 0, "watches": 0, **found}

"""The updates of alerts: each is one thing told, and stays as it was told."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import UpdateReason
from wirewatch.store.alerts import StoredAlert


class NewUpdate(NamedTuple):
    """`endpoint_ids`: whom it is meant for; each of them gets it in exactly one delivery."""

    alert_id: str
    seq: int
    reason: UpdateReason
    changes: tuple[str, ...]
    article_ids: tuple[str, ...]
    endpoint_ids: tuple[str, ...] = ()


class StoredUpdate(NamedTuple):
    id: str
    created_at: datetime
    new: NewUpdate


_INSERT = text("""
    WITH written AS (
        INSERT INTO updates (alert_id, seq, reason, changes, article_ids, endpoint_ids)
        SELECT alert_id, seq, reason, changes, article_ids, endpoint_ids
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (
            alert_id bigint, seq int, reason text, changes jsonb, article_ids bigint[], endpoint_ids bigint[])
        ORDER BY alert_id, seq
        RETURNING id, alert_id, seq, created_at
    ), told AS (SELECT pg_notify(:wake, ''))
    SELECT written.* FROM written, told
""")


# Such transactions are still to come in this cluster: the rows were written in another, and came here in a dump.
_SETTLE_FOREIGN = text("""
    UPDATE updates SET written_by = 0
    WHERE (SELECT max(written_by) FROM updates) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
""")


class Written(NamedTuple):
    """An update with what is known of its alert now."""

    update: StoredUpdate
    alert: StoredAlert


_GET = text("""
    SELECT u.id, u.alert_id, u.seq, u.reason, u.changes, u.article_ids, u.endpoint_ids, u.created_at,
        a.watch_id, a.story_id, a.state, a.snoozed_until
    FROM updates u JOIN alerts a ON a.id = u.alert_id WHERE u.id = ANY(:ids) ORDER BY u.id
""")


def get_written(tx: Transaction, ids: Iterable[str]) -> list[Written]:
    """-> the updates that exist, in the order in which they were written."""
    return [
        Written(
            StoredUpdate(
                str(row.id),
                row.created_at,
                NewUpdate(
                    str(row.alert_id),
                    row.seq,
                    row.reason,
                    tuple(row.changes),
                    tuple(map(str, row.article_ids)),
                    tuple(map(str, row.endpoint_ids)),
                ),
            ),
            StoredAlert(
                str(row.alert_id),
                str(row.watch_id),
                str(row.story_id),
                snoozed_until=row.snoozed_until,
                state=row.state,
            ),
        )
        for row in tx.execute(_GET, {"ids": [int(id_) for id_ in ids]})
    ]


def insert_all(tx: Transaction, new: Sequence[NewUpdate], *, wake: str) -> list[StoredUpdate]:
    """-> the updates as they were written, in the order given; who listens to `wake` is woken when this commits."""
    if not new:
        return []
    encoded = msgspec.json.encode([one._asdict() for one in new]).decode()
    rows = tx.execute(_INSERT, {"rows": encoded, "wake": wake})
    written = {(str(alert_id), seq): (str(id_), created_at) for id_, alert_id, seq, created_at in rows}
    return [StoredUpdate(*written[one.alert_id, one.seq], one) for one in new]


def settle_foreign(tx: Transaction) -> int:
    """After a dump was restored into a cluster whose transactions have lower numbers: what it holds comes before all
    that is written here. Otherwise streams would wait until the numbers catch up. -> how many updates were changed.
    """
    return tx.execute(_SETTLE_FOREIGN).rowcount

"""How often a watch was right, by what users made of its alerts."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text

from wirewatch.db import Transaction

# Why an alert that was right is put away; any other reason of a dismissal says that it was wrong.
RIGHT_REASONS = ("known", "resolved", "duplicate")


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the `judged` alerts so many were `right`; `share` is their part, null while none is judged.

    An acknowledged alert was right. A dismissal counts where it has a reason.
    """

    judged: int = 0
    right: int = 0
    share: float | None = None


_READ = text("""
    SELECT watch_id, count(*) AS judged,
        count(*) FILTER (WHERE state = 'acknowledged' OR lower(btrim(reason)) = ANY(:right_reasons)) AS correct
    FROM alerts
    WHERE watch_id = ANY(:ids) AND (state = 'acknowledged' OR state = 'dismissed' AND btrim(reason) <> '')
    GROUP BY watch_id
""")


def read_precision(tx: Transaction, watch_ids: Iterable[str]) -> dict[str, Precision]:
    """-> by watch; of watches without a judged alert nothing."""
    rows = tx.execute(_READ, {"ids": [int(id_) for id_ in watch_ids], "right_reasons": list(RIGHT_REASONS)})
    return {str(id_): Precision(judged, right, round(right / judged, 3)) for id_, judged, right in rows}

"""What the stages have done since the first start."""

from sqlalchemy import text

from wirewatch.db import Transaction

_ADD = text("""
    INSERT INTO stage_counts (stage, done, superseded, runs) VALUES (:stage, :done, :superseded, 1)
    ON CONFLICT (stage) DO UPDATE
    SET done = stage_counts.done + excluded.done, superseded = stage_counts.superseded + excluded.superseded,
        runs = stage_counts.runs + 1
""")


def add(tx: Transaction, stage: str, *, done: int, superseded: int) -> None:
    """Count a record; call it last in the transaction, for its row is shared by all workers of the stage."""
    tx.execute(_ADD, {"stage": stage, "done": done, "superseded": superseded})

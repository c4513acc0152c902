"""What the ledger says at an instant, read past the services that are being killed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

READ_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Lease:
    """A stage run under way: which main process's pool holds it, and of which messages."""

    holder: str
    message_type: str
    token: str
    messages: int

    @property
    def main_pid(self) -> int:
        return int(self.holder.split(":")[-2])


class LedgerView:
    def __init__(self, database_url: str) -> None:
        self._url = database_url

    def leases(self) -> list[Lease]:
        """The runs under way, those of most messages first."""
        rows = self._read("""
            SELECT leased_by, type, lease_token::text, count(*) FROM messages
            WHERE leased_until > clock_timestamp() AND leased_by IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 4 DESC
        """)
        return [Lease(*row) for row in rows]  # type: ignore[arg-type]

    def still_held(self, token: str) -> bool:
        """Whether a run has not recorded: its messages still stand under its token."""
        return bool(self._read("SELECT 1 FROM messages WHERE lease_token = %s LIMIT 1", token))

    def expire(self, token: str) -> list[int]:
        """As if the run had outlived its lease. -> the messages it held."""
        rows = self._read(
            """
            UPDATE messages SET leased_until = clock_timestamp() - interval '1 s'
            WHERE lease_token = %s RETURNING id
            """,
            token,
        )
        return [int(str(id_)) for (id_,) in rows]

    def any_left(self, ids: Sequence[int]) -> bool:
        """Whether any of these messages is still to be done."""
        return bool(self._read("SELECT 1 FROM messages WHERE id = ANY(%s) LIMIT 1", list(ids)))

    def count_left(self) -> tuple[int, int]:
        """-> messages that are not done, and of them those in quarantine."""
        (row,) = self._read("SELECT count(*), count(quarantined_at) FROM messages")
        return int(str(row[0])), int(str(row[1]))

    def stage_counts(self) -> dict[str, tuple[int, int]]:
        """-> by stage: messages recorded as done, and runs."""
        rows = self._read("SELECT stage, done, runs FROM stage_counts")
        return {str(stage): (int(str(done)), int(str(runs))) for stage, done, runs in rows}

    def count_moved(self) -> int:
        """How often a merge or a split has moved an article from one story to another."""
        ((moved,),) = self._read("""
            SELECT COALESCE(sum(cardinality(article_ids)), 0) FROM story_events WHERE kind IN ('merged', 'split')
        """)
        return int(str(moved))

    def _read(self, query: str, *parameters: str | list[int]) -> list[tuple[object, ...]]:
        """Wait for a database that is being restarted."""
        deadline = time.monotonic() + READ_TIMEOUT_SECONDS
        while True:
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=2) as connection:
                    return connection.execute(query, parameters or None).fetchall()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

"""The ledger's rows: insert, publish, claim, finish, release, sweep, quarantine (docs/flow.md has the life of one).

Leases and publication marks use the database's clock; `due_at` uses the caller's, so that tests can move it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.messages import MAX_ATTEMPTS, Message, NewMessage, Published
from wirewatch.sql import Sql
from wirewatch.store import revisions

ERROR_CHARS = 2000


class Counted(NamedTuple):
    """Messages of one record of a stage; `gone_on` are those that came without the broker."""

    stage: str
    done: int
    superseded: int
    gone_on: int = 0


class Claimed(NamedTuple):
    """What a run has leased, and the catalogue's revisions at that moment (all 0 where nothing was leased)."""

    messages: list[Message]
    revisions: dict[str, int]


class Kept(NamedTuple):
    """Of new messages, the one at `place` is leased from the beginning, for so long, under the token of the run that it
    comes from: its holder goes on with it.
    """

    place: int
    holder: str
    token: UUID
    lease_seconds: float


_NEW = """
    SELECT type, subject_id, subject_version, payload::jsonb AS payload,
        COALESCE((payload::jsonb ->> 'large')::boolean, false) AS large, due_at, place
    FROM unnest(CAST(:types AS text[]), CAST(:subjects AS bigint[]), CAST(:versions AS int[]),
                CAST(:payloads AS text[]), CAST(:due AS timestamptz[]))
         WITH ORDINALITY AS new (type, subject_id, subject_version, payload, due_at, place)
"""

_INSERT = Sql(f"""
    WITH inserted AS (
        INSERT INTO messages (type, subject_id, subject_version, payload, large, due_at)
        SELECT type, subject_id, subject_version, payload, large, due_at FROM ({_NEW}) AS new
    ) SELECT pg_notify(:wake, '')
""")  # noqa: S608 (a constant)

_CONCLUDE = Sql(f"""
    WITH inserted AS (
        INSERT INTO messages (type, subject_id, subject_version, payload, large, due_at,
            attempts, lease_token, leased_by, leased_until, published_at)
        SELECT type, subject_id, subject_version, payload, large, due_at,
            CASE WHEN is_kept THEN 1 ELSE 0 END, CASE WHEN is_kept THEN CAST(:token AS uuid) END,
            CASE WHEN is_kept THEN :holder END,
            CASE WHEN is_kept THEN clock_timestamp() + make_interval(secs => :lease_seconds) END,
            CASE WHEN is_kept THEN clock_timestamp() END
        FROM (SELECT *, place = CAST(:kept AS int) AS is_kept FROM ({_NEW}) AS one) AS new
        RETURNING id, lease_token
    ), counted AS (
        INSERT INTO stage_counts (stage, done, superseded, runs, gone_on)
        VALUES (:stage, :done, :superseded, 1, :gone_on)
        ON CONFLICT (stage) DO UPDATE
        SET done = stage_counts.done + excluded.done, superseded = stage_counts.superseded + excluded.superseded,
            runs = stage_counts.runs + 1, gone_on = stage_counts.gone_on + excluded.gone_on
    )
    SELECT (SELECT id FROM inserted WHERE lease_token IS NOT NULL),
        (SELECT jsonb_object_agg(kind, revision) FROM revisions WHERE CAST(:kept AS int) IS NOT NULL),
        (SELECT pg_notify(:wake, '') WHERE :wakes)
""")  # noqa: S608 (a constant)

# One statement for all types, at six hops an article: each round trip here counts six times.
_PUBLISH = text("""
    UPDATE messages SET published_at = clock_timestamp()
    WHERE id IN (
        SELECT waiting.id
        FROM unnest(CAST(:types AS text[]), CAST(:rooms AS int[])) AS stage (type, room),
        LATERAL (
            SELECT id FROM messages
            WHERE messages.type = stage.type AND published_at IS NULL AND quarantined_at IS NULL
              AND (due_at IS NULL OR due_at <= :now)
            ORDER BY id
            LIMIT (
                SELECT CASE
                    WHEN count(*) FILTER (
                        WHERE leased_until IS NULL
                          AND published_at > clock_timestamp() - make_interval(secs => :gather_seconds)
                    ) >= :queued THEN 0
                    ELSE GREATEST(0, stage.room - count(*))
                END
                FROM messages busy
                WHERE busy.type = stage.type AND busy.published_at IS NOT NULL AND busy.quarantined_at IS NULL
            )
            FOR UPDATE SKIP LOCKED
        ) AS waiting
    )
    RETURNING id, type, attempts, large
""")

_UNPUBLISH = text("""
    UPDATE messages SET published_at = NULL WHERE id = ANY(:ids) AND lease_token IS NULL AND quarantined_at IS NULL
""")

_CLAIM = Sql("""
    UPDATE messages
    SET attempts = attempts + 1, lease_token = :token, leased_by = :holder,
        leased_until = clock_timestamp() + make_interval(secs => :lease_seconds),
        published_at = COALESCE(published_at, clock_timestamp())
    WHERE id IN (
        SELECT id FROM messages
        WHERE id = ANY(:ids) AND type = :type AND quarantined_at IS NULL
          AND (leased_until IS NULL OR leased_until < clock_timestamp())
          AND (due_at IS NULL OR due_at <= :now)
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    RETURNING id, type, subject_id, subject_version, payload, attempts, lease_token,
        (SELECT jsonb_object_agg(kind, revision) FROM revisions)
""")

# The current version of each article is read without a lock: a version accepted meanwhile has messages of its own,
# and writes are guarded by version.
_FINISH = Sql("""
    WITH finished AS (
        DELETE FROM messages WHERE id = ANY(:ids) AND lease_token = :token RETURNING id, subject_id
    )
    SELECT finished.id, articles.version FROM finished LEFT JOIN articles ON articles.id = finished.subject_id
""")

_RELEASE = text("""
    UPDATE messages
    SET attempts = attempts - :forgiven, lease_token = NULL, leased_until = NULL, leased_by = NULL, published_at = NULL,
        last_error = COALESCE(:error, last_error), due_at = COALESCE(CAST(:due_at AS timestamptz), due_at),
        quarantined_at = CASE WHEN attempts - :forgiven >= :max_attempts THEN clock_timestamp() END
    WHERE (CAST(:ids AS bigint[]) IS NULL OR id = ANY(:ids)) AND lease_token = :token
    RETURNING id, type, subject_id, quarantined_at IS NOT NULL
""")

_RELEASE_WORKER = text("""
    UPDATE messages
    SET attempts = attempts - 1, lease_token = NULL, leased_until = NULL, leased_by = NULL, published_at = NULL
    WHERE starts_with(leased_by, :worker) AND leased_until >= clock_timestamp() AND quarantined_at IS NULL
    RETURNING id
""")

_END_LEASES = text("""
    UPDATE messages SET leased_until = clock_timestamp()
    WHERE leased_by = ANY(:holders) AND leased_until > clock_timestamp() RETURNING id
""")

_SWEEP = text("""
    UPDATE messages
    SET published_at = NULL, lease_token = NULL, leased_until = NULL, leased_by = NULL,
        last_error = CASE WHEN leased_until IS NULL THEN last_error
                          ELSE 'the worker died or outlived its lease in attempt ' || attempts END,
        quarantined_at = CASE WHEN leased_until IS NOT NULL AND attempts >= :max_attempts THEN clock_timestamp() END
    WHERE id IN (
        SELECT id FROM messages
        WHERE published_at IS NOT NULL AND quarantined_at IS NULL
          AND (leased_until < clock_timestamp()
               OR leased_until IS NULL AND published_at < clock_timestamp() - make_interval(secs => :unclaimed_seconds)
                  AND type <> ALL(CAST(:patient AS text[])))
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, type, subject_id, quarantined_at IS NOT NULL
""")

_UNCLAIMED = text("""
    SELECT DISTINCT type FROM messages
    WHERE published_at < clock_timestamp() - make_interval(secs => :unclaimed_seconds) AND quarantined_at IS NULL
      AND leased_until IS NULL
""")

_RETRY = text("""
    UPDATE messages SET quarantined_at = NULL, attempts = 0, published_at = NULL, due_at = NULL
    WHERE id = :id AND quarantined_at IS NOT NULL
    RETURNING type, subject_id
""")


def insert(tx: Transaction, new: Sequence[NewMessage], *, wake: str) -> None:
    """Record work, and wake who listens to the channel `wake` when this transaction commits.

    A payload's `large` marks a text that is published alone.
    """
    _INSERT.run(tx, {**_columns(new), "wake": wake})


def conclude(
    tx: Transaction, new: Sequence[NewMessage], counted: Counted, *, wake: str, kept: Kept | None = None
) -> Claimed:
    """The same at the end of a stage's record, with what the stage has done since the first start.

    The last statement of its transaction: the count's row is shared by all workers of the stage.

    -> the message that is kept, as if it had been claimed.
    """
    lease = {
        "kept": kept and kept.place + 1,
        "holder": kept and kept.holder,
        "token": kept and kept.token,
        "lease_seconds": kept and kept.lease_seconds,
    }
    wakes = len(new) > (kept is not None)
    parameters = {**_columns(new), "wake": wake, "wakes": wakes, **counted._asdict(), **lease}
    ((id_, known, _),) = _CONCLUDE.rows(tx, parameters)
    found = []
    if kept is not None:
        one = new[kept.place]
        found = [Message(id_, one.type, one.subject_id, one.subject_version, one.payload, 1, kept.token)]
    return Claimed(found, revisions.complete(known or {}))


def _columns(new: Sequence[NewMessage]) -> dict[str, Any]:
    return {
        "types": [message.type for message in new],
        "subjects": [int(message.subject_id) for message in new],
        "versions": [message.subject_version for message in new],
        "payloads": [json.dumps(message.payload) for message in new],
        "due": [message.due_at for message in new],
    }


def notify(tx: Transaction, channel: str, payload: str = "") -> None:
    """Wake who listens to the channel, when this transaction commits; equal notices of one transaction are one."""
    tx.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


def publish(
    tx: Transaction, rooms: Mapping[str, int], now: datetime, *, queued: int, gather_seconds: float
) -> list[Published]:
    """Mark waiting messages as published, the oldest of each type first, until `rooms[type]` are in flight; none of a
    type of which `queued` or more were published within `gather_seconds` and wait for a worker still.
    """
    parameters = {"types": list(rooms), "rooms": list(rooms.values()), "now": now}
    rows = tx.execute(_PUBLISH, {**parameters, "queued": queued, "gather_seconds": gather_seconds})
    return sorted((Published(*row) for row in rows), key=lambda message: message.id)


def unpublish(tx: Transaction, ids: Sequence[int]) -> None:
    """The broker did not take them: let the next round publish them again."""
    tx.execute(_UNPUBLISH, {"ids": list(ids)})


def claim(
    tx: Transaction, type_: str, ids: Sequence[int], *, now: datetime, lease_seconds: float, holder: str
) -> Claimed:
    """Lease those of `ids` that are waiting; what is done, leased, quarantined or not due is left out."""
    rows = _CLAIM.rows(
        tx,
        {
            "type": type_,
            "ids": list(ids),
            "now": now,
            "lease_seconds": lease_seconds,
            "holder": holder,
            "token": uuid4(),
        },
    )
    claimed = [
        Message(id_, kind, str(subject), version, payload, attempts, token)
        for id_, kind, subject, version, payload, attempts, token, _ in rows
    ]
    return Claimed(
        sorted(claimed, key=lambda message: message.id), revisions.complete(rows[0][-1] or {} if rows else {})
    )


def finish(tx: Transaction, ids: Sequence[int], token: UUID) -> dict[int, int | None]:
    """Delete the messages that this token still holds. Only those returned count: only they may write effects.

    -> by message, the current version of the article that it names; None where it names none that exists.
    """
    return {int(id_): version for id_, version in _FINISH.rows(tx, {"ids": list(ids), "token": token})}


def release(
    tx: Transaction,
    ids: Sequence[int] | None,
    token: UUID,
    *,
    error: str | None = None,
    due_at: datetime | None = None,
    forgiven: bool = False,
) -> list[tuple[str, str]]:
    """Give leases back, `ids` None: all of this token; `forgiven` takes the attempt back too.

    -> (type, subject id) of those now quarantined.
    """
    rows = tx.execute(
        _RELEASE,
        {
            "ids": None if ids is None else list(ids),
            "token": token,
            "error": error and error[:ERROR_CHARS].replace("\x00", ""),
            "due_at": due_at,
            "forgiven": int(forgiven),
            "max_attempts": MAX_ATTEMPTS,
        },
    )
    return [(type_, str(subject)) for _, type_, subject, quarantined in rows if quarantined]


def release_worker(tx: Transaction, worker: str) -> int:
    """A stopping worker gives back all that its processes hold (holders that begin with `worker`), without counting
    the attempt. -> how many.
    """
    return len(tx.execute(_RELEASE_WORKER, {"worker": worker}).all())


def find_holders(tx: Transaction, prefix: str) -> set[str]:
    """-> who holds leases now, of those whose name begins so."""
    rows = tx.execute(
        text("SELECT DISTINCT leased_by FROM messages WHERE starts_with(leased_by, :prefix)"), {"prefix": prefix}
    )
    return set(rows.scalars())


def end_leases(tx: Transaction, holders: Sequence[str]) -> int:
    """These holders are known to be dead: the sweep need not wait for their leases. -> of how many messages."""
    return len(tx.execute(_END_LEASES, {"holders": list(holders)}).all()) if holders else 0


def find_unclaimed_types(tx: Transaction, unclaimed_seconds: float) -> set[str]:
    """-> the types of which a message was published so long ago and is claimed by nobody."""
    return set(tx.execute(_UNCLAIMED, {"unclaimed_seconds": unclaimed_seconds}).scalars())


def sweep(
    tx: Transaction, unclaimed_seconds: float, *, patient: Iterable[str] = ()
) -> tuple[int, list[tuple[str, str]]]:
    """Make waiting again what outlived its lease or, but for the types in `patient`, was never claimed.

    -> (how many, (type, subject) quarantined).
    """
    parameters = {"unclaimed_seconds": unclaimed_seconds, "patient": list(patient), "max_attempts": MAX_ATTEMPTS}
    rows = tx.execute(_SWEEP, parameters).all()
    return len(rows), [(type_, str(subject)) for _, type_, subject, quarantined in rows if quarantined]


def retry_quarantined(tx: Transaction, message_id: int) -> tuple[str, str] | None:
    """Make one quarantined message due at once with all its attempts. -> (type, subject id), None: no such message."""
    row = tx.execute(_RETRY, {"id": message_id}).first()
    return (row[0], str(row[1])) if row else None

"""One run of a stage: claim, compute, record. docs/flow.md says why each step is where it is."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from wirewatch import outbox
from wirewatch.db import Database, DatabaseUnavailableError, Transaction, wait_for_disk
from wirewatch.messages import Message
from wirewatch.store import articles, messages
from wirewatch.store.messages import Claimed, Counted
from worker.stage import Context, Record, Stage

log = structlog.get_logger()

BACKOFF_SECONDS = (1, 5, 30, 120)
OUTAGE_PATIENCE_SECONDS = 20.0
OUTAGE_TICK_SECONDS = 0.5


def run(stage: Stage, ids: Sequence[int], context: Context, holder: str) -> int:
    """Run `stage` on those of `ids` that are waiting. -> how many messages were recorded as done.

    Running it again, or twice at once, changes nothing. Loss of the database gives the messages back without counting
    the attempt; an error of the stage itself counts against each message of the run, and each is tried again alone.
    """
    lease_ends = time.monotonic() + stage.lease_seconds
    try:
        claimed, known = _claim(stage, ids, context, holder)
    except DatabaseUnavailableError as outage:
        # Nothing was claimed: the sweep publishes the ids again.
        log.warning("claim failed", stage=stage.name, error=str(outage))
        return 0
    if not claimed:
        return 0
    waiting = {message.id for message in claimed}
    done = 0
    try:
        if stage.reads_catalogue:
            context.catalogue.refresh(context.database, known)
        for record in stage.function(claimed, context):
            done += _record_in_time(stage, record, context, lease_ends)
            waiting -= {message.id for message in record.messages}
        if waiting:
            _release(context.database, sorted(waiting), claimed[0].token, forgiven=True)
    except DatabaseUnavailableError as outage:
        log.warning("database lost", stage=stage.name, error=str(outage))
        _release(context.database, sorted(waiting), claimed[0].token, forgiven=True)
    except Exception as error:  # whatever a stage raises must end in the ledger: retried alone, then quarantined
        log.exception("stage failed", stage=stage.name, messages=sorted(waiting))
        remaining = [message for message in claimed if message.id in waiting]
        _give_back_failed(remaining, error, context)
    return done


def retry_at(attempts: int, now: datetime) -> datetime:
    """When a message that failed `attempts` times is due again."""
    return now + timedelta(seconds=BACKOFF_SECONDS[min(attempts, len(BACKOFF_SECONDS)) - 1])


def _claim(stage: Stage, ids: Sequence[int], context: Context, holder: str) -> Claimed:
    database = context.database
    with database.transaction() if stage.acts_outside else database.statements() as tx:
        _wait_for_disk_if_seen(tx, stage)
        return messages.claim(
            tx, stage.takes, ids, now=context.clock(), lease_seconds=stage.lease_seconds, holder=holder
        )


def _record_in_time(stage: Stage, record: Record, context: Context, lease_ends: float) -> int:
    """What has happened outside is not forgotten because the database restarts: as long as the lease holds."""
    while True:
        try:
            return _record(stage, record, context)
        except DatabaseUnavailableError as outage:
            if not stage.acts_outside or time.monotonic() > lease_ends:
                raise
            log.warning("record waits for the database", stage=stage.name, error=str(outage))
            time.sleep(OUTAGE_TICK_SECONDS)


def _record(stage: Stage, record: Record, context: Context) -> int:
    """ONE transaction: which messages still count, their effects, and the messages that follow."""
    if not record.messages:
        return 0
    with context.database.transaction() as tx:
        _wait_for_disk_if_seen(tx, stage)
        versions = messages.finish(tx, [message.id for message in record.messages], record.messages[0].token)
        counting = [message for message in record.messages if message.id in versions]
        current = _current(stage, counting, versions)
        follow = record.write(tx, frozenset(message.subject_id for message in current)) if current else []
        outbox.conclude(tx, follow, Counted(stage.name, len(current), len(counting) - len(current)))
    return len(counting)


def _current(stage: Stage, counting: Sequence[Message], versions: Mapping[int, int | None]) -> list[Message]:
    """Without those that speak of an older version than the article's, or of an article that is gone."""
    if stage.subject != "article":
        return list(counting)
    return [message for message in counting if versions[message.id] == message.subject_version]


def _wait_for_disk_if_seen(tx: Transaction, stage: Stage) -> None:
    """Before the world sees an effect, all that led to it must be on disk, and after it, that it was done (ADR 0016).

    What a crash of the server takes from the other stages it takes whole: the message stands again, and runs again.
    """
    if stage.acts_outside:
        wait_for_disk(tx)


def _give_back_failed(failed: Sequence[Message], error: Exception, context: Context) -> None:
    now = context.clock()
    text = f"{type(error).__name__}: {error}"
    alone = len(failed) == 1
    for message in failed:
        # In a batch the fault may be a neighbour's: at once, but alone, so that the next error names the right one.
        due_at = retry_at(message.attempts, now) if alone else now
        _release(context.database, [message.id], message.token, error=text, due_at=due_at)


def _release(
    database: Database,
    ids: Sequence[int],
    token: UUID,
    *,
    error: str | None = None,
    due_at: datetime | None = None,
    forgiven: bool = False,
) -> None:
    """Give leases back, waiting a little for a database that restarts; past that the lease runs out by itself."""
    if not ids:
        return
    deadline = time.monotonic() + OUTAGE_PATIENCE_SECONDS
    while True:
        try:
            with database.transaction() as tx:
                quarantined = messages.release(tx, ids, token, error=error, due_at=due_at, forgiven=forgiven)
                articles.mark_quarantined(tx, quarantined)
                messages.notify(tx, outbox.WORK_CHANNEL)
        except DatabaseUnavailableError:
            if time.monotonic() > deadline:
                return
            time.sleep(OUTAGE_TICK_SECONDS)
        else:
            return

"""One run of a stage: claim, compute, record. docs/flow.md says why each step is where it is."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog

from wirewatch import outbox
from wirewatch.db import Database, DatabaseUnavailableError, Transaction, wait_for_disk
from wirewatch.messages import Message, NewMessage
from wirewatch.store import articles, messages
from wirewatch.store.messages import Counted, Kept
from worker.stage import Context, Record, Stage

log = structlog.get_logger()

BACKOFF_SECONDS = (1, 5, 30, 120)
OUTAGE_PATIENCE_SECONDS = 20.0
OUTAGE_TICK_SECONDS = 0.5
NO_STAGES: Mapping[str, Stage] = {}


class Leased(NamedTuple):
    """What a run has to do, until when it may, and the catalogue's revisions when that was settled; `gone_on`: the
    messages came from a run of this process and not from the broker.
    """

    stage: Stage
    messages: Sequence[Message]
    revisions: Mapping[str, int]
    ends: float
    gone_on: bool = False


class Recorded(NamedTuple):
    """How many messages are done, and what follows them that this process goes on with."""

    done: int
    follower: Leased | None = None


class Worker(NamedTuple):
    """A pool process: its name in leases, and the stages that it may go on with after another, by what they take."""

    holder: str
    own: Mapping[str, Stage]


def run(stage: Stage, ids: Sequence[int], context: Context, holder: str, own: Mapping[str, Stage] = NO_STAGES) -> int:
    """Run `stage` on those of `ids` that are waiting, leased to `holder`; after a lone message go on with what follows
    it for one of the `own` stages, given by what they take (ADR 0019). -> how many messages were recorded as done.

    Running it again, or twice at once, changes nothing. Loss of the database gives the messages back without counting
    the attempt; an error of the stage itself counts against each message of the run, and each is tried again alone.
    """
    worker = Worker(holder, own)
    done, leased = 0, _claim(stage, ids, context, worker)
    while leased is not None:
        recorded, leased = _run_leased(leased, context, worker)
        done += recorded
    return done


def _run_leased(leased: Leased, context: Context, worker: Worker) -> Recorded:
    stage, token = leased.stage, leased.messages[0].token
    waiting = {message.id for message in leased.messages}
    done, follower = 0, None
    try:
        if stage.reads_catalogue:
            context.catalogue.refresh(context.database, leased.revisions)
        for record in stage.function(leased.messages, context):
            recorded = _record_in_time(leased, record, context, worker)
            done += recorded.done
            follower = follower or recorded.follower
            waiting -= {message.id for message in record.messages}
        if waiting:
            _release(context.database, sorted(waiting), token, forgiven=True)
    except DatabaseUnavailableError as outage:
        log.warning("database lost", stage=stage.name, error=str(outage))
        # All of this token: what was to be gone on with may be there after all.
        _release(context.database, None, token, forgiven=True)
    except Exception as error:  # whatever a stage raises must end in the ledger: retried alone, then quarantined
        log.exception("stage failed", stage=stage.name, messages=sorted(waiting))
        remaining = [message for message in leased.messages if message.id in waiting]
        _give_back_failed(remaining, error, context)
    return Recorded(done, follower)


def retry_at(attempts: int, now: datetime) -> datetime:
    """When a message that failed `attempts` times is due again."""
    return now + timedelta(seconds=BACKOFF_SECONDS[min(attempts, len(BACKOFF_SECONDS)) - 1])


def _claim(stage: Stage, ids: Sequence[int], context: Context, worker: Worker) -> Leased | None:
    ends = time.monotonic() + stage.lease_seconds
    database = context.database
    try:
        with database.transaction() if stage.acts_outside else database.statements() as tx:
            _wait_for_disk_if_seen(tx, stage)
            claimed = messages.claim(
                tx, stage.takes, ids, now=context.clock(), lease_seconds=stage.lease_seconds, holder=worker.holder
            )
    except DatabaseUnavailableError as outage:
        # Nothing was claimed: the sweep publishes the ids again.
        log.warning("claim failed", stage=stage.name, error=str(outage))
        return None
    return Leased(stage, claimed.messages, claimed.revisions, ends) if claimed.messages else None


def _record_in_time(leased: Leased, record: Record, context: Context, worker: Worker) -> Recorded:
    """What has happened outside is not forgotten because the database restarts: as long as the lease holds."""
    while True:
        try:
            return _record(leased, record, context, worker)
        except DatabaseUnavailableError as outage:
            if not leased.stage.acts_outside or time.monotonic() > leased.ends:
                raise
            log.warning("record waits for the database", stage=leased.stage.name, error=str(outage))
            time.sleep(OUTAGE_TICK_SECONDS)


def _record(leased: Leased, record: Record, context: Context, worker: Worker) -> Recorded:
    """ONE transaction: which messages still count, their effects, and the messages that follow."""
    if not record.messages:
        return Recorded(0)
    stage = leased.stage
    with context.database.transaction() as tx:
        _wait_for_disk_if_seen(tx, stage)
        versions = messages.finish(tx, [message.id for message in record.messages], record.messages[0].token)
        counting = [message for message in record.messages if message.id in versions]
        current = _current(stage, counting, versions)
        follow = record.write(tx, frozenset(message.subject_id for message in current)) if current else []
        own = find_own(leased.messages, follow, worker.own)
        kept = own and Kept(own.place, worker.holder, record.messages[0].token, own.stage.lease_seconds)
        ends = time.monotonic() + own.stage.lease_seconds if own else 0.0
        gone_on = len(current) if leased.gone_on else 0
        counted = Counted(stage.name, len(current), len(counting) - len(current), gone_on)
        claimed = outbox.conclude(tx, follow, counted, kept)
    follower = Leased(own.stage, claimed.messages, claimed.revisions, ends, gone_on=True) if own else None
    return Recorded(len(counting), follower)


class Own(NamedTuple):
    """Of the messages that follow, the one at `place` is for `stage`, which is this process's own."""

    place: int
    stage: Stage


def find_own(done: Sequence[Message], follow: Sequence[NewMessage], own: Mapping[str, Stage]) -> Own | None:
    """-> what the process goes on with: after a lone message of a text that is not very large, the first that follows,
    is due at once and is for a stage of its own. Of several, others may work on some at the same time.
    """
    if len(done) > 1 or any(message.payload.get("large") for message in done):
        return None
    return next(
        (
            Own(place, own[message.type])
            for place, message in enumerate(follow)
            if message.type in own and message.due_at is None
        ),
        None,
    )


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
    ids: Sequence[int] | None,
    token: UUID,
    *,
    error: str | None = None,
    due_at: datetime | None = None,
    forgiven: bool = False,
) -> None:
    """Give leases back, waiting a little for a database that restarts; past that the lease runs out by itself."""
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

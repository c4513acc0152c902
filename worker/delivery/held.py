"""What has waited: told now, put off again, or not to be told any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from wirewatch.alerts.hold import Hold
from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.store import holds, matches, targets, updates, watches
from wirewatch.store.holds import HeldUpdate
from worker.delivery.dispatch import decide_holds, group, write
from worker.delivery.told import Told


def release_due(tx: Transaction, held: Sequence[HeldUpdate], api_url: str, now: datetime) -> list[NewMessage]:
    """The time of these locked deliveries has come: what an endpoint is told now goes in one.

    -> the messages that are due.
    """
    told = read_told(tx, held)
    waiting = decide_holds(tx, list(told.values()), now, was_held=True)
    holds.take_out(tx, held)
    due = _write(tx, held, told, waiting, (api_url, now), reuses=True)
    holds.delete_empty(tx, {one.delivery_id for one in held})
    return due


def plan_anew(
    tx: Transaction, held: Sequence[HeldUpdate], watch_ids: frozenset[str], api_url: str, now: datetime
) -> list[NewMessage]:
    """These watches were changed: what of theirs waits in these locked deliveries waits by their policies of now.

    -> the messages that are due.
    """
    told = {id_: one for id_, one in read_told(tx, held).items() if one.watch.id in watch_ids}
    waiting = decide_holds(tx, list(told.values()), now, was_held=False)
    moving = [
        one
        for one in held
        if one.update_id in told
        and not (waiting[one.update_id] == Hold(one.until, one.why) and told[one.update_id].watch.enabled)
    ]
    holds.take_out(tx, moving)
    due = _write(tx, moving, told, waiting, (api_url, now), reuses=False)
    holds.delete_empty(tx, {one.delivery_id for one in moving})
    return due


def read_told(tx: Transaction, held: Sequence[HeldUpdate]) -> dict[str, Told]:
    """-> by id the updates that wait, with watch and alert as they are now."""
    written = updates.get_written(tx, {one.update_id for one in held})
    known = watches.get_many(tx, {one.alert.watch_id for one in written})
    pairs = {(one.alert.watch_id, id_) for one in written for id_ in one.update.new.article_ids}
    evidence = matches.get_evidence(tx, pairs) if pairs else {}
    return {
        one.update.id: Told(
            known[one.alert.watch_id],
            one.alert,
            one.update,
            tuple(span for id_ in one.update.new.article_ids for span in evidence.get((one.alert.watch_id, id_), ())),
        )
        for one in written
    }


def _write(
    tx: Transaction,
    moving: Sequence[HeldUpdate],
    told: Mapping[str, Told],
    waiting: Mapping[str, Hold | None],
    sent: tuple[str, datetime],
    *,
    reuses: bool,
) -> list[NewMessage]:
    addressed = [(one.endpoint_id, told[one.update_id], waiting[one.update_id]) for one in moving if one.endpoint_id]
    groups = group(addressed, targets.find_all(tx), lambda _: "")
    kept = {one.endpoint_id: one.delivery_id for one in reversed(moving) if one.endpoint_id} if reuses else {}
    return write(tx, groups, *sent, held=kept)

"""From updates to deliveries: who hears of which, and whether now, later or not at all."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import uuid4

from wirewatch.alerts.hold import Hold, find_hold, keep_sent
from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.models import Watch
from wirewatch.store import deliveries, holds, watches
from wirewatch.store.deliveries import NewDelivery
from wirewatch.store.holds import NewHold
from worker.alerts.untold import SWITCHED_OFF
from worker.delivery.content import Known, payload_of, read_known
from worker.delivery.payload import build_alert_payload
from worker.delivery.told import Told

# A larger group of updates goes in several deliveries, so that no body grows without end.
MOST_UPDATES = 100
DISMISSED = "the alert was dismissed"
DISABLED = "the endpoint is disabled"
LOOKING_BACK = "looking back"
NO_HELD: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Groups:
    """Who is told what, by endpoint: now, later, or not at all and why."""

    now: dict[tuple[str, Hashable], list[Told]] = field(default_factory=dict)
    later: dict[tuple[str, Hold], list[Told]] = field(default_factory=dict)
    never: dict[tuple[str, str], list[Told]] = field(default_factory=dict)


def recipients(watch: Watch, endpoints: Mapping[str, bool]) -> tuple[str, ...]:
    """Of the endpoints (and whether each is enabled), those that the watch tells: which it names, or all enabled."""
    if watch.endpoint_ids is None:
        return tuple(id_ for id_, is_enabled in endpoints.items() if is_enabled)
    return tuple(id_ for id_ in endpoints if id_ in watch.endpoint_ids)


def dispatch(
    tx: Transaction, told: Sequence[Told], endpoints: Mapping[str, bool], api_url: str, now: datetime
) -> list[NewMessage]:
    """Write one delivery per endpoint and story, listing what it is told now, and let wait what has to.

    -> the messages that are due.
    """
    if not told:
        return []
    waiting = decide_holds(tx, told, now, was_held=False)
    addressed = [(id_, one, waiting[one.update.id]) for one in told for id_ in one.update.new.endpoint_ids]
    return write(tx, group(addressed, endpoints, lambda one: one.alert.story_id), api_url, now)


def decide_holds(tx: Transaction, told: Sequence[Told], now: datetime, *, was_held: bool) -> dict[str, Hold | None]:
    """-> by update what it has to wait for. What a watch with an hourly bound is told now is counted."""
    bounded = {one.watch.id: one.watch.policy for one in told if one.watch.policy.max_per_hour is not None}
    sent = watches.lock_sent(tx, bounded)
    before = {watch_id: list(times) for watch_id, times in sent.items()}
    found: dict[str, Hold | None] = {}
    together: set[tuple[str, str]] = set()
    for one in told:
        # What goes in one delivery counts once: of a story where it is told at once, everything where it was held.
        place = (one.watch.id, "" if was_held else one.alert.story_id)
        times = sent.get(one.watch.id, [])
        hold = find_hold(
            one.watch.policy,
            (one.watch.snoozed_until, one.alert.snoozed_until),
            () if place in together else times,
            now,
            was_held=was_held,
        )
        if hold is None and one.looks_back:
            hold = Hold(now.replace(second=0, microsecond=0) + timedelta(minutes=1), LOOKING_BACK)
        if hold is None and place not in together and one.alert.state != "dismissed":
            together.add(place)
            if one.watch.id in bounded:
                sent[one.watch.id] = keep_sent(bounded[one.watch.id], times, now)
        found[one.update.id] = hold
    watches.save_sent(tx, {id_: times for id_, times in sent.items() if times != before[id_]})
    return found


def group(
    addressed: Iterable[tuple[str, Told, Hold | None]],
    endpoints: Mapping[str, bool],
    part: Callable[[Told], Hashable],
) -> Groups:
    """Sort what endpoints are told; what has the same `part` goes in one delivery."""
    groups = Groups()
    for endpoint_id, told, hold in addressed:
        why = _why_never(told, endpoints.get(endpoint_id, False))
        if why:
            groups.never.setdefault((endpoint_id, why), []).append(told)
        elif hold:
            groups.later.setdefault((endpoint_id, hold), []).append(told)
        else:
            groups.now.setdefault((endpoint_id, part(told)), []).append(told)
    return groups


def write(
    tx: Transaction, groups: Groups, api_url: str, now: datetime, held: Mapping[str, str] = NO_HELD
) -> list[NewMessage]:
    """`held`: by endpoint a delivery that was held and that the first of its new ones takes the place of.

    -> the messages that are due: deliveries to be sent, and releases of what has to wait.
    """
    known = read_known(tx, [one for parts in (groups.now, groups.never) for told in parts.values() for one in told])
    again = dict(held)
    new = list(_new_deliveries(groups, known, api_url, now))
    released = [(again.pop(one.endpoint_id), one) for one in new if one.endpoint_id in again]
    holds.release_all(tx, released)
    kept = {one.webhook_id for _, one in released}
    made = [*released, *deliveries.insert_all(tx, [one for one in new if one.webhook_id not in kept])]
    waiting = holds.hold_all(
        tx,
        [
            NewHold(endpoint_id, hold.until, hold.why, tuple(one.update.id for one in told))
            for (endpoint_id, hold), told in groups.later.items()
        ],
    )
    return [
        *(NewMessage("DeliveryDue", id_) for id_, one in made if one.state == "pending"),
        *(NewMessage("HoldDue", id_, due_at=until) for id_, until in waiting),
    ]


def _new_deliveries(groups: Groups, known: Known, api_url: str, now: datetime) -> Iterator[NewDelivery]:
    whole: list[tuple[str, str | None, list[Told]]] = [
        (endpoint_id, None, told) for (endpoint_id, _), told in groups.now.items()
    ]
    whole += [(endpoint_id, why, told) for (endpoint_id, why), told in groups.never.items()]
    for endpoint_id, why, told in whole:
        for start in range(0, len(told), MOST_UPDATES):
            part = told[start : start + MOST_UPDATES]
            yield NewDelivery(
                endpoint_id=endpoint_id,
                webhook_id=f"msg_{uuid4().hex}",
                body=build_alert_payload(payload_of(part, known, api_url), now),
                update_ids=tuple(one.update.id for one in part),
                state="suppressed" if why else "pending",
                reason=why,
            )


def _why_never(told: Told, is_enabled: bool) -> str | None:
    if told.alert.state == "dismissed":
        return DISMISSED
    if not told.watch.enabled:
        return SWITCHED_OFF
    return None if is_enabled else DISABLED

"""Deliveries: what was sent where, what was held or suppressed, and what failed."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Wired, cursor_of, filter_id, read_time
from api.schemas import ReplayBody
from wirewatch import outbox
from wirewatch.errors import InvalidInputError
from wirewatch.messages import NewMessage
from wirewatch.store import messages
from wirewatch.store.deliveries import DeliveryState
from wirewatch.store.views import deliveries
from wirewatch.store.views.balance import Balance, read_balance
from wirewatch.store.views.deliveries import DeliveryFilter, DeliveryView
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], route_class=StrictRoute)

MOST_REPLAYED = 10_000


class DeliveryParams(PageParams):
    state: DeliveryState | None = None
    endpoint_id: str | None = None
    alert_id: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """`replayed`: how many; `more`: whether as many again may be left, for another call."""

    replayed: int
    more: bool


@router.get("", dependencies=[READ])
def list_deliveries(params: Annotated[DeliveryParams, Query()], services: Wired) -> Page[DeliveryView]:
    """The newest first."""
    wanted = DeliveryFilter(
        params.state,
        filter_id(params.endpoint_id, "endpoint_id"),
        filter_id(params.alert_id, "alert_id"),
        read_time(params.since, "since"),
        read_time(params.until, "until"),
    )
    with services.database.transaction() as tx:
        ids = deliveries.find_ids(tx, wanted, before=params.after_number(), limit=params.limit + 1)
        shown = deliveries.show(tx, ids[: params.limit])
    return Page(items=shown, next=cursor_of(ids[params.limit - 1]) if len(ids) > params.limit else None)


@router.get("/balance", dependencies=[READ])
def get_balance(services: Wired) -> Balance:
    """Of the last day's updates, by endpoint: for how many it was meant, and how many deliveries list in which state;
    and of the last day's matches, what became of them.

    The sums are the same, or something was lost or doubled.
    """
    with services.database.transaction() as tx:
        return read_balance(tx, services.clock())


@router.post("/replay", status_code=202, dependencies=[WRITE])
def replay_deliveries(body: ReplayBody, services: Wired) -> Replayed:
    """Send ended deliveries once more, the oldest first, ten thousand at most: the same bytes under the same ids."""
    if body.endpoint_id is None and body.since is None:
        raise InvalidInputError([("/since", "give endpoint_id, since, or both")])
    wanted = DeliveryFilter(
        endpoint_id=filter_id(body.endpoint_id, "endpoint_id"),
        since=read_time(body.since, "since"),
        until=read_time(body.until, "until"),
    )
    with services.database.transaction() as tx:
        count = deliveries.restart_many(tx, wanted, body.states, MOST_REPLAYED)
        messages.notify(tx, outbox.WORK_CHANNEL)
    return Replayed(count, more=count == MOST_REPLAYED)


@router.get("/{delivery_id}", dependencies=[READ])
def get_delivery(delivery_id: str, services: Wired) -> DeliveryView:
    with services.database.transaction() as tx:
        return deliveries.get(tx, delivery_id)


@router.post("/{delivery_id}/replay", status_code=202, dependencies=[WRITE])
def replay_delivery(delivery_id: str, services: Wired) -> DeliveryView:
    """Send an ended delivery once more: the same bytes under the same `webhook-id`."""
    with services.database.transaction() as tx:
        deliveries.restart(tx, delivery_id)
        outbox.put(tx, [NewMessage("DeliveryDue", delivery_id)])
        return deliveries.get(tx, delivery_id)

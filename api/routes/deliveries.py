"""Deliveries: what was sent where, what was held or suppressed, and what failed."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Wired, cursor_of, filter_id
from wirewatch import outbox
from wirewatch.messages import NewMessage
from wirewatch.store.deliveries import DeliveryState
from wirewatch.store.views import deliveries
from wirewatch.store.views.balance import Balance, read_balance
from wirewatch.store.views.deliveries import DeliveryFilter, DeliveryView
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], route_class=StrictRoute)


class DeliveryParams(PageParams):
    state: DeliveryState | None = None
    endpoint_id: str | None = None
    alert_id: str | None = None


@router.get("", dependencies=[READ])
def list_deliveries(params: Annotated[DeliveryParams, Query()], services: Wired) -> Page[DeliveryView]:
    """The newest first."""
    wanted = DeliveryFilter(
        params.state, filter_id(params.endpoint_id, "endpoint_id"), filter_id(params.alert_id, "alert_id")
    )
    with services.database.transaction() as tx:
        ids = deliveries.find_ids(tx, wanted, before=params.after_number(), limit=params.limit + 1)
        shown = deliveries.show(tx, ids[: params.limit])
    return Page(items=shown, next=cursor_of(ids[params.limit - 1]) if len(ids) > params.limit else None)


@router.get("/balance", dependencies=[READ])
def get_balance(services: Wired) -> Balance:
    """Of the last day's updates, by endpoint: for how many it was meant, and how many deliveries list in which state.

    Both sums are the same, or something was lost or doubled.
    """
    with services.database.transaction() as tx:
        return read_balance(tx, services.clock())


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

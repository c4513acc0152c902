"""Endpoints: where alerts go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

import msgspec
from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Services, Wired, page_of
from api.schemas import EndpointBody, EndpointPatch, given
from wirewatch import outbox
from wirewatch.errors import ConflictError
from wirewatch.http import check_url
from wirewatch.messages import NewMessage
from wirewatch.store import deliveries, endpoints
from wirewatch.store.deliveries import NewDelivery
from wirewatch.store.endpoints import Endpoint
from wirewatch.store.views import deliveries as delivery_views
from wirewatch.store.views.deliveries import DeliveryView
from wirewatch.store.views.times import utc, utc_or_none
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1/endpoints", tags=["endpoints"], route_class=StrictRoute)

PAYLOAD_VERSION = 1


@dataclass(frozen=True, slots=True)
class EndpointView:
    """`url` is shown without what could be a secret in it."""

    id: str
    name: str
    url: str
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EndpointWithSecret(EndpointView):
    """The only answer that holds the secret, which signs by Standard Webhooks."""

    secret: str


@router.get("", dependencies=[READ])
def list_endpoints(params: Annotated[PageParams, Query()], services: Wired) -> Page[EndpointView]:
    """The oldest first."""
    with services.database.transaction() as tx:
        found = endpoints.list_page(tx, after=params.after_number(), limit=params.limit + 1)
    return page_of([EndpointView(**_shown(one)) for one in found], params.limit, lambda one: one.id)


@router.post("", status_code=201, dependencies=[WRITE])
def create_endpoint(body: EndpointBody, services: Wired) -> EndpointWithSecret:
    """The answer shows the signing secret, once."""
    check_url(body.url, services.egress_allow)
    with services.database.transaction() as tx:
        endpoint, secret = endpoints.create(tx, services.secrets, body.name, body.url, enabled=body.enabled)
    return EndpointWithSecret(**_shown(endpoint), secret=secret)


@router.get("/{endpoint_id}", dependencies=[READ])
def get_endpoint(endpoint_id: str, services: Wired) -> EndpointView:
    with services.database.transaction() as tx:
        return EndpointView(**_shown(endpoints.get(tx, endpoint_id)))


@router.patch("/{endpoint_id}", dependencies=[WRITE])
def update_endpoint(endpoint_id: str, body: EndpointPatch, services: Wired) -> EndpointView:
    """Change what is given."""
    if body.url is not None:
        check_url(body.url, services.egress_allow)
    fields: dict[str, Any] = given(body)
    with services.database.transaction() as tx:
        return EndpointView(**_shown(endpoints.update(tx, services.secrets, endpoint_id, **fields)))


@router.delete("/{endpoint_id}", status_code=204, dependencies=[WRITE])
def delete_endpoint(endpoint_id: str, services: Wired) -> None:
    """What still waits to be sent to it is suppressed."""
    with services.database.transaction() as tx:
        endpoints.delete(tx, endpoint_id, services.clock())


@router.post("/{endpoint_id}/rotate-secret", dependencies=[WRITE])
def rotate_secret(endpoint_id: str, services: Wired) -> EndpointWithSecret:
    """A new secret, shown once; for a day webhooks carry signatures of both."""
    with services.database.transaction() as tx:
        endpoint, secret = endpoints.rotate_secret(tx, services.secrets, endpoint_id, services.clock())
    return EndpointWithSecret(**_shown(endpoint), secret=secret)


@router.post("/{endpoint_id}/test", status_code=201, dependencies=[WRITE])
def send_test(endpoint_id: str, services: Wired) -> DeliveryView:
    """Send a webhook of the type `endpoint.test`; the answer is its delivery, which tells later how it went."""
    with services.database.transaction() as tx:
        endpoint = endpoints.get(tx, endpoint_id)
        if not endpoint.enabled:
            raise ConflictError("the endpoint is disabled")
        delivery = NewDelivery(endpoint.id, f"msg_{uuid4().hex}", _test_body(endpoint, services), ())
        delivery_id = deliveries.insert(tx, delivery)
        outbox.put(tx, [NewMessage("DeliveryDue", delivery_id)])
        return delivery_views.get(tx, delivery_id)


def _test_body(endpoint: Endpoint, services: Services) -> bytes:
    now = utc(services.clock()).replace(microsecond=0)
    data = {"endpoint_id": endpoint.id, "endpoint_name": endpoint.name, "message": "This is a test from Wirewatch."}
    envelope = {"type": "endpoint.test", "version": PAYLOAD_VERSION, "timestamp": now, "data": data}
    return msgspec.json.encode(envelope)


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "name": endpoint.name,
        "url": endpoint.url,
        "enabled": endpoint.enabled,
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": utc_or_none(endpoint.failing_since),
        "created_at": utc(endpoint.created_at),
        "updated_at": utc(endpoint.updated_at),
    }

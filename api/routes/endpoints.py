"""Endpoints: where alerts go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Services, Wired, page_of
from api.schemas import EndpointBody, EndpointPatch, TemplateBody, given
from wirewatch import outbox
from wirewatch.channels import EXAMPLE, check_channel, preview
from wirewatch.errors import ConflictError
from wirewatch.http import check_url
from wirewatch.messages import NewMessage
from wirewatch.models import Template
from wirewatch.payload import build_payload
from wirewatch.store import deliveries, endpoints
from wirewatch.store.deliveries import NewDelivery
from wirewatch.store.endpoints import Endpoint, EndpointOptions
from wirewatch.store.targets import Content, EndpointKind
from wirewatch.store.views import deliveries as delivery_views
from wirewatch.store.views.deliveries import DeliveryView
from wirewatch.store.views.times import utc_or_none
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1/endpoints", tags=["endpoints"], route_class=StrictRoute)


@dataclass(frozen=True, slots=True)
class EndpointView:
    """`url` is shown without what could be a secret in it.

    `open_until`: it only failed of late, and is tried with one delivery at a time, not before then.
    """

    id: str
    name: str
    url: str
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime
    kind: EndpointKind
    content: Content
    template: Template | None
    notices: bool
    max_per_second: float | None
    failures_in_row: int
    open_until: datetime | None


@dataclass(frozen=True, slots=True)
class EndpointWithSecret(EndpointView):
    """The only answer that holds the secret, which signs by Standard Webhooks; channels have no use for it."""

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
    _check(body.kind, body.url, body.template, services)
    fields = body.model_dump(exclude={"name", "url", "template"})
    options = EndpointOptions(**fields, template=_template(body.template))
    with services.database.transaction() as tx:
        endpoint, secret = endpoints.create(tx, services.secrets, body.name, body.url, options)
    return EndpointWithSecret(**_shown(endpoint), secret=secret)


@router.get("/{endpoint_id}", dependencies=[READ])
def get_endpoint(endpoint_id: str, services: Wired) -> EndpointView:
    with services.database.transaction() as tx:
        return EndpointView(**_shown(endpoints.get(tx, endpoint_id)))


@router.patch("/{endpoint_id}", dependencies=[WRITE])
def update_endpoint(endpoint_id: str, body: EndpointPatch, services: Wired) -> EndpointView:
    """Change what is given; a null `template` or `max_per_second` takes it away."""
    changes = given(body, "template", "max_per_second")
    with services.database.transaction() as tx:
        kind = endpoints.get(tx, endpoint_id).kind
    _check(kind, body.url, body.template, services)
    with services.database.transaction() as tx:
        changed = endpoints.update(tx, services.secrets, endpoint_id, services.clock(), changes)
        return EndpointView(**_shown(changed))


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


def _check(kind: EndpointKind, url: str | None, template: TemplateBody | None, services: Services) -> None:
    """Raises RefusedAddressError, or InvalidInputError for a template that cannot be rendered."""
    if url is not None and kind == "webhook":
        check_url(url, services.egress_allow)
    if url is not None and kind == "apprise":
        check_channel(url, services.egress_allow)
    if template is not None:
        preview(Template(template.title, template.body), EXAMPLE)


def _template(body: TemplateBody | None) -> Template | None:
    return Template(body.title, body.body) if body else None


def _test_body(endpoint: Endpoint, services: Services) -> bytes:
    data = {"endpoint_id": endpoint.id, "endpoint_name": endpoint.name, "message": "This is a test from Wirewatch."}
    return build_payload("endpoint.test", data, services.clock())


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    shown = {name: getattr(endpoint, name) for name in Endpoint.__dataclass_fields__}
    times = ("failing_since", "open_until", "created_at", "updated_at")
    return shown | {name: utc_or_none(shown[name]) for name in times}

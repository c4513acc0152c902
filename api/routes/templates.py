"""Templates: how channels tell the alerts of a watch, and what a template makes of a delivery."""

from dataclasses import dataclass

import msgspec
from fastapi import APIRouter

from api.deps import READ, WRITE, Services, Wired
from api.schemas import TemplateBody, TemplatePreviewBody
from wirewatch.channels import EXAMPLE, Rendered, preview
from wirewatch.errors import ConflictError, NotFoundError
from wirewatch.models import Template
from wirewatch.store import deliveries, templates
from wirewatch.store.ids import number_of
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1", tags=["templates"], route_class=StrictRoute)


@dataclass(frozen=True, slots=True)
class RenderedView:
    title: str
    body: str


@router.get("/watches/{watch_id}/template", dependencies=[READ])
def get_template(watch_id: str, services: Wired) -> Template:
    with services.database.transaction() as tx:
        return templates.get(tx, watch_id)


@router.put("/watches/{watch_id}/template", dependencies=[WRITE])
def set_template(watch_id: str, body: TemplateBody, services: Wired) -> Template:
    """How channels tell the alerts of this watch, before any template of theirs."""
    template = Template(body.title, body.body)
    preview(template, EXAMPLE, pointer="")
    with services.database.transaction() as tx:
        templates.set_for_watch(tx, watch_id, template)
    return template


@router.delete("/watches/{watch_id}/template", status_code=204, dependencies=[WRITE])
def delete_template(watch_id: str, services: Wired) -> None:
    with services.database.transaction() as tx:
        templates.delete(tx, watch_id)


@router.post("/templates/preview", dependencies=[READ])
def preview_template(body: TemplatePreviewBody, services: Wired) -> RenderedView:
    """What a template makes of a delivery, or of an example; nothing is sent."""
    values = EXAMPLE if body.delivery_id is None else _values(body.delivery_id, services)
    said: Rendered = preview(Template(body.template.title, body.template.body), values)
    return RenderedView(said.title, said.body)


def _values(delivery_id: str, services: Services) -> dict[str, object]:
    with services.database.transaction() as tx:
        found = deliveries.get_due(tx, [str(number_of(delivery_id, "delivery"))])
    if not found:
        raise NotFoundError("no delivery with this id")
    payload = msgspec.json.decode(found[0].body)
    if payload.get("type") != "alert.updated":
        raise ConflictError("this delivery tells of no alert")
    return {**payload["data"], "type": payload["type"], "timestamp": payload["timestamp"]}

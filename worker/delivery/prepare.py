"""What is sent where it is not the body as it was stored: less of it, or what a template makes of it for people.

Made before the first try and kept, so that every try sends the same bytes, whatever is changed in between.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from wirewatch.channels import Rendered, find_default, render_request, rendered_of
from wirewatch.db import Database
from wirewatch.errors import InvalidInputError
from wirewatch.log import get_logger
from wirewatch.models import Template
from wirewatch.store import deliveries, templates
from wirewatch.store.deliveries import DueDelivery
from wirewatch.store.targets import Target
from worker.delivery.payload import thin_of
from worker.delivery.sender import Sender

RENDER_SECONDS = 30.0

log = get_logger(__name__)


def prepare(
    delivery: DueDelivery, target: Target, sender: Sender, database: Database
) -> tuple[bytes, Callable[[], bytes] | None]:
    """-> what is sent, or what makes it: that takes as long as a child takes to start, and others should not wait."""
    if delivery.rendered is not None:
        return delivery.rendered, None
    if target.kind == "apprise":
        return b"", partial(_render_and_keep, delivery, target, sender, database)
    if target.content == "thin":
        return _keep(delivery.id, thin_of(delivery.body), database), None
    return delivery.body, None


def _render_and_keep(delivery: DueDelivery, target: Target, sender: Sender, database: Database) -> bytes:
    return _keep(delivery.id, msgspec.json.encode(_render(delivery, target, sender, database)._asdict()), database)


def _keep(delivery_id: str, rendered: bytes, database: Database) -> bytes:
    with database.transaction() as tx:
        deliveries.keep_rendered(tx, {delivery_id: rendered})
    return rendered


def _render(delivery: DueDelivery, target: Target, sender: Sender, database: Database) -> Rendered:
    payload = msgspec.json.decode(delivery.body)
    values = {**payload["data"], "type": payload["type"], "timestamp": payload.get("timestamp")}
    default = find_default(payload["type"])
    template = _choose(values, target, database) or default
    try:
        return rendered_of(sender.ask_child(render_request(template, values), RENDER_SECONDS))
    except InvalidInputError as error:
        if template == default:
            raise
        # Somebody waits for this alert: better told plainly than not at all.
        log.warning("template failed", endpoint=target.endpoint_id, error=str(error))
        told = rendered_of(sender.ask_child(render_request(default, values), RENDER_SECONDS))
        return told._replace(body=f"{told.body}\n\n(The template failed: {error})")


def _choose(values: Mapping[str, Any], target: Target, database: Database) -> Template | None:
    """The template of the first watch that has one, else the endpoint's; None: the built-in one."""
    if values["type"] != "alert.updated":
        return None
    watch_ids = [alert["watch_id"] for alert in values["alerts"]]
    with database.transaction() as tx:
        own = templates.find_for_watches(tx, watch_ids)
    return next((own[id_] for id_ in watch_ids if id_ in own), target.template)

"""What is sent where it is not the body as it was stored: less of it, or what a template makes of it for people.

Made before the first try and kept, so that every try sends the same bytes, whatever is changed in between.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from wirewatch.channels import Rendered, find_default, render_request, rendered_of
from wirewatch.db import Database, wait_for_disk
from wirewatch.errors import InvalidInputError
from wirewatch.log import get_logger
from wirewatch.models import Template
from wirewatch.store import deliveries, templates
from wirewatch.store.deliveries import DueDelivery
from wirewatch.store.targets import Target
from worker.delivery.payload import thin_of
from worker.delivery.send import NotReadyError
from worker.delivery.sender import Sender

RENDER_SECONDS = 30.0

log = get_logger(__name__)


def keep_thin(due: Sequence[tuple[DueDelivery, Target]], database: Database) -> dict[str, bytes]:
    """-> by delivery what is sent of those that are to be thin and are tried for the first time.

    Without those whose body was redacted since they were read: they have to be read again.
    """
    thin = [(one, thin_of(one.body)) for one, target in due if _is_thin(target) and one.rendered is None]
    kept = _keep(thin, database) if thin else frozenset()
    return {one.id: sent for one, sent in thin if one.id in kept}


def prepare(
    delivery: DueDelivery, target: Target, thin: Mapping[str, bytes], sender: Sender, database: Database
) -> tuple[bytes, Callable[[], bytes] | None] | None:
    """-> what is sent, or what makes it: that takes as long as a child takes to start, and others should not wait.

    None: it has to be read again.
    """
    if delivery.rendered is not None:
        return delivery.rendered, None
    if target.kind == "apprise":
        return b"", partial(_render_and_keep, delivery, target, sender, database)
    if not _is_thin(target):
        return delivery.body, None
    return (thin[delivery.id], None) if delivery.id in thin else None


def _is_thin(target: Target) -> bool:
    return target.kind == "webhook" and target.content == "thin"


def _render_and_keep(delivery: DueDelivery, target: Target, sender: Sender, database: Database) -> bytes:
    """Raises NotReadyError, DatabaseUnavailableError."""
    rendered = msgspec.json.encode(_render(delivery, target, sender, database)._asdict())
    if not _keep([(delivery, rendered)], database):
        raise NotReadyError("what it says was changed while it was rendered")
    return rendered


def _keep(rendered: Sequence[tuple[DueDelivery, bytes]], database: Database) -> frozenset[str]:
    with database.transaction() as tx:
        # What the world sees once it must see at every try, a crash of the server or not.
        wait_for_disk(tx)
        return deliveries.keep_rendered(tx, rendered)


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
    with database.statements() as tx:
        own = templates.find_for_watches(tx, watch_ids)
    return next((own[id_] for id_ in watch_ids if id_ in own), target.template)

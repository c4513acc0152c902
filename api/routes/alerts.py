"""Alerts: one per watch and story, listed, judged, and streamed as they are raised."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import READ, WRITE, Page, PageParams, Wired, cursor_of, filter_id
from api.schemas import AlertPatch
from api.stream import UpdateStream
from wirewatch import outbox
from wirewatch.errors import InvalidInputError
from wirewatch.messages import NewMessage
from wirewatch.store.alerts import AlertState
from wirewatch.store.views import alerts
from wirewatch.store.views.alerts import AlertFilter, AlertView, Position
from wirewatch.web.bodies import StrictRoute
from wirewatch.web.times import parse_time

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=StrictRoute)

PING_SECONDS = 15
SHUTDOWN_SECONDS = 0.5  # less than the server itself waits for open connections


class AlertParams(PageParams):
    state: AlertState | None = None
    watch_id: str | None = None
    story_id: str | None = None


@router.get("", dependencies=[READ])
def list_alerts(params: Annotated[AlertParams, Query()], services: Wired) -> Page[AlertView]:
    """The newest first."""
    wanted = AlertFilter(params.state, filter_id(params.watch_id, "watch_id"), filter_id(params.story_id, "story_id"))
    with services.database.transaction() as tx:
        ids = alerts.find_ids(tx, wanted, before=params.after_number(), limit=params.limit + 1)
        shown = alerts.show(tx, ids[: params.limit])
    return Page(items=shown, next=cursor_of(ids[params.limit - 1]) if len(ids) > params.limit else None)


@router.get("/stream", dependencies=[READ], response_class=EventSourceResponse)
async def stream_alerts(services: Wired, last_event_id: Annotated[str | None, Header()] = None) -> EventSourceResponse:
    """Server-sent events `update`: the alert with the update that was just made, whose id is the event's.

    With `Last-Event-ID` it goes on behind that update, so that a reader who was away misses nothing.
    """
    start = await services.stream.find_start(last_event_id)
    return EventSourceResponse(
        _events(services.stream, start),
        ping=PING_SECONDS,
        shutdown_event=services.stream.ending,
        shutdown_grace_period=SHUTDOWN_SECONDS,
    )


@router.get("/{alert_id}", dependencies=[READ])
def get_alert(alert_id: str, services: Wired) -> AlertView:
    with services.database.transaction() as tx:
        return alerts.get(tx, alert_id)


@router.patch("/{alert_id}", dependencies=[WRITE])
def update_alert(alert_id: str, body: AlertPatch, services: Wired) -> AlertView:
    """Acknowledge or dismiss it, open it again, or let wait what it has to tell.

    The reason of a dismissal says how right the watch was: `known`, `resolved` and `duplicate` that it was, any other
    that it was not.
    """
    sent = body.model_fields_set
    if "reason" in sent and body.state is None:
        raise InvalidInputError([("/reason", "goes with a state")])
    until = _time(body.snoozed_until)
    with services.database.transaction() as tx:
        if body.state is not None:
            alerts.set_state(tx, alert_id, body.state, body.reason)
        if "snoozed_until" in sent:
            alerts.snooze(tx, alert_id, until)
        alert = alerts.get(tx, alert_id)
        if "snoozed_until" in sent:
            outbox.put(tx, [NewMessage("WatchChanged", alert.watch_id)])
        return alert


def _time(written: str | None) -> datetime | None:
    try:
        return parse_time(written) if written else None
    except ValueError as error:
        raise InvalidInputError([("/snoozed_until", str(error))]) from error


async def _events(stream: UpdateStream, start: Position) -> AsyncIterator[ServerSentEvent]:
    async for event in stream.events(start):
        yield ServerSentEvent(event.data, event="update", id=str(event.position.update_id))

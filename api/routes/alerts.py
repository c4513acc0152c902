"""Alerts: one per watch and story, listed, judged, and streamed as they are raised."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import READ, WRITE, Page, PageParams, Wired, cursor_of, filter_id
from api.schemas import AlertPatch
from api.stream import UpdateStream
from wirewatch.store.views import alerts
from wirewatch.store.views.alerts import AlertFilter, AlertState, AlertView, Position
from wirewatch.web.bodies import StrictRoute

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
    """Acknowledge or dismiss it, or open it again."""
    with services.database.transaction() as tx:
        alerts.set_state(tx, alert_id, body.state, body.reason)
        return alerts.get(tx, alert_id)


async def _events(stream: UpdateStream, start: Position) -> AsyncIterator[ServerSentEvent]:
    async for event in stream.events(start):
        yield ServerSentEvent(event.data, event="update", id=str(event.position.update_id))

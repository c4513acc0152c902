"""Alerts: one per watch and story, listed, judged, and streamed as they are raised."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import READ, WRITE, Page, PageParams, Services, Wired, cursor_of, filter_id, read_time
from api.export import MEDIA_TYPES, ExportFormat, write_export
from api.schemas import AlertPatch
from api.stream import ToldAlert, UpdateStream, told_alert
from wirewatch import outbox
from wirewatch.db import Transaction
from wirewatch.errors import InvalidInputError, NotFoundError
from wirewatch.messages import NewMessage
from wirewatch.store.alerts import AlertState
from wirewatch.store.views import alerts
from wirewatch.store.views.alerts import AlertFilter, AlertView, Position
from wirewatch.web.bodies import StrictRoute
from wirewatch.web.times import parse_time

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=StrictRoute)

EXPORT_PAGE = 200
PING_SECONDS = 15
SHUTDOWN_SECONDS = 0.5  # less than the server itself waits for open connections


class AlertFilterParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: AlertState | None = None
    watch_id: str | None = None
    story_id: str | None = None
    since: str | None = None
    until: str | None = None

    def wanted(self) -> AlertFilter:
        return AlertFilter(
            self.state,
            filter_id(self.watch_id, "watch_id"),
            filter_id(self.story_id, "story_id"),
            read_time(self.since, "since"),
            read_time(self.until, "until"),
        )


class AlertParams(AlertFilterParams, PageParams):
    told_after: str | None = Field(None, alias="after")


class ExportParams(AlertFilterParams):
    format: ExportFormat = "jsonl"


@router.get("", dependencies=[READ])
def list_alerts(params: Annotated[AlertParams, Query()], services: Wired) -> Page[ToldAlert] | Page[AlertView]:
    """The newest first. With `after` instead each update made since then, the oldest first, with its alert.

    `after` is the `next` of the answer before, an event's id of the stream, or 0 for all; `next` is then never null.
    """
    if params.told_after is not None:
        return _list_told(params, params.told_after, services)
    wanted = params.wanted()
    with services.database.transaction() as tx:
        ids = alerts.find_ids(tx, wanted, before=params.after_number(), limit=params.limit + 1)
        shown = alerts.show(tx, ids[: params.limit])
    return Page[AlertView](items=shown, next=cursor_of(ids[params.limit - 1]) if len(ids) > params.limit else None)


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


@router.get("/export", dependencies=[READ], response_class=StreamingResponse)
def export_alerts(params: Annotated[ExportParams, Query()], services: Wired) -> StreamingResponse:
    """All alerts that the filters let through, the newest first, as JSON lines or CSV."""
    wanted, media_type = params.wanted(), MEDIA_TYPES[params.format]
    pages = _pages(services, wanted)
    return StreamingResponse(
        write_export(params.format, pages),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="alerts.{params.format}"'},
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


def _list_told(params: AlertParams, after: str, services: Services) -> Page[ToldAlert]:
    if params.model_fields_set - {"told_after", "limit"}:
        raise InvalidInputError([("/after", "takes no other filter beside it")])
    with services.database.transaction() as tx:
        told = alerts.list_told_after(tx, _position(tx, after), params.limit)
        shown = {alert.id: alert for alert in alerts.show(tx, sorted({one.alert_id for one in told}))}
    items = [told_alert(shown[str(one.alert_id)], one) for one in told if str(one.alert_id) in shown]
    return Page[ToldAlert](items=items, next=str(told[-1].position) if told else after)


def _position(tx: Transaction, after: str) -> Position:
    try:
        position = Position(0, 0) if after == "0" else alerts.find_position(tx, after)
    except NotFoundError:
        position = None
    if position is None:
        raise InvalidInputError([("/after", "is no `next`, no event's id, and not 0")])
    return position


def _pages(services: Services, wanted: AlertFilter) -> Iterator[list[AlertView]]:
    before: int | None = None
    while True:
        with services.database.transaction() as tx:
            ids = alerts.find_ids(tx, wanted, before=before, limit=EXPORT_PAGE)
            shown = alerts.show(tx, ids)
        if not ids:
            return
        yield shown
        before = ids[-1]


async def _events(stream: UpdateStream, start: Position) -> AsyncIterator[ServerSentEvent]:
    async for event in stream.events(start):
        yield ServerSentEvent(event.data, event="update", id=str(event.position))

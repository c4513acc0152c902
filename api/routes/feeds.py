"""Feeds: addresses that are polled for articles."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Wired, filter_id, page_of
from api.schemas import FeedBody, FeedPatch, given
from wirewatch.errors import FetchError, InvalidInputError
from wirewatch.http import Request, check_url
from wirewatch.http.headers import complete_headers
from wirewatch.store import feeds
from wirewatch.store.feeds import EventKind, Feed, FeedEvent
from wirewatch.web.bodies import StrictRoute, Text

router = APIRouter(prefix="/v1/feeds", tags=["feeds"], route_class=StrictRoute)


class FeedParams(PageParams):
    """`tag`: only the feeds that have it."""

    tag: Text | None = None


class EventParams(PageParams):
    feed_id: Text | None = None
    kind: EventKind | None = None


@router.get("", dependencies=[READ])
def list_feeds(params: Annotated[FeedParams, Query()], services: Wired) -> Page[Feed]:
    """The oldest first, each with its latest events."""
    with services.database.transaction() as tx:
        found = feeds.list_page(tx, after=params.after_number(), limit=params.limit + 1, tag=params.tag)
    return page_of(found, params.limit, lambda feed: feed.id)


@router.post("", status_code=201, dependencies=[WRITE])
def create_feed(body: FeedBody, services: Wired) -> Feed:
    """Polled at once, and from then on as often as it brings something new."""
    fields = body.model_dump(exclude_none=True)
    _check_intervals(body.min_interval_seconds, body.max_interval_seconds)
    _check_headers(fields)
    check_url(body.url, services.egress_allow)
    with services.database.transaction() as tx:
        return feeds.create(tx, services.secrets, **fields)


@router.get("/events", dependencies=[READ])
def list_events(params: Annotated[EventParams, Query()], services: Wired) -> Page[FeedEvent]:
    """What happened to feeds (moved, paused, failing, recovered, silent, identity changed), the latest first."""
    feed_id = filter_id(params.feed_id, "feed_id")
    with services.database.transaction() as tx:
        found = feeds.list_events(
            tx, before=params.after_number(), limit=params.limit + 1, feed_id=feed_id, kind=params.kind
        )
    return page_of(found, params.limit, lambda event: event.id)


@router.get("/{feed_id}", dependencies=[READ])
def get_feed(feed_id: str, services: Wired) -> Feed:
    with services.database.transaction() as tx:
        return feeds.get(tx, feed_id)


@router.patch("/{feed_id}", dependencies=[WRITE])
def update_feed(feed_id: str, body: FeedPatch, services: Wired) -> Feed:
    """Change what is given. Enabling a feed, or changing what is asked of its server, polls it at once.

    Credentials and headers are dropped with an address on another server, unless they are given with it.
    """
    fields: dict[str, Any] = given(body, "name", "lang", "credentials")
    _check_headers(fields)
    if body.url is not None:
        check_url(body.url, services.egress_allow)
    with services.database.transaction() as tx:
        known = feeds.get(tx, feed_id)
        least = fields.get("min_interval_seconds", known.min_interval_seconds)
        _check_intervals(least, fields.get("max_interval_seconds", known.max_interval_seconds))
        return feeds.update(tx, services.secrets, feed_id, **fields)


@router.delete("/{feed_id}", status_code=204, dependencies=[WRITE])
def delete_feed(feed_id: str, services: Wired) -> None:
    """Its articles stay."""
    with services.database.transaction() as tx:
        feeds.delete(tx, feed_id)


def _check_intervals(least: int, most: int) -> None:
    if least > most:
        raise InvalidInputError([("/max_interval_seconds", "must not be less than min_interval_seconds")])


def _check_headers(fields: dict[str, Any]) -> None:
    try:
        complete_headers(Request("", headers=tuple((fields.get("headers") or {}).items())))
    except FetchError as error:
        raise InvalidInputError([("/headers", str(error))]) from error

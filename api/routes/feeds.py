"""Feeds: addresses that are polled for articles."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Wired, page_of
from api.schemas import FeedBody, FeedPatch, given
from wirewatch.errors import InvalidInputError
from wirewatch.http import check_url
from wirewatch.store import feeds
from wirewatch.store.feeds import Feed
from wirewatch.store.views.times import utc
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1/feeds", tags=["feeds"], route_class=StrictRoute)


@dataclass(frozen=True, slots=True)
class FeedView:
    """`failures` counts the polls that failed since the last one that went well."""

    id: str
    url: str
    name: str | None
    enabled: bool
    disabled_reason: str | None
    min_interval_seconds: int
    max_interval_seconds: int
    failures: int
    last_error: str | None
    last_polled_at: datetime | None
    last_success_at: datetime | None
    next_poll_at: datetime
    created_at: datetime
    updated_at: datetime


@router.get("", dependencies=[READ])
def list_feeds(params: Annotated[PageParams, Query()], services: Wired) -> Page[FeedView]:
    """The oldest first."""
    with services.database.transaction() as tx:
        found = feeds.list_page(tx, after=params.after_number(), limit=params.limit + 1)
    return page_of([_view(feed) for feed in found], params.limit, lambda feed: feed.id)


@router.post("", status_code=201, dependencies=[WRITE])
def create_feed(body: FeedBody, services: Wired) -> FeedView:
    """Polled at once, and from then on as often as it brings something new."""
    _check_intervals(body.min_interval_seconds, body.max_interval_seconds)
    check_url(body.url, services.egress_allow)
    with services.database.transaction() as tx:
        return _view(feeds.create(tx, **body.model_dump()))


@router.get("/{feed_id}", dependencies=[READ])
def get_feed(feed_id: str, services: Wired) -> FeedView:
    with services.database.transaction() as tx:
        return _view(feeds.get(tx, feed_id))


@router.patch("/{feed_id}", dependencies=[WRITE])
def update_feed(feed_id: str, body: FeedPatch, services: Wired) -> FeedView:
    """Change what is given. Enabling a feed, or giving it another address, polls it at once."""
    if body.url is not None:
        check_url(body.url, services.egress_allow)
    fields: dict[str, Any] = given(body, "name")
    with services.database.transaction() as tx:
        known = feeds.get(tx, feed_id)
        least = fields.get("min_interval_seconds", known.min_interval_seconds)
        _check_intervals(least, fields.get("max_interval_seconds", known.max_interval_seconds))
        return _view(feeds.update(tx, feed_id, **fields))


@router.delete("/{feed_id}", status_code=204, dependencies=[WRITE])
def delete_feed(feed_id: str, services: Wired) -> None:
    """Its articles stay."""
    with services.database.transaction() as tx:
        feeds.delete(tx, feed_id)


def _check_intervals(least: int, most: int) -> None:
    if least > most:
        raise InvalidInputError([("/max_interval_seconds", "must not be less than min_interval_seconds")])


def _view(feed: Feed) -> FeedView:
    known = {name: value for name, value in asdict(feed).items() if name in FeedView.__dataclass_fields__}
    times = {name: utc(value) for name, value in known.items() if isinstance(value, datetime)}
    return FeedView(**{**known, **times})

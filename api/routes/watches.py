"""Watches: saved queries, and how they are changed; trying and explaining them is in previews.py."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Services, Wired, page_of
from api.policies import policy_of
from api.preview import estimate_rate
from api.schemas import WatchBody, WatchPatch, given
from wirewatch import outbox
from wirewatch.db import Transaction
from wirewatch.errors import InvalidInputError
from wirewatch.messages import NewMessage
from wirewatch.models import Policy, Watch
from wirewatch.query import Compiled, compile_query, parse
from wirewatch.store import endpoints, watches
from wirewatch.store.views.precision import Precision, read_precision
from wirewatch.store.views.times import utc, utc_or_none
from wirewatch.store.watches import SavedWatch
from wirewatch.web.bodies import StrictRoute
from wirewatch.web.times import parse_time

# What of a watch decides when its updates go out.
TIMING = frozenset({"policy", "enabled", "snoozed_until"})
MOST_BACKFILL = timedelta(days=366)

router = APIRouter(prefix="/v1/watches", tags=["watches"], route_class=StrictRoute)


@dataclass(frozen=True, slots=True)
class WatchView:
    """`warnings` say what the catalogue does not know of the query, where it was just checked.

    `precision`: how often it was right, by what users made of its alerts.
    """

    id: str
    name: str
    query: str
    policy: Policy
    endpoint_ids: list[str] | None
    enabled: bool
    snoozed_until: datetime | None
    backfill_since: datetime | None
    precision: Precision
    created_at: datetime
    updated_at: datetime
    warnings: list[str]


@router.get("", dependencies=[READ])
def list_watches(params: Annotated[PageParams, Query()], services: Wired) -> Page[WatchView]:
    """The oldest first."""
    with services.database.transaction() as tx:
        found = watches.list_page(tx, after=params.after_number(), limit=params.limit + 1)
        precise = read_precision(tx, [saved.watch.id for saved in found])
    shown = [_view(saved, precise.get(saved.watch.id)) for saved in found]
    return page_of(shown, params.limit, lambda watch: watch.id)


@router.post("", status_code=201, dependencies=[WRITE])
def create_watch(body: WatchBody, services: Wired) -> WatchView:
    """From the moment of the answer on it applies to every article that is accepted.

    With `backfill_since` it also looks back, in the background: at most a year, and at the 20,000 newest articles.
    """
    watch = Watch(
        "",
        body.name,
        body.query,
        policy_of(Policy(settle_seconds=services.settle_seconds), body.policy),
        _tuple(body.endpoint_ids),
        body.enabled,
        _time(body.snoozed_until, "/snoozed_until"),
        _backfill_since(body.backfill_since, services.clock()),
    )
    with services.database.transaction() as tx:
        compiled = _check(tx, watch, services)
        saved = watches.create(tx, watch)
        if watch.backfill_since and watch.enabled:
            since = {"since": watch.backfill_since.isoformat()}
            outbox.put(tx, [NewMessage("BackfillDue", saved.watch.id, payload=since)])
        return _view(saved, None, compiled)


@router.get("/{watch_id}", dependencies=[READ])
def get_watch(watch_id: str, services: Wired) -> WatchView:
    with services.database.transaction() as tx:
        return _view(watches.get(tx, watch_id), read_precision(tx, [watch_id]).get(watch_id))


@router.patch("/{watch_id}", dependencies=[WRITE])
def update_watch(watch_id: str, body: WatchPatch, services: Wired) -> WatchView:
    """Change what is given. What waits to be told is planned anew."""
    fields: dict[str, Any] = given(body, "endpoint_ids", "snoozed_until")
    with services.database.transaction() as tx:
        watch = watches.lock(tx, watch_id).watch
        if "endpoint_ids" in fields:
            fields["endpoint_ids"] = _tuple(body.endpoint_ids)
        if "policy" in fields:
            fields["policy"] = policy_of(watch.policy, body.policy)
        if "snoozed_until" in fields:
            fields["snoozed_until"] = _time(body.snoozed_until, "/snoozed_until")
        changed = replace(watch, **fields)
        compiled = _check(tx, changed, services)
        if fields.keys() & TIMING:
            outbox.put(tx, [NewMessage("WatchChanged", watch.id)])
        return _view(watches.update(tx, changed, fields), read_precision(tx, [watch.id]).get(watch.id), compiled)


@router.delete("/{watch_id}", status_code=204, dependencies=[WRITE])
def delete_watch(watch_id: str, services: Wired) -> None:
    """Delete a watch with its alerts."""
    with services.database.transaction() as tx:
        watches.delete(tx, watch_id)


def _check(tx: Transaction, watch: Watch, services: Services) -> Compiled:
    """Raises QueryError, and InvalidInputError for endpoints that do not exist."""
    unknown = endpoints.find_unknown(tx, watch.endpoint_ids or ())
    problems = [
        (f"/endpoint_ids/{place}", "there is no such endpoint")
        for place, endpoint_id in enumerate(watch.endpoint_ids or ())
        if endpoint_id in unknown
    ]
    if problems:
        raise InvalidInputError(problems)
    compiled = compile_query(parse(watch.query), services.catalogue.names(tx))
    return replace(compiled, warnings=(*compiled.warnings, *estimate_rate(tx, compiled)))


def _tuple(ids: list[str] | None) -> tuple[str, ...] | None:
    return None if ids is None else tuple(dict.fromkeys(ids))


def _time(written: str | None, pointer: str) -> datetime | None:
    try:
        return parse_time(written) if written else None
    except ValueError as error:
        raise InvalidInputError([(pointer, str(error))]) from error


def _backfill_since(written: str | None, now: datetime) -> datetime | None:
    since = _time(written, "/backfill_since")
    if since and not now - MOST_BACKFILL <= since <= now:
        raise InvalidInputError([("/backfill_since", "must lie in the past, by a year at the most")])
    return since


def _view(saved: SavedWatch, precision: Precision | None, compiled: Compiled | None = None) -> WatchView:
    watch = saved.watch
    return WatchView(
        id=watch.id,
        name=watch.name,
        query=watch.query,
        policy=watch.policy,
        endpoint_ids=None if watch.endpoint_ids is None else list(watch.endpoint_ids),
        enabled=watch.enabled,
        snoozed_until=utc_or_none(watch.snoozed_until),
        backfill_since=utc_or_none(watch.backfill_since),
        precision=precision or Precision(),
        created_at=utc(saved.created_at),
        updated_at=utc(saved.updated_at),
        warnings=list(compiled.warnings) if compiled else [],
    )

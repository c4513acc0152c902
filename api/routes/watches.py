"""Watches: saved queries, tried out, explained and changed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Services, Wired, page_of
from api.preview import Preview, preview
from api.schemas import PolicyBody, PreviewBody, WatchBody, WatchPatch, given
from api.subjects import read_subjects
from wirewatch.db import Transaction
from wirewatch.errors import InvalidInputError, NotFoundError
from wirewatch.models import Evidence, Policy, Watch
from wirewatch.query import Compiled, compile_query, explain, parse
from wirewatch.store import endpoints, watches
from wirewatch.store.ids import number_of
from wirewatch.store.views.times import utc
from wirewatch.store.watches import SavedWatch
from wirewatch.web.bodies import StrictRoute
from wirewatch.web.times import parse_time

router = APIRouter(prefix="/v1/watches", tags=["watches"], route_class=StrictRoute)


@dataclass(frozen=True, slots=True)
class WatchView:
    """`warnings` say what the catalogue does not know of the query, where it was just checked."""

    id: str
    name: str
    query: str
    policy: Policy
    endpoint_ids: list[str] | None
    enabled: bool
    created_at: datetime
    updated_at: datetime
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class ClauseView:
    """`satisfied`: it is as the query asks; `first_failure` marks the clause at which a miss was decided."""

    clause: str
    position: int
    found: bool
    negated: bool
    satisfied: bool
    first_failure: bool
    evidence: list[Evidence]
    nearest: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    watch_id: str
    article_id: str
    matched: bool
    clauses: list[ClauseView]
    warnings: list[str]


@router.get("", dependencies=[READ])
def list_watches(params: Annotated[PageParams, Query()], services: Wired) -> Page[WatchView]:
    """The oldest first."""
    with services.database.transaction() as tx:
        found = watches.list_page(tx, after=params.after_number(), limit=params.limit + 1)
    return page_of([_view(saved) for saved in found], params.limit, lambda watch: watch.id)


@router.post("", status_code=201, dependencies=[WRITE])
def create_watch(body: WatchBody, services: Wired) -> WatchView:
    """From the moment of the answer on it applies to every article that is accepted."""
    policy = _policy(Policy(settle_seconds=services.settle_seconds), body.policy)
    watch = Watch("", body.name, body.query, policy, _tuple(body.endpoint_ids), body.enabled)
    with services.database.transaction() as tx:
        compiled = _check(tx, watch, services)
        return _view(watches.create(tx, watch), compiled)


@router.post("/preview", dependencies=[READ])
def preview_watch(body: PreviewBody, services: Wired) -> Preview:
    """What a query would have found; nothing is saved."""
    query = parse(body.query)
    with services.database.transaction() as tx:
        compiled = compile_query(query, services.catalogue.names(tx))
        return preview(tx, compiled, _policy(Policy(), body.policy), _since(body.since), services.clock())


@router.get("/{watch_id}", dependencies=[READ])
def get_watch(watch_id: str, services: Wired) -> WatchView:
    with services.database.transaction() as tx:
        return _view(watches.get(tx, watch_id))


@router.patch("/{watch_id}", dependencies=[WRITE])
def update_watch(watch_id: str, body: WatchPatch, services: Wired) -> WatchView:
    """Change what is given."""
    fields: dict[str, Any] = given(body, "endpoint_ids")
    with services.database.transaction() as tx:
        watch = watches.get(tx, watch_id).watch
        if "endpoint_ids" in fields:
            fields["endpoint_ids"] = _tuple(body.endpoint_ids)
        if "policy" in fields:
            fields["policy"] = _policy(watch.policy, body.policy)
        changed = replace(watch, **fields)
        compiled = _check(tx, changed, services)
        return _view(watches.update(tx, changed), compiled)


@router.delete("/{watch_id}", status_code=204, dependencies=[WRITE])
def delete_watch(watch_id: str, services: Wired) -> None:
    """Delete a watch with its alerts."""
    with services.database.transaction() as tx:
        watches.delete(tx, watch_id)


class ExplainParams(PageParams):
    article_id: str


@router.get("/{watch_id}/explain", dependencies=[READ])
def explain_watch(watch_id: str, params: Annotated[ExplainParams, Query()], services: Wired) -> Explanation:
    """Each clause with its spans in this article, or for a miss the first clause that failed."""
    with services.database.transaction() as tx:
        watch = watches.get(tx, watch_id).watch
        subjects = read_subjects(tx, [number_of(params.article_id, "article")])
        if not subjects:
            raise NotFoundError("no article with this id")
        compiled = compile_query(parse(watch.query), services.catalogue.names(tx))
    clauses = [
        ClauseView(
            clause=clause.clause,
            position=clause.position,
            found=clause.found,
            negated=clause.negated,
            satisfied=clause.satisfied,
            first_failure=clause.first_failure,
            evidence=list(clause.evidence),
            nearest=clause.nearest,
        )
        for clause in explain(compiled, subjects[0])
    ]
    matched = not any(clause.first_failure for clause in clauses)
    return Explanation(watch_id, params.article_id, matched, clauses, list(compiled.warnings))


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
    return compile_query(parse(watch.query), services.catalogue.names(tx))


def _policy(base: Policy, body: PolicyBody | None) -> Policy:
    fields: dict[str, Any] = given(body) if body else {}
    return replace(base, **fields)


def _tuple(ids: list[str] | None) -> tuple[str, ...] | None:
    return None if ids is None else tuple(dict.fromkeys(ids))


def _since(written: str | None) -> datetime | None:
    try:
        return parse_time(written) if written else None
    except ValueError as error:
        raise InvalidInputError([("/since", str(error))]) from error


def _view(saved: SavedWatch, compiled: Compiled | None = None) -> WatchView:
    watch = saved.watch
    return WatchView(
        id=watch.id,
        name=watch.name,
        query=watch.query,
        policy=watch.policy,
        endpoint_ids=None if watch.endpoint_ids is None else list(watch.endpoint_ids),
        enabled=watch.enabled,
        created_at=utc(saved.created_at),
        updated_at=utc(saved.updated_at),
        warnings=list(compiled.warnings) if compiled else [],
    )

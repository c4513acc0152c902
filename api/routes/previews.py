"""Trying a query on the past before it is saved, and asking why a watch matches an article or does not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.deps import READ, PageParams, Services, Wired
from api.policies import policy_of
from api.preview import DAYS, Backtest, Preview, Progress, preview
from api.schemas import PreviewBody
from api.subjects import read_subjects
from wirewatch.db import Transaction
from wirewatch.errors import InvalidInputError, NotFoundError
from wirewatch.models import Evidence, Policy
from wirewatch.query import ClauseResult, compile_query, explain, parse
from wirewatch.store import watches
from wirewatch.store.ids import number_of
from wirewatch.store.views import matches
from wirewatch.store.views.matches import MatchView
from wirewatch.web.bodies import StrictRoute
from wirewatch.web.times import parse_time

router = APIRouter(prefix="/v1/watches", tags=["watches"], route_class=StrictRoute)

NDJSON = "application/x-ndjson"
# A client that follows the progress may wait longer than one that does not.
FOLLOWED_SECONDS = 120.0


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
    """`match`: what became of the match when it was found; null: none was found, or not yet."""

    watch_id: str
    article_id: str
    matched: bool
    clauses: list[ClauseView]
    warnings: list[str]
    match: MatchView | None


@router.post("/preview", dependencies=[READ], response_model=Preview)
def preview_watch(body: PreviewBody, request: Request, services: Wired) -> Response | Preview:
    """What a query would have found; nothing is saved.

    Looks for some seconds and says how far it came. With `Accept: application/x-ndjson` it looks longer and tells of
    its progress: lines of `{"progress": {...}}`, the last one `{"preview": {...}}`.
    """
    with services.database.transaction() as tx:
        asked = _backtest(tx, body, services)
        if NDJSON not in request.headers.get("accept", ""):
            return next(told for told in preview(tx, asked) if isinstance(told, Preview))
    return StreamingResponse(_lines(replace(asked, seconds=FOLLOWED_SECONDS), services), media_type=NDJSON)


def _lines(asked: Backtest, services: Services) -> Iterator[bytes]:
    with services.database.transaction() as tx:
        for told in preview(tx, asked):
            yield msgspec.json.encode({"progress" if isinstance(told, Progress) else "preview": told}) + b"\n"


def _backtest(tx: Transaction, body: PreviewBody, services: Services) -> Backtest:
    """Raises QueryError, InvalidInputError, NotFoundError."""
    query = parse(body.query)
    names, now = services.catalogue.names(tx), services.clock()
    saved = watches.get(tx, body.watch_id).watch if body.watch_id else None
    return Backtest(
        query=compile_query(query, names),
        policy=policy_of(saved.policy if saved else Policy(settle_seconds=services.settle_seconds), body.policy),
        since=_since(body.since) or now - timedelta(days=DAYS),
        now=now,
        saved=compile_query(parse(saved.query), names) if saved else None,
    )


def _since(written: str | None) -> datetime | None:
    try:
        return parse_time(written) if written else None
    except ValueError as error:
        raise InvalidInputError([("/since", str(error))]) from error


class ExplainParams(PageParams):
    article_id: str


@router.get("/{watch_id}/explain", dependencies=[READ])
def explain_watch(watch_id: str, params: Annotated[ExplainParams, Query()], services: Wired) -> Explanation:
    """Each clause with its spans in this article and what they mean, or for a miss the first clause that failed."""
    with services.database.transaction() as tx:
        watch = watches.get(tx, watch_id).watch
        subjects = read_subjects(tx, [number_of(params.article_id, "article")])
        if not subjects:
            raise NotFoundError("no article with this id")
        compiled = compile_query(parse(watch.query), services.catalogue.names(tx))
        known = matches.show(tx, int(watch.id), [int(subjects[0].article.id)])
    clauses = explain(compiled, subjects[0])
    warnings = list(compiled.warnings)
    if subjects[0].article.retracted:
        warnings.append("the article was taken back by its publisher or by a user: it matches no watch")
    matched = not any(clause.first_failure for clause in clauses)
    shown = [_view(clause) for clause in clauses]
    return Explanation(watch_id, params.article_id, matched, shown, warnings, known[0] if known else None)


def _view(clause: ClauseResult) -> ClauseView:
    return ClauseView(
        clause=clause.clause,
        position=clause.position,
        found=clause.found,
        negated=clause.negated,
        satisfied=clause.satisfied,
        first_failure=clause.first_failure,
        evidence=list(clause.evidence),
        nearest=clause.nearest,
    )

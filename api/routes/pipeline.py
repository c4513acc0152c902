"""The pipeline: how much work waits, whether it flows, and what is quarantined."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Wired, page_of
from wirewatch import outbox
from wirewatch.errors import NotFoundError
from wirewatch.store import articles, messages
from wirewatch.store.views import pipeline
from wirewatch.store.views.pipeline import ARTICLE_STAGES, PipelineView, QuarantinedView
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1", tags=["pipeline"], route_class=StrictRoute)


@router.get("/pipeline", dependencies=[READ])
def get_pipeline(services: Wired) -> PipelineView:
    """`pending` is 0 when everything that was accepted has been worked through."""
    with services.database.transaction() as tx:
        return pipeline.get_pipeline(tx)


@router.get("/quarantine", dependencies=[READ])
def list_quarantined(params: Annotated[PageParams, Query()], services: Wired) -> Page[QuarantinedView]:
    """Work whose attempts are used up, the oldest first."""
    with services.database.transaction() as tx:
        found = pipeline.list_quarantined(tx, after=params.after_number(), limit=params.limit + 1)
    return page_of(found, params.limit, lambda message: message.id)


@router.post("/quarantine/{message_id}/retry", status_code=202, dependencies=[WRITE])
def retry_quarantined(message_id: str, services: Wired) -> PipelineView:
    """Give a quarantined message all its attempts again."""
    with services.database.transaction() as tx:
        retried = messages.retry_quarantined(tx, pipeline.message_number(message_id))
        if retried is None:
            raise NotFoundError("no quarantined message with this id")
        type_, subject_id = retried
        if type_ in ARTICLE_STAGES:
            articles.mark_retried(tx, subject_id, ARTICLE_STAGES[type_])
        messages.notify(tx, outbox.WORK_CHANNEL)
        return pipeline.get_pipeline(tx)

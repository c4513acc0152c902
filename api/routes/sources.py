"""Sources: who publishes."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import READ, Page, PageParams, Wired, page_of
from wirewatch.store import sources
from wirewatch.store.sources import Source
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1/sources", tags=["sources"], route_class=StrictRoute)


@router.get("", dependencies=[READ])
def list_sources(params: Annotated[PageParams, Query()], services: Wired) -> Page[Source]:
    """The oldest first."""
    with services.database.transaction() as tx:
        found = sources.list_page(tx, after=params.after_number(), limit=params.limit + 1)
    return page_of(found, params.limit, lambda source: source.id)


@router.get("/{source_id}", dependencies=[READ])
def get_source(source_id: str, services: Wired) -> Source:
    with services.database.transaction() as tx:
        return sources.get(tx, source_id)

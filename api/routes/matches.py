"""What became of the matches of a watch: told, waiting, or suppressed, and why."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import READ, Page, PageParams, Wired, cursor_of
from wirewatch.store import watches
from wirewatch.store.deliveries import DeliveryState
from wirewatch.store.views import matches
from wirewatch.store.views.matches import MatchView
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1/watches", tags=["watches"], route_class=StrictRoute)


class MatchParams(PageParams):
    state: DeliveryState | None = None


@router.get("/{watch_id}/matches", dependencies=[READ])
def list_matches(watch_id: str, params: Annotated[MatchParams, Query()], services: Wired) -> Page[MatchView]:
    """The articles that the watch matches, the newest first, each with what became of it and why."""
    with services.database.transaction() as tx:
        number = int(watches.get(tx, watch_id).watch.id)
        before, limit = params.after_number(), params.limit
        ids = matches.find_ids(tx, number, params.state, before=before, limit=limit + 1)
        shown = matches.show(tx, number, ids[:limit])
    return Page(items=shown, next=cursor_of(ids[limit - 1]) if len(ids) > limit else None)

"""Stories: what the articles about one happening say together."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse

from api.deps import READ, Page, PageParams, Wired, cursor_of
from wirewatch.store.views import stories
from wirewatch.store.views.stories import StoryView
from wirewatch.web.bodies import StrictRoute, Text

router = APIRouter(prefix="/v1/stories", tags=["stories"], route_class=StrictRoute)


class StoryParams(PageParams):
    """`q`: words that the title holds."""

    q: Text | None = None


@router.get("", dependencies=[READ])
def list_stories(params: Annotated[StoryParams, Query()], services: Wired) -> Page[StoryView]:
    """The newest first."""
    with services.database.transaction() as tx:
        ids = stories.find_ids(tx, before=params.after_number(), limit=params.limit + 1, q=params.q)
        shown = stories.show(tx, ids[: params.limit])
    return Page(items=shown, next=cursor_of(ids[params.limit - 1]) if len(ids) > params.limit else None)


@router.get("/{story_id}", response_model=StoryView, dependencies=[READ])
def get_story(story_id: str, services: Wired) -> StoryView | RedirectResponse:
    """One story. Of one that was merged into another: where it lives on (308)."""
    with services.database.transaction() as tx:
        if merged_into := stories.find_merged_into(tx, story_id):
            return RedirectResponse(f"/v1/stories/{merged_into}", 308)
        return stories.get(tx, story_id)

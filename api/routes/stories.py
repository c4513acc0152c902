"""Stories: what the articles about one happening say together, and how analysts correct them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse
from pydantic import AwareDatetime, Field

from api.deps import READ, Page, PageParams, Wired, cursor_of
from api.schemas import CorrectionBody, MergeBody, SplitBody
from wirewatch import outbox
from wirewatch.db import Transaction
from wirewatch.store.ids import number_of
from wirewatch.store.views import stories, story_pages
from wirewatch.store.views.stories import StoryFilter, StoryView
from wirewatch.store.views.story_pages import StoryPage
from wirewatch.stories import corrections
from wirewatch.web import Access, Requires
from wirewatch.web.bodies import StrictRoute, Text

router = APIRouter(prefix="/v1/stories", tags=["stories"], route_class=StrictRoute)

Corrector = Annotated[Access, Depends(Requires("write"))]


class StoryParams(PageParams):
    """`q`: words that the title holds; `entity`, `topic`: an id or a name."""

    q: Text | None = None
    entity: Text | None = None
    topic: Text | None = None
    since: AwareDatetime | None = None
    min_independent_sources: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    has_conflicts: bool | None = None

    def wanted(self) -> StoryFilter:
        return StoryFilter(
            self.q, self.entity, self.topic, self.since, self.min_independent_sources, self.has_conflicts
        )


@dataclass(frozen=True, slots=True)
class SplitStories:
    """`story` keeps id and alerts; `new_story` has the smaller part."""

    story: StoryView
    new_story: StoryView


@router.get("", dependencies=[READ])
def list_stories(params: Annotated[StoryParams, Query()], services: Wired) -> Page[StoryView]:
    """The newest first."""
    with services.database.transaction() as tx:
        ids = stories.find_ids(tx, params.wanted(), before=params.after_number(), limit=params.limit + 1)
        shown = stories.show(tx, ids[: params.limit], services.clock())
    return Page(items=shown, next=cursor_of(ids[params.limit - 1]) if len(ids) > params.limit else None)


@router.get("/{story_id}", response_model=StoryView, dependencies=[READ])
def get_story(story_id: str, services: Wired) -> StoryView | RedirectResponse:
    """One story. Of one that was merged into another: where it lives on (308)."""
    with services.database.transaction() as tx:
        if merged_into := stories.find_merged_into(tx, story_id):
            return RedirectResponse(f"/v1/stories/{merged_into}", 308)
        return stories.get(tx, story_id, services.clock())


@router.get("/{story_id}/page", response_model=StoryPage, dependencies=[READ])
def get_story_page(story_id: str, services: Wired) -> StoryPage | RedirectResponse:
    """One story with its copies, shared text, alerts, rejected claims and history."""
    with services.database.transaction() as tx:
        if merged_into := stories.find_merged_into(tx, story_id):
            return RedirectResponse(f"/v1/stories/{merged_into}/page", 308)
        return story_pages.get(tx, story_id, services.clock())


@router.post("/{story_id}/merge")
def merge_stories(story_id: str, body: MergeBody, services: Wired, access: Corrector) -> StoryView:
    """Both tell of one event. The older id lives on and is answered; the younger leads to it."""
    with services.database.transaction() as tx:
        ids = [_live(tx, one) for one in (story_id, body.story_id)]
        into, messages = corrections.merge(tx, *ids, by=access.key_name, note=body.note)
        outbox.put(tx, messages)
        return stories.get(tx, into, services.clock())


@router.post("/{story_id}/split")
def split_story(story_id: str, body: SplitBody, services: Wired, access: Corrector) -> SplitStories:
    """These articles tell of another event than the others. The larger part keeps the id and the alerts."""
    with services.database.transaction() as tx:
        kept = _live(tx, story_id)
        new, messages = corrections.split(tx, kept, body.article_ids, by=access.key_name, note=body.note)
        outbox.put(tx, messages)
        return SplitStories(*(stories.get(tx, one, services.clock()) for one in (kept, new)))


@router.post("/{story_id}/claims/{claim_id}/reject")
def reject_claim(story_id: str, claim_id: Text, body: CorrectionBody, services: Wired, access: Corrector) -> StoryView:
    """The claim leaves the story with all that say the same in the same words, and does not come back."""
    with services.database.transaction() as tx:
        kept = _live(tx, story_id)
        outbox.put(tx, corrections.reject_claim(tx, kept, claim_id, by=access.key_name, note=body.note))
        return stories.get(tx, kept, services.clock())


@router.post("/{story_id}/claims/{claim_id}/restore", status_code=202)
def restore_claim(story_id: str, claim_id: Text, body: CorrectionBody, services: Wired, access: Corrector) -> StoryView:
    """Take a rejection back: the articles are read again, and the claim returns with that."""
    with services.database.transaction() as tx:
        kept = _live(tx, story_id)
        outbox.put(tx, corrections.restore_claim(tx, kept, claim_id, by=access.key_name, note=body.note))
        return stories.get(tx, kept, services.clock())


def _live(tx: Transaction, story_id: str) -> str:
    """The id under which the story lives now. Raises NotFoundError."""
    return stories.find_merged_into(tx, story_id) or str(number_of(story_id, "story"))

"""Articles: read, searched, erased."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime

from api.deps import READ, WRITE, Page, PageParams, Services, Wired, cursor_of, filter_id
from api.schemas import RetractionBody
from api.subjects import Budget, go_through
from wirewatch.query import compile_query, parse
from wirewatch.store import erasures, retractions
from wirewatch.store.views import articles
from wirewatch.store.views.archive import get_bounds
from wirewatch.store.views.articles import ArticleFilter, ArticleView, VersionText
from wirewatch.web.bodies import StrictRoute, Text

router = APIRouter(prefix="/v1/articles", tags=["articles"], route_class=StrictRoute)

VersionNumber = Annotated[int, Path(ge=1, le=2_000_000_000)]

# A page of a search reads no more of the archive than this; `next` goes on from there.
SEARCHED_ARTICLES = 2000
SEARCHED_SECONDS = 4.0


class ArticleParams(PageParams):
    """`q` is written in the watch language."""

    q: Text | None = None
    story_id: str | None = None
    source_id: str | None = None
    entity_id: Text | None = None
    topic_id: Text | None = None
    stage: Text | None = None
    lang: Text | None = None
    since: AwareDatetime | None = None

    def wanted(self) -> ArticleFilter:
        return ArticleFilter(
            story_id=filter_id(self.story_id, "story_id"),
            source_id=filter_id(self.source_id, "source_id"),
            entity_id=self.entity_id,
            topic_id=self.topic_id,
            stage=self.stage,
            lang=self.lang,
            since=self.since,
        )


@router.get("", dependencies=[READ])
def list_articles(params: Annotated[ArticleParams, Query()], services: Wired) -> Page[ArticleView]:
    """The newest first. With `q` a page may hold fewer than `limit` although there are more: follow `next`."""
    if params.q is not None:
        return _search(params.q, params, services)
    with services.database.transaction() as tx:
        ids, more = articles.find_page(tx, params.wanted(), before=params.after_number(), limit=params.limit)
        return Page(items=articles.show(tx, ids), next=cursor_of(ids[-1]) if more else None)


@router.get("/{article_id}", dependencies=[READ])
def get_article(article_id: str, services: Wired) -> ArticleView:
    """One article with what was found in it."""
    with services.database.transaction() as tx:
        return articles.get(tx, article_id)


@router.get("/{article_id}/versions/{version}", dependencies=[READ])
def get_version(article_id: str, version: VersionNumber, services: Wired) -> VersionText:
    """One version as it was accepted, and what it changed."""
    with services.database.transaction() as tx:
        return articles.get_version(tx, article_id, version)


@router.put("/{article_id}/retraction", dependencies=[WRITE])
def retract_article(article_id: str, body: RetractionBody, services: Wired) -> ArticleView:
    """Mark an article as taken back: it matches no watch and claims nothing in its story any more."""
    with services.database.transaction() as tx:
        retractions.retract(tx, article_id, body.reason)
        return articles.get(tx, article_id)


@router.delete("/{article_id}/retraction", status_code=204, dependencies=[WRITE])
def lift_retraction(article_id: str, services: Wired) -> None:
    """Let an article stand again, whoever took it back."""
    with services.database.transaction() as tx:
        retractions.lift(tx, article_id)


@router.delete("/{article_id}", status_code=204, dependencies=[WRITE])
def delete_article(article_id: str, services: Wired) -> None:
    """Erase an article, all its versions and every quotation of it."""
    with services.database.transaction() as tx:
        erasures.erase_article(tx, article_id)


def _search(q: str, params: ArticleParams, services: Services) -> Page[ArticleView]:
    query = parse(q)
    budget = Budget(SEARCHED_ARTICLES, SEARCHED_SECONDS)
    with services.database.transaction() as tx:
        compiled = compile_query(query, services.catalogue.names(tx))
        wanted, found = params.wanted(), list[int]()
        lowest, _, _ = get_bounds(tx, wanted)
        last = params.after_number()
        for portion in go_through(tx, [compiled], wanted, budget, before=last):
            last = portion.down_to
            found += [int(one.article.id) for one in portion.subjects if compiled.root.holds(one)]
            if len(found) >= params.limit:
                break
        if len(found) > params.limit:
            found = found[: params.limit]
            last = found[-1]
        more = last is not None and last > lowest
        return Page(items=articles.show(tx, found), next=cursor_of(last) if more else None)

"""Topics: subjects of articles, and the phrases that speak for them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Wired, page_of
from api.schemas import TopicBody, TopicPatch, given
from api.slugs import slug_of
from wirewatch.models import Topic, TopicCue
from wirewatch.store import topics
from wirewatch.web.bodies import StrictRoute

router = APIRouter(prefix="/v1/topics", tags=["topics"], route_class=StrictRoute)


@router.get("", dependencies=[READ])
def list_topics(params: Annotated[PageParams, Query()], services: Wired) -> Page[Topic]:
    """By id."""
    with services.database.transaction() as tx:
        found = topics.list_page(tx, after=params.after(), limit=params.limit + 1)
    return page_of(found, params.limit, lambda topic: topic.id)


@router.post("", status_code=201, dependencies=[WRITE])
def create_topic(body: TopicBody, services: Wired) -> Topic:
    """Given to every article that is accepted after the answer, where its cues speak for it."""
    fields = _values(body.model_dump())
    topic = Topic(**{**fields, "id": body.id or slug_of(body.name), "origin": "user"})
    with services.database.transaction() as tx:
        topics.create(tx, topic)
    return topic


@router.get("/{topic_id}", dependencies=[READ])
def get_topic(topic_id: str, services: Wired) -> Topic:
    with services.database.transaction() as tx:
        return topics.get(tx, topic_id)


@router.patch("/{topic_id}", dependencies=[WRITE])
def update_topic(topic_id: str, body: TopicPatch, services: Wired) -> Topic:
    """Change what is given. An edited built-in topic is left alone by upgrades."""
    with services.database.transaction() as tx:
        return topics.update(tx, topic_id, given(body, "iptc"))


@router.delete("/{topic_id}", status_code=204, dependencies=[WRITE])
def delete_topic(topic_id: str, services: Wired) -> None:
    """From now on no article is given it; a built-in one stays away at upgrades."""
    with services.database.transaction() as tx:
        topics.delete(tx, topic_id)


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    for name in ("cues", "negative_cues"):
        if name in fields:
            fields[name] = tuple(TopicCue(**cue) for cue in fields[name])
    if "required_entity_types" in fields:
        fields["required_entity_types"] = tuple(fields["required_entity_types"])
    return fields

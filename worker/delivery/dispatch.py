"""From updates to deliveries: who hears of which, and in what words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.models import Article, Claim, StoryFacts
from wirewatch.store import analyses, articles, deliveries, stories, targets
from wirewatch.store.deliveries import NewDelivery
from worker.delivery.payload import build_alert_payload
from worker.delivery.told import Told

# Articles and what they claim, by id.
Known = tuple[Mapping[str, Article], Mapping[str, tuple[Claim, ...]]]


def dispatch(tx: Transaction, told: Sequence[Told], api_url: str, now: datetime) -> list[NewMessage]:
    """Write one delivery per endpoint and story, listing the updates it is told of. -> the messages that are due."""
    if not told:
        return []
    enabled = targets.list_enabled_ids(tx)
    facts = stories.get_facts(tx, {one.alert.story_id for one in told})
    article_ids = {id_ for one in told for id_ in one.update.new.article_ids}
    known, claims = articles.get_many(tx, article_ids), analyses.get_claims(tx, article_ids)
    due = []
    for (endpoint_id, story_id), updates in group_by_endpoint(told, enabled).items():
        data = payload_of(story_id, facts[story_id], updates, (known, claims), api_url)
        delivery = NewDelivery(
            endpoint_id=endpoint_id,
            webhook_id=f"msg_{uuid4().hex}",
            body=build_alert_payload(data, now),
            update_ids=tuple(one.update.id for one in updates),
        )
        due.append(NewMessage("DeliveryDue", deliveries.insert(tx, delivery)))
    return due


def group_by_endpoint(told: Iterable[Told], enabled: Sequence[str]) -> dict[tuple[str, str], list[Told]]:
    """-> by (endpoint, story), the updates of watches that name the endpoint, or name none and so mean all."""
    groups: dict[tuple[str, str], list[Told]] = {}
    for one in told:
        wanted = enabled if one.watch.endpoint_ids is None else one.watch.endpoint_ids
        for endpoint_id in enabled:
            if endpoint_id in wanted:
                groups.setdefault((endpoint_id, one.alert.story_id), []).append(one)
    return groups


def payload_of(story_id: str, facts: StoryFacts, told: Sequence[Told], known: Known, api_url: str) -> dict[str, Any]:
    """The `data` of one webhook: everything that a receiver needs to show the alert with its proof."""
    articles_, claims = known
    article_ids = sorted({id_ for one in told for id_ in one.update.new.article_ids}, key=int)
    return {
        "alerts": [_alert(one) for one in told],
        "story": {
            "id": story_id,
            "title": facts.title,
            "sources": facts.sources,
            "independent_sources": facts.independent_sources,
            "first_seen_at": facts.first_seen_at,
            "last_seen_at": facts.last_seen_at,
            "article_ids": facts.article_ids,
            "conflicts": msgspec.to_builtins(facts.conflicts),
        },
        "articles": [_article(articles_[id_]) for id_ in article_ids if id_ in articles_],
        "claims": msgspec.to_builtins([claim for id_ in article_ids for claim in claims.get(id_, ())]),
        "links": {
            "story": f"{api_url}/v1/stories/{story_id}",
            **{f"alert_{one.alert.id}": f"{api_url}/v1/alerts/{one.alert.id}" for one in told},
        },
    }


def _alert(told: Told) -> dict[str, Any]:
    update = told.update.new
    return {
        "id": told.alert.id,
        "watch_id": told.watch.id,
        "watch_name": told.watch.name,
        "story_id": told.alert.story_id,
        "update": {
            "id": told.update.id,
            "seq": update.seq,
            "reason": update.reason,
            "changes": update.changes,
            "article_ids": update.article_ids,
            "created_at": told.update.created_at,
        },
        "evidence": msgspec.to_builtins([one for match in told.matches for one in match.evidence]),
    }


def _article(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "source": article.source_name or article.source_domain,
        "published_at": article.published_at,
    }

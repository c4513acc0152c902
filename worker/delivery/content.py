"""What a delivery says: its alerts with the updates, their stories, and the articles and claims they are about."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from wirewatch.db import Transaction
from wirewatch.models import Article, Claim, StoryFacts
from wirewatch.store import analyses, articles, stories
from wirewatch.stories.facts import EMPTY
from worker.delivery.payload import SEVERAL
from worker.delivery.told import Told


class Known(NamedTuple):
    """By id: the stories' facts, the articles, and what these claim."""

    facts: Mapping[str, StoryFacts]
    articles: Mapping[str, Article]
    claims: Mapping[str, tuple[Claim, ...]]


def read_known(tx: Transaction, told: Sequence[Told]) -> Known:
    """-> the facts of the stories and the articles that the updates are about."""
    if not told:
        return Known({}, {}, {})
    ids = {id_ for one in told for id_ in one.update.new.article_ids}
    facts = stories.get_facts(tx, {one.alert.story_id for one in told})
    return Known(facts, articles.get_many(tx, ids), analyses.get_claims(tx, ids))


def payload_of(told: Sequence[Told], known: Known, api_url: str) -> dict[str, Any]:
    """The `data` of one webhook: everything that a receiver needs to show the alerts with their proof.

    Of a story whose articles were erased, nothing but the id is left.
    Where updates of several stories were gathered, `story` is the first of them and `stories` has all.
    """
    article_ids = sorted({id_ for one in told for id_ in one.update.new.article_ids}, key=int)
    story_ids = dict.fromkeys(one.alert.story_id for one in told)
    shown = [_story(id_, known.facts.get(id_, EMPTY)) for id_ in story_ids]
    return {
        "alerts": [_alert(one) for one in told],
        "story": shown[0],
        **({SEVERAL: shown} if len(shown) > 1 else {}),
        "articles": [_article(known.articles[id_]) for id_ in article_ids if id_ in known.articles],
        "claims": msgspec.to_builtins([claim for id_ in article_ids for claim in known.claims.get(id_, ())]),
        "links": {
            **({"story": f"{api_url}/v1/stories/{shown[0]['id']}"} if shown[0]["id"] in known.facts else {}),
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
        "priority": told.watch.policy.priority,
        "update": {
            "id": told.update.id,
            "seq": update.seq,
            "reason": update.reason,
            "changes": update.changes,
            "article_ids": update.article_ids,
            "created_at": told.update.created_at,
        },
        "evidence": msgspec.to_builtins(told.evidence),
    }


def _story(story_id: str, facts: StoryFacts) -> dict[str, Any]:
    return {
        "id": story_id,
        "title": facts.title,
        "sources": facts.sources,
        "independent_sources": facts.independent_sources,
        "first_seen_at": facts.first_seen_at,
        "last_seen_at": facts.last_seen_at,
        "article_ids": facts.article_ids,
        "conflicts": msgspec.to_builtins(facts.conflicts),
    }


def _article(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "source": article.source_name or article.source_domain,
        "published_at": article.published_at,
    }

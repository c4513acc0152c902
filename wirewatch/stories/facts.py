"""What the articles of a story say together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from wirewatch.models import Article, Claim, StoryFacts
from wirewatch.store.stories import StoryMember
from wirewatch.stories.claims import keys_of
from wirewatch.stories.conflicts import find_conflicts
from wirewatch.stories.headline import best_title, opening_title
from wirewatch.stories.statements import add_statements

# Bounds of what is kept of a story, so that one more article costs the same in a story of ten and of ten thousand.
LISTED_ARTICLES = 100
KEPT_NAMES = 300
KEPT_TITLES = 12
KEPT_HOURS = 72
CLAIMS_OF_A_KIND = 3
KEPT_CLAIMS = 600

EMPTY = StoryFacts("", (), (), 0, None, None)


def facts_of(members: Sequence[StoryMember]) -> StoryFacts:
    """Fold all members, given in order of acceptance (at least one)."""
    return fold(EMPTY, members)


def fold(facts: StoryFacts, joining: Sequence[StoryMember]) -> StoryFacts:
    """The facts with the articles that join, none of which is in the story yet."""
    seen = [member.seen_at for member in joining if member.seen_at is not None]
    origins = _origins(facts.origins, joining)
    titles = _titles(facts.titles, joining)
    entities = _by_count(facts.entity_ids, facts.entity_counts, (member.entity_ids for member in joining))
    topics = _by_count(facts.topic_ids, facts.topic_counts, (member.topic_ids for member in joining))
    claims, claim_counts = _claims(facts, joining)
    stated = add_statements(facts.stated, ((member.article_id, member.statements) for member in joining))
    return StoryFacts(
        title=best_title(titles) or facts.title or opening_title(joining),
        article_ids=(*facts.article_ids, *(member.article_id for member in joining))[-LISTED_ARTICLES:],
        sources=tuple(dict.fromkeys((*facts.sources, *(member.source for member in joining if member.source)))),
        independent_sources=len(set(origins.values())),
        first_seen_at=min((*_known(facts.first_seen_at), *seen), default=None),
        last_seen_at=max((*_known(facts.last_seen_at), *seen), default=None),
        entity_ids=tuple(entities),
        topic_ids=tuple(topics),
        claims=claims,
        conflicts=tuple(find_conflicts(claims, stated)),
        article_count=facts.article_count + len(joining),
        entity_counts=tuple(entities.values()),
        topic_counts=tuple(topics.values()),
        claim_counts=claim_counts,
        origins=origins,
        titles=titles,
        stated=stated,
        hours=_hours(facts.hours, seen),
    )


def can_grow(facts: StoryFacts) -> bool:
    """Whether articles can be folded into these facts; those that an older release stored lack what it takes."""
    return facts.article_count > 0


def seen_at(article: Article) -> datetime | None:
    """When the article entered the news as far as is known."""
    return article.published_at or article.first_seen_at


def _known(value: datetime | None) -> tuple[datetime, ...]:
    return () if value is None else (value,)


def _origins(known: Mapping[str, str], joining: Iterable[StoryMember]) -> dict[str, str]:
    """Of each source one that stands for all whose texts come from one another; an article without one is its own.

    Texts of one source, and texts linked by shared sentences or as copies, count as one.
    """
    roots = dict(known)
    for member in joining:
        own = roots.setdefault(member.origin, member.origin)
        for link in member.linked_origins:
            other = roots.get(link)
            if other is not None and other != own:
                kept, gone = sorted((own, other))
                roots = {origin: kept if root == gone else root for origin, root in roots.items()}
                own = kept
    return roots


def _titles(known: Sequence[str], joining: Iterable[StoryMember]) -> tuple[str, ...]:
    """The first titles that are no copies'."""
    told = (" ".join(member.title.split()) for member in joining if member.duplicate_of is None)
    return tuple(dict.fromkeys((*known, *(title for title in told if title))))[:KEPT_TITLES]


def _by_count(ids: Sequence[str], counts: Sequence[int], joining: Iterable[Sequence[str]]) -> dict[str, int]:
    totals = Counter(dict(zip(ids, counts, strict=True)) if len(ids) == len(counts) else dict.fromkeys(ids, 1))
    for one in joining:
        totals.update(one)
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:KEPT_NAMES])


def _claims(facts: StoryFacts, joining: Iterable[StoryMember]) -> tuple[tuple[Claim, ...], dict[str, int]]:
    """The first claims of each key and status, and of how many articles each is."""
    counts, kept = Counter(facts.claim_counts), list(facts.claims)
    held = Counter(key for claim in kept for key in keys_of(claim))
    for member in joining:
        counts.update({key for claim in member.claims for key in keys_of(claim)})
        for claim in member.claims:
            if len(kept) < KEPT_CLAIMS and any(held[key] < CLAIMS_OF_A_KIND for key in keys_of(claim)):
                kept.append(claim)
                held.update(keys_of(claim))
    return tuple(kept), dict(counts)


def _hours(known: Mapping[str, int], seen: Iterable[datetime]) -> dict[str, int]:
    hours = Counter(known)
    hours.update(at.astimezone(UTC).strftime("%Y-%m-%dT%H:00:00Z") for at in seen)
    return dict(sorted(hours.items())[-KEPT_HOURS:])

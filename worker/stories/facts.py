"""What the articles of a story say together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from wirewatch.models import Analysis, Article, Claim, Conflict, ConflictSide, StoryFacts

ASSERTED = frozenset({"confirmed", "reported", "alleged"})


class Member(NamedTuple):
    """An article of the story with what was found in it and the sentences that can prove lineage."""

    article: Article
    analysis: Analysis
    sentences: frozenset[int]


def facts_of(members: Sequence[Member]) -> StoryFacts:
    """Fold the members, given in order of acceptance (at least one), into the story's facts."""
    times = [seen_at(member.article) for member in members]
    known = [time for time in times if time is not None]
    claims = tuple(claim for member in members for claim in member.analysis.claims)
    return StoryFacts(
        title=best_title(members),
        article_ids=tuple(member.article.id for member in members),
        sources=tuple(dict.fromkeys(name for member in members if (name := source_of(member.article)))),
        independent_sources=count_independent(members),
        first_seen_at=min(known, default=None),
        last_seen_at=max(known, default=None),
        entity_ids=_by_count(
            {mention.entity_id for mention in member.analysis.mentions if mention.entity_id} for member in members
        ),
        topic_ids=_by_count({topic.id for topic in member.analysis.topics} for member in members),
        claims=claims,
        conflicts=tuple(find_conflicts(members)),
    )


def seen_at(article: Article) -> datetime | None:
    """When the article entered the news as far as is known."""
    return article.published_at or article.first_seen_at


def source_of(article: Article) -> str | None:
    return article.source_name or article.source_domain


def best_title(members: Sequence[Member]) -> str:
    """The first title that is no copy's; without titles, the beginning of the first text."""
    for member in sorted(members, key=lambda member: member.article.duplicate_of is not None):
        if title := " ".join(member.article.title.split()):
            return title
    return " ".join(members[0].article.text.split())[:120]


def count_independent(members: Sequence[Member]) -> int:
    """How many texts do not come from one another: groups joined by a shared sentence, a copy or one source."""
    groups: dict[str, str] = {}

    def root(key: str) -> str:
        while groups.setdefault(key, key) != key:
            groups[key] = groups[groups[key]]
            key = groups[key]
        return key

    for article, _, sentences in members:
        own = root(f"article {article.id}")
        links = [f"sentence {hash_}" for hash_ in sentences]
        links += [f"article {article.duplicate_of}"] if article.duplicate_of else []
        links += [f"source {source}"] if (source := source_of(article)) else []
        for link in links:
            groups[root(link)] = root(own)
    return len({root(f"article {member.article.id}") for member in members})


def find_conflicts(members: Sequence[Member]) -> Iterable[Conflict]:
    """Transfers that some articles or parties assert and others deny, each side with its quotes."""
    by_transfer: dict[tuple[str, str], list[tuple[str, Claim]]] = {}
    for member in members:
        for claim in member.analysis.claims:
            if claim.supplier and claim.recipient:
                by_transfer.setdefault((claim.supplier, claim.recipient), []).append((member.article.id, claim))
    for (supplier, recipient), told in by_transfer.items():
        statuses = {claim.status for _, claim in told}
        if "denied" in statuses and statuses & ASSERTED:
            sides: Mapping[str, list[tuple[str, Claim]]] = {
                status: [(id_, claim) for id_, claim in told if claim.status == status] for status in sorted(statuses)
            }
            yield Conflict(
                about=f"{supplier} supplies {recipient}",
                claim_ids=tuple(claim.id for _, claim in told),
                sides=tuple(
                    ConflictSide(
                        status,
                        tuple(dict.fromkeys(id_ for id_, _ in side)),
                        tuple(dict.fromkeys(claim.quote for _, claim in side)),
                    )
                    for status, side in sides.items()
                ),
            )


def _by_count(sets: Iterable[set[str]]) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    for one in sets:
        counts.update(one)
    return tuple(sorted(counts, key=lambda key: (-counts[key], key)))

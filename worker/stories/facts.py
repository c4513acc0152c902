"""What the articles of a story say together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wirewatch.models import Article, Claim, Conflict, ConflictSide, StoryFacts
from wirewatch.store.stories import StoryMember

TITLE_CHARS = 120
ASSERTED = frozenset({"confirmed", "reported", "alleged"})


def facts_of(members: Sequence[StoryMember]) -> StoryFacts:
    """Fold the members, given in order of acceptance (at least one), into the story's facts."""
    known = [member.seen_at for member in members if member.seen_at is not None]
    return StoryFacts(
        title=best_title((member.title, member.opening, member.duplicate_of is not None) for member in members),
        article_ids=tuple(member.article_id for member in members),
        sources=tuple(dict.fromkeys(member.source for member in members if member.source)),
        independent_sources=count_independent(members),
        first_seen_at=min(known, default=None),
        last_seen_at=max(known, default=None),
        entity_ids=_by_count(member.entity_ids for member in members),
        topic_ids=_by_count(member.topic_ids for member in members),
        claims=tuple(claim for member in members for claim in member.claims),
        conflicts=tuple(find_conflicts(members)),
    )


def seen_at(article: Article) -> datetime | None:
    """When the article entered the news as far as is known."""
    return article.published_at or article.first_seen_at


def best_title(told: Iterable[tuple[str, str, bool]]) -> str:
    """From (title, opening of the text, is a copy) of each article: the first title that is no copy's; without titles,
    the beginning of the first text.
    """
    ordered = sorted(told, key=lambda one: one[2])
    titles = (" ".join(title.split()) for title, _, _ in ordered)
    return next((title for title in titles if title), "") or " ".join(ordered[0][1].split())[:TITLE_CHARS]


def count_independent(members: Sequence[StoryMember]) -> int:
    """How many texts do not come from one another: groups joined by shared sentences, a copy or one source."""
    groups: dict[str, str] = {}

    def root(key: str) -> str:
        while groups.setdefault(key, key) != key:
            groups[key] = groups[groups[key]]
            key = groups[key]
        return key

    for member in members:
        own = root(f"article {member.article_id}")
        links = [f"article {id_}" for id_ in member.shares_with]
        links += [f"article {member.duplicate_of}"] if member.duplicate_of else []
        links += [f"source {member.source}"] if member.source else []
        for link in links:
            groups[root(link)] = root(own)
    return len({root(f"article {member.article_id}") for member in members})


def find_conflicts(members: Sequence[StoryMember]) -> Iterable[Conflict]:
    """Transfers that some articles or parties assert and others deny, each side with its quotes."""
    by_transfer: dict[tuple[str, str], list[tuple[str, Claim]]] = {}
    for member in members:
        for claim in member.claims:
            if claim.supplier and claim.recipient:
                by_transfer.setdefault((claim.supplier, claim.recipient), []).append((member.article_id, claim))
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


def _by_count(sets: Iterable[Sequence[str]]) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    for one in sets:
        counts.update(one)
    return tuple(sorted(counts, key=lambda key: (-counts[key], key)))

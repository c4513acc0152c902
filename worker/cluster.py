"""Group articles into stories, online: each article is placed once, among those placed before it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC

from wirewatch.db import Transaction, lock_in_transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.models import Analysis, Article
from wirewatch.store import analyses, articles, stories
from wirewatch.store.stories import StoredVector
from worker.stage import Context, Record
from worker.stories.arguments import Argument
from worker.stories.facts import best_title, seen_at
from worker.stories.place import WINDOW, Neighbourhood, Placed
from worker.stories.refresh import LOCK, refresh_facts
from worker.stories.vector import TermStatistics, Vector, key_terms, vector_of

# Of each batch: the latest placed articles that share a key term with one of it.
NEIGHBOURS = 2000
OPENING_CHARS = 200


def cluster(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    with context.database.transaction() as tx:
        known = articles.get_many(tx, [message.subject_id for message in messages])
        found = analyses.get_many(tx, known)
        vectors = {
            id_: vector_of(
                article,
                found.get(id_, Analysis(lang=None)),
                seen_at(article) or context.clock(),
                context.catalogue.countries(),
            )
            for id_, article in known.items()
        }
        neighbourhood, placement = _read_neighbourhood(tx, vectors)

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        # One placement at a time: two workers never make two stories of one event.
        lock_in_transaction(tx, LOCK)
        neighbourhood.add(_near(tx, neighbourhood, vectors.values(), after=placement))
        current = [known[id_] for id_ in sorted(counting, key=int)]
        before = stories.find_story_ids(tx, _with_originals(current))
        placed = _place(tx, current, vectors, neighbourhood, before)
        _store(tx, placed, vectors, neighbourhood, new=placed.keys() - before.keys())
        changed = refresh_facts(tx, set(placed.values()))
        follow = [NewMessage("ArticlePlaced", article.id, article.version) for article in current]
        asked = changed if context.catalogue.story_watches() else set()
        return follow + [NewMessage("StoryChanged", story_id) for story_id in sorted(asked, key=int)]

    yield Record(messages, write)


def _read_neighbourhood(tx: Transaction, vectors: Mapping[str, Vector]) -> tuple[Neighbourhood, int]:
    """-> the placed articles near the batch, and the number of the last placement they include."""
    placement = stories.get_counter(tx, stories.PLACEMENTS)
    terms = {term for vector in vectors.values() for term in vector.counts}
    neighbourhood = Neighbourhood(TermStatistics(*stories.get_term_counts(tx, terms)))
    neighbourhood.add(_near(tx, neighbourhood, vectors.values(), after=0))
    return neighbourhood, placement


def _near(tx: Transaction, neighbourhood: Neighbourhood, vectors: Iterable[Vector], *, after: int) -> list[Placed]:
    wanted = list(vectors)
    if not wanted:
        return []
    terms = {term for vector in wanted for term in key_terms(neighbourhood.weights(vector))}
    since = min(vector.seen_at for vector in wanted) - WINDOW
    until = max(vector.seen_at for vector in wanted) + WINDOW
    near = stories.find_near(tx, terms, since, until, after=after, limit=NEIGHBOURS)
    return [Placed(_read_vector(row), row.story_id) for row in near]


def _read_vector(row: StoredVector) -> Vector:
    arguments = frozenset(Argument.read(written) for written in row.arguments)
    return Vector(row.article_id, row.seen_at.astimezone(UTC), row.counts, row.transfers, arguments)


def _with_originals(current: Sequence[Article]) -> set[str]:
    return {article.id for article in current} | {article.duplicate_of for article in current if article.duplicate_of}


def _place(
    tx: Transaction,
    current: Sequence[Article],
    vectors: Mapping[str, Vector],
    neighbourhood: Neighbourhood,
    before: Mapping[str, str],
) -> dict[str, str]:
    """-> the story of each article: the one it stands in, its original's, the most similar one, or a new one."""
    placed: dict[str, str] = {}
    for article in current:
        story_id = before.get(article.id)
        if story_id is None and article.duplicate_of:
            story_id = placed.get(article.duplicate_of) or before.get(article.duplicate_of)
        vector = vectors[article.id]
        story_id = story_id or neighbourhood.find_story(vector)
        story_id = story_id or stories.create(tx, best_title([(article.title, article.text[:OPENING_CHARS], False)]))
        neighbourhood.add([Placed(vector, story_id)])
        placed[article.id] = story_id
    return placed


def _store(
    tx: Transaction,
    placed: Mapping[str, str],
    vectors: Mapping[str, Vector],
    neighbourhood: Neighbourhood,
    new: Iterable[str],
) -> None:
    rows = [
        (
            StoredVector(
                id_,
                story_id,
                vectors[id_].seen_at,
                vectors[id_].counts,
                vectors[id_].transfers,
                frozenset(one.written() for one in vectors[id_].arguments),
            ),
            key_terms(neighbourhood.weights(vectors[id_])),
        )
        for id_, story_id in placed.items()
    ]
    stories.upsert_vectors(tx, rows, stories.raise_counter(tx, stories.PLACEMENTS, 1))
    stories.count_terms(tx, [vectors[id_].counts for id_ in new])
    articles.mark_placed(tx, placed.items())

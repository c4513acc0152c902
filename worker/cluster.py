"""Group articles into stories, online: each article is placed once, among those placed before it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from wirewatch.db import Transaction, lock_in_transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.models import Analysis, Article, Statement
from wirewatch.store import analyses, articles, corrections, stories, vectors
from wirewatch.store.stories import StoryMember
from wirewatch.store.vectors import NewVector, StoredVector
from wirewatch.stories import corrections as changes
from wirewatch.stories.facts import seen_at
from wirewatch.stories.headline import opening_title
from wirewatch.stories.refresh import LOCK, join_facts, refresh_facts
from worker.stage import Context, Record
from worker.stories.arguments import Argument
from worker.stories.place import WINDOW, Neighbourhood, Placed, is_vetoed
from worker.stories.statements import statements_of
from worker.stories.vector import TermStatistics, Vector, key_terms, vector_of

# The placed articles that share most key terms: of one article, and of a batch.
NEIGHBOURS_EACH, NEIGHBOURS = 300, 2000
OPENING_CHARS = 200
SHORT_TERMS = 40
# Who merged, in a story's history.
SELF = "cluster"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of an article that is to be placed."""

    article: Article
    analysis: Analysis
    vector: Vector
    statements: Sequence[Statement]


def cluster(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    with context.database.transaction() as tx:
        readings = _read(tx, [message.subject_id for message in messages], context)
        terms = {term for one in readings.values() for term in one.vector.counts}
        placement, counted, holding = vectors.read_ground(tx, terms)
        neighbourhood = Neighbourhood(TermStatistics(counted, holding))
        neighbourhood.add(_near(tx, neighbourhood, readings.values(), after=0))

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        # One placement at a time: two workers never make two stories of one event.
        lock_in_transaction(tx, LOCK)
        current = {id_: readings[id_] for id_ in sorted(counting, key=int)}
        neighbourhood.add(_near(tx, neighbourhood, current.values(), after=placement))
        before = {id_: one.story_id for id_, one in neighbourhood.placed.items()}
        placed = _name_new(tx, current, _place(current.values(), neighbourhood))
        _store(tx, current, placed, neighbourhood, before.keys())
        changed = _fold(tx, current, placed, before)
        follow = [NewMessage("ArticlePlaced", id_, one.article.version) for id_, one in current.items()]
        merged = _merge_twins(tx, current, placed, neighbourhood)
        asked = changed if context.catalogue.story_watches() else set()
        return follow + [NewMessage("StoryChanged", story_id) for story_id in sorted(asked, key=int)] + merged

    yield Record(messages, write)


def _read(tx: Transaction, ids: Sequence[str], context: Context) -> dict[str, Reading]:
    known = articles.get_many(tx, ids)
    found = analyses.get_many(tx, known)
    readings = {}
    for id_, article in known.items():
        analysis = found.get(id_, Analysis(lang=None))
        seen = seen_at(article) or context.clock()
        vector = vector_of(article, analysis, seen, context.catalogue.countries())
        readings[id_] = Reading(article, analysis, vector, _statements(article, analysis))
    return readings


def _statements(article: Article, analysis: Analysis) -> Sequence[Statement]:
    return () if article.retracted else statements_of(article, analysis.claims)


def _near(tx: Transaction, neighbourhood: Neighbourhood, readings: Iterable[Reading], *, after: int) -> list[Placed]:
    """Placed articles that may share a story with these; of these themselves and their originals, those placed."""
    wanted = list(readings)
    if not wanted:
        return []
    terms = {term for one in wanted for term in key_terms(neighbourhood.weights(one.vector))}
    seen = [one.vector.seen_at for one in wanted]
    also = {one.article.id for one in wanted} | {one.article.duplicate_of for one in wanted if one.article.duplicate_of}
    window = (min(seen) - WINDOW, max(seen) + WINDOW)
    limit = min(NEIGHBOURS, NEIGHBOURS_EACH * len(wanted))
    near = vectors.find_near(tx, terms, window, after=after, limit=limit, also=also)
    return [Placed(_as_vector(row), row.story_id, row.weights) for row in near]


def _as_vector(row: StoredVector) -> Vector:
    arguments = frozenset(Argument.read(written) for written in row.arguments)
    return Vector(row.article_id, row.seen_at.astimezone(UTC), row.counts, row.transfers, arguments)


def _place(current: Iterable[Reading], neighbourhood: Neighbourhood) -> dict[str, str]:
    """-> the story of each article: the one it stands in, its original's, the most similar one, or `+` and its own id
    for a new one.

    A copy joins its original unscored, unless it is short and what was edited makes another event of it.
    """
    placed: dict[str, str] = {}
    for reading in current:
        article, vector = reading.article, reading.vector
        known = neighbourhood.placed.get(article.id)
        original = neighbourhood.placed.get(article.duplicate_of or "")
        if known is not None:
            story_id = known.story_id
        elif original is not None and not _tells_otherwise(neighbourhood, vector, original.vector):
            story_id = original.story_id
        else:
            story_id = neighbourhood.find_story(vector) or f"+{article.id}"
        neighbourhood.add([Placed(vector, story_id)])
        placed[article.id] = story_id
    return placed


def _tells_otherwise(neighbourhood: Neighbourhood, vector: Vector, original: Vector) -> bool:
    """A long copy may begin with a sentence of its own; in a few words each one counts."""
    return len(vector.counts) <= SHORT_TERMS and is_vetoed(neighbourhood, vector, [original])


def _name_new(tx: Transaction, current: Mapping[str, Reading], placed: Mapping[str, str]) -> dict[str, str]:
    """The same with the ids of stories that are now made."""
    founders = [id_ for id_, story_id in placed.items() if story_id == f"+{id_}"]
    titles = [opening_title([_member(current[id_], ())]) for id_ in founders]
    made = {f"+{id_}": story_id for id_, story_id in zip(founders, stories.create_all(tx, titles), strict=True)}
    return {id_: made.get(story_id, story_id) for id_, story_id in placed.items()}


def _store(
    tx: Transaction,
    current: Mapping[str, Reading],
    placed: Mapping[str, str],
    neighbourhood: Neighbourhood,
    known: Iterable[str],
) -> None:
    rows = []
    for id_, story_id in placed.items():
        vector = current[id_].vector
        neighbourhood.add([Placed(vector, story_id)])
        arguments = frozenset(one.written() for one in vector.arguments)
        weights = neighbourhood.weights(vector)
        stored = StoredVector(id_, story_id, vector.seen_at, vector.counts, weights, vector.transfers, arguments)
        rows.append(NewVector(stored, key_terms(weights), current[id_].statements, is_first=id_ not in known))
    vectors.place(tx, rows)


def _fold(
    tx: Transaction, current: Mapping[str, Reading], placed: Mapping[str, str], before: Mapping[str, str]
) -> set[str]:
    """Bring the facts of the stories up to date. -> the stories whose known facts changed in what watches ask about."""
    again = {placed[id_] for id_ in current if id_ in before}
    linked: dict[str, set[str]] = {}
    for link in stories.find_links(tx, current):
        if link.story_id == placed[link.article_id]:
            linked.setdefault(link.article_id, set()).add(link.origin)
    joining: dict[str, list[StoryMember]] = {}
    for id_, reading in current.items():
        if placed[id_] not in again:
            joining.setdefault(placed[id_], []).append(_member(reading, sorted(linked.get(id_, ()))))
    changed = join_facts(tx, joining) if joining else set()
    return changed | (refresh_facts(tx, again) if again else set())


def _member(reading: Reading, linked: Sequence[str]) -> StoryMember:
    article, analysis = reading.article, reading.analysis
    return StoryMember(
        article.id,
        article.title,
        article.text[:OPENING_CHARS],
        article.source_name or article.source_domain,
        seen_at(article),
        article.duplicate_of,
        sorted({mention.entity_id for mention in analysis.mentions if mention.entity_id}),
        sorted(topic.id for topic in analysis.topics),
        () if article.retracted else analysis.claims,
        linked,
        reading.statements,
    )


def _merge_twins(
    tx: Transaction, current: Mapping[str, Reading], placed: Mapping[str, str], neighbourhood: Neighbourhood
) -> list[NewMessage]:
    """Merge stories that have grown together, unless somebody parted them."""
    messages: list[NewMessage] = []
    for id_ in placed:
        story_id = neighbourhood.placed[id_].story_id
        twin = neighbourhood.find_twin(current[id_].vector, story_id)
        if twin is None or corrections.are_kept_apart(tx, story_id, twin):
            continue
        into, follow = changes.merge(tx, story_id, twin, by=SELF, note="their articles tell of one event")
        neighbourhood.rename(story_id if into == twin else twin, into)
        messages += follow
    return messages

"""Group articles into stories, online: each article is placed once, among those placed before it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.models import Analysis, Article, Statement
from wirewatch.store import articles, corrections, stories, subjects, vectors
from wirewatch.store.stories import StoryMember
from wirewatch.store.vectors import NearBounds, NewVector, StoredVector
from wirewatch.stories import corrections as changes
from wirewatch.stories.facts import facts_of, seen_at
from wirewatch.stories.refresh import join_facts, refresh_facts
from worker.stage import Context, Record
from worker.stories.arguments import Argument
from worker.stories.part import FEWEST_ARTICLES, LOOK, find_part, may_drift
from worker.stories.place import COMMON_KEY_TERMS, COMPARED, WINDOW, Neighbourhood, Placed, is_vetoed
from worker.stories.statements import statements_of
from worker.stories.vector import TermStatistics, Vector, vector_of

# The placed articles that share most key terms: of each article, and of all in a batch.
NEIGHBOURS_EACH, NEIGHBOURS = 300, 2000
OPENING_CHARS = 200
SHORT_TERMS = 40
# Who merged and split, in a story's history.
SELF = "cluster"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of an article that is to be placed."""

    article: Article
    analysis: Analysis
    vector: Vector
    statements: Sequence[Statement]


def cluster(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    with context.database.statements() as tx:
        readings = _read(tx, [message.subject_id for message in messages], context)
        terms = {term for one in readings.values() for term in one.vector.counts}
        placement, counted, holding = vectors.read_ground(tx, terms)
        neighbourhood = Neighbourhood(TermStatistics(counted, holding))
        settled = _meet(tx, neighbourhood, readings, after=0)

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        # One placement at a time: two workers never make two stories of one event.
        number = vectors.take_placement(tx)
        current = {id_: readings[id_] for id_ in sorted(counting, key=int)}
        still = settled & current.keys()
        if number != placement + 1:
            still = _meet_again(tx, neighbourhood, current, still, after=placement)
        before = {id_: one.story_id for id_, one in neighbourhood.placed.items()}
        stood = frozenset(before.values())
        placed = _place(current.values(), neighbourhood)
        members = _members(tx, current, placed)
        placed = _found_new(tx, placed, members)
        _store(tx, current, placed, neighbourhood, before.keys(), number)
        again = {placed[id_] for id_ in before.keys() & current.keys()}
        changed = _fold(tx, {id_: one for id_, one in members.items() if id_ in stood - again}, again)
        follow = [NewMessage("ArticlePlaced", id_, one.article.version) for id_, one in current.items()]
        scored = [one for id_, one in current.items() if id_ not in still]
        sizes = Counter(placed.values())
        drifting = {id_ for id_, story in placed.items() if story in stood or sizes[story] >= FEWEST_ARTICLES}
        # One whose new version tells of something else leaves as well.
        parted = _part_drifted(tx, [one for one in scored if one.article.id in drifting], neighbourhood)
        merged = _merge_twins(tx, scored, neighbourhood)
        asked = changed if context.catalogue.story_watches() else set()
        return follow + [NewMessage("StoryChanged", story_id) for story_id in sorted(asked, key=int)] + parted + merged

    yield Record(messages, write)


def _read(tx: Transaction, ids: Sequence[str], context: Context) -> dict[str, Reading]:
    readings = {}
    for id_, (article, analysis) in subjects.get_known(tx, ids).items():
        seen = seen_at(article) or context.clock()
        vector = vector_of(article, analysis, seen, context.catalogue.countries())
        readings[id_] = Reading(article, analysis, vector, _statements(article, analysis))
    return readings


def _statements(article: Article, analysis: Analysis) -> Sequence[Statement]:
    return () if article.retracted else statements_of(article, analysis.claims)


def _meet(
    tx: Transaction, neighbourhood: Neighbourhood, readings: Mapping[str, Reading], *, after: int
) -> frozenset[str]:
    """Read who stands near these articles, of those placed after placement `after`, and where they and their originals
    stand. -> the copies that join their original: nobody else needs to be near them.
    """
    if not readings:
        return frozenset()
    originals = {one.article.duplicate_of for one in readings.values() if one.article.duplicate_of}
    if originals:
        neighbourhood.add(_placed(vectors.get_many(tx, originals | readings.keys())))
    settled = frozenset(id_ for id_, one in readings.items() if _original_story(neighbourhood, one) is not None)
    wanted = [one for id_, one in readings.items() if id_ not in settled]
    if wanted:
        terms = {one.article.id: neighbourhood.key_terms(one.vector) for one in wanted}
        seen = [one.vector.seen_at for one in wanted]
        window = (min(seen) - WINDOW, max(seen) + WINDOW)
        limit = min(NEIGHBOURS_EACH, NEIGHBOURS // len(wanted))
        if after:
            most = limit * len(wanted)
            neighbourhood.add(_placed(vectors.find_near_since(tx, terms, window, after=after, limit=most)))
        else:
            near = vectors.find_near(tx, terms, window, bounds=NearBounds(limit, COMPARED, COMMON_KEY_TERMS))
            neighbourhood.unread |= near.others - neighbourhood.placed.keys()
            neighbourhood.add(_placed(near.vectors))
    return settled


def _meet_again(
    tx: Transaction, neighbourhood: Neighbourhood, current: Mapping[str, Reading], settled: Set[str], *, after: int
) -> frozenset[str]:
    """The same for what was placed, moved or erased since placement `after`, where `settled` are those from then."""
    neighbourhood.relocate(vectors.get_story_ids(tx, neighbourhood.placed))
    still = _meet(tx, neighbourhood, current, after=after)
    # Those whose original went away.
    _meet(tx, neighbourhood, {id_: current[id_] for id_ in settled - still}, after=0)
    return still


def _placed(rows: Iterable[StoredVector]) -> list[Placed]:
    return [Placed(_as_vector(row), row.story_id, row.weights, row.key_terms) for row in rows]


def _as_vector(row: StoredVector) -> Vector:
    arguments = frozenset(Argument.read(written) for written in row.arguments)
    return Vector(row.article_id, row.seen_at.astimezone(UTC), {}, row.transfers, arguments)


def _original_story(neighbourhood: Neighbourhood, reading: Reading) -> str | None:
    """The story that a copy joins unscored: its original's, unless it is short and what was edited makes another event
    of it.
    """
    original = neighbourhood.placed.get(reading.article.duplicate_of or "")
    if original is None or _tells_otherwise(neighbourhood, reading.vector, original.vector):
        return None
    return original.story_id


def _place(current: Iterable[Reading], neighbourhood: Neighbourhood) -> dict[str, str]:
    """-> the story of each article: the one it stands in, its original's, the most similar one, or `+` and its own id
    for a new one.
    """
    placed: dict[str, str] = {}
    for reading in current:
        id_, vector = reading.article.id, reading.vector
        known = neighbourhood.placed.get(id_)
        story_id = known.story_id if known is not None else _original_story(neighbourhood, reading)
        placed[id_] = story_id or neighbourhood.find_story(vector) or f"+{id_}"
        neighbourhood.add([Placed(vector, placed[id_])])
    return placed


def _tells_otherwise(neighbourhood: Neighbourhood, vector: Vector, original: Vector) -> bool:
    """A long copy may begin with a sentence of its own; in a few words each one counts."""
    return len(vector.counts) <= SHORT_TERMS and is_vetoed(neighbourhood, vector, [original])


def _members(
    tx: Transaction, current: Mapping[str, Reading], placed: Mapping[str, str]
) -> dict[str, list[StoryMember]]:
    """-> what these articles give to the stories in which they are placed."""
    linked: dict[str, set[str]] = {}
    for link in stories.find_links(tx, current):
        if placed.get(link.other_id, link.story_id) == placed[link.article_id]:
            linked.setdefault(link.article_id, set()).add(link.origin)
    members: dict[str, list[StoryMember]] = {}
    for id_, reading in current.items():
        members.setdefault(placed[id_], []).append(_member(reading, sorted(linked.get(id_, ()))))
    return members


def _found_new(
    tx: Transaction, placed: Mapping[str, str], members: Mapping[str, Sequence[StoryMember]]
) -> dict[str, str]:
    """The same with the ids of stories that are now made."""
    new = [name for name in members if name.startswith("+")]
    made = dict(zip(new, stories.create_all(tx, [facts_of(members[name]) for name in new]), strict=True))
    return {id_: made.get(story_id, story_id) for id_, story_id in placed.items()}


def _store(
    tx: Transaction,
    current: Mapping[str, Reading],
    placed: Mapping[str, str],
    neighbourhood: Neighbourhood,
    known: Iterable[str],
    number: int,
) -> None:
    rows = []
    for id_, story_id in placed.items():
        vector = current[id_].vector
        neighbourhood.add([Placed(vector, story_id)])
        arguments = frozenset(one.written() for one in vector.arguments)
        weights, keys = neighbourhood.weights(vector), neighbourhood.key_terms(vector)
        stored = StoredVector(id_, story_id, vector.seen_at, weights, keys, vector.transfers, arguments)
        rows.append(NewVector(stored, current[id_].statements, is_first=id_ not in known))
    vectors.place(tx, rows, number)


def _fold(tx: Transaction, joining: Mapping[str, Sequence[StoryMember]], again: Set[str]) -> set[str]:
    """Bring the facts of stories up to date that were there before: those that articles only join, and those that
    are folded `again`, since one of their articles stood there with what it said before.

    -> the stories whose known facts changed in what watches ask about.
    """
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


def _part_drifted(tx: Transaction, read: Iterable[Reading], neighbourhood: Neighbourhood) -> list[NewMessage]:
    """Split stories that have drifted, unless somebody merged what is in them."""
    stories_of = {one.article.id: neighbourhood.placed[one.article.id].story_id for one in read}
    latest = vectors.find_latest(tx, set(stories_of.values()), LOOK) if stories_of else {}
    messages: list[NewMessage] = []
    for article_id, story_id in stories_of.items():
        others = set(latest.get(story_id, ())) - {article_id}
        if near := others & neighbourhood.unread:
            neighbourhood.add(_placed(vectors.get_many(tx, near)))
        known = [neighbourhood.placed[id_].vector for id_ in others & neighbourhood.placed.keys()]
        joining = neighbourhood.placed[article_id].vector
        if not may_drift(neighbourhood, joining, known, unlike=len(others) - len(known)):
            continue
        if corrections.was_merged_by_others(tx, story_id, SELF):
            continue
        neighbourhood.add(_placed(vectors.get_many(tx, others - neighbourhood.placed.keys())))
        here = [neighbourhood.placed[id_] for id_ in latest[story_id]]
        part = find_part(neighbourhood, [one.vector for one in here if one.story_id == story_id])
        if part:
            messages += _part(tx, story_id, {one.article_id for one in part}, neighbourhood)
    return messages


def _part(tx: Transaction, story_id: str, leaving: set[str], neighbourhood: Neighbourhood) -> list[NewMessage]:
    """Copies go with their originals."""
    members = set(stories.get_members(tx, [story_id])[story_id])
    leaving |= members & {copy for copy, _, _ in articles.find_copies(tx, leaving)}
    new_id, follow = changes.split(
        tx, story_id, sorted(leaving), by=SELF, note="two groups of its articles name nothing alike in unlike words"
    )
    moved = leaving if len(leaving) <= len(members) - len(leaving) else members - leaving
    neighbourhood.move(moved, new_id)
    return follow


def _merge_twins(tx: Transaction, joined: Iterable[Reading], neighbourhood: Neighbourhood) -> list[NewMessage]:
    """Merge stories that have grown together, unless somebody parted them."""
    messages: list[NewMessage] = []
    for one in joined:
        story_id = neighbourhood.placed[one.article.id].story_id
        rivals = neighbourhood.find_rivals(one.vector, story_id)
        if rivals and neighbourhood.unread:
            here = vectors.get_of_stories(tx, neighbourhood.unread, {story_id, *rivals})
            neighbourhood.add(_placed(here))
        twin = neighbourhood.find_twin(one.vector, story_id) if rivals else None
        if twin is None or corrections.are_kept_apart(tx, story_id, twin):
            continue
        into, follow = changes.merge(tx, story_id, twin, by=SELF, note="their articles tell of one event")
        neighbourhood.rename(story_id if into == twin else twin, into)
        messages += follow
    return messages

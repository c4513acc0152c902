"""Who stands near an article, and of whom the vector is read."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ingest.receive import receive
from tests.factories import submission
from wirewatch.db import Database
from wirewatch.store import stories, vectors
from wirewatch.store.receipts import Receipt
from wirewatch.store.vectors import NearBounds, NewVector, StoredVector

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
WINDOW = (AT - timedelta(days=10), AT + timedelta(days=10))
BOUNDS = NearBounds(limit=10, compared=2, fewest=2)


def place(database: Database, *key_terms: str, at: datetime = AT) -> StoredVector:
    with database.transaction() as tx:
        number = vectors.read_ground(tx, ()).articles + 1
        story_id = stories.create(tx, "A story")
    (receipt,) = receive(database, [submission(number)])
    assert isinstance(receipt, Receipt)
    weights = dict.fromkeys(key_terms, 0.5)
    vector = StoredVector(receipt.id, story_id, at, weights, key_terms, frozenset(), frozenset())
    with database.transaction() as tx:
        vectors.place(tx, [NewVector(vector, (), is_first=True)], vectors.take_placement(tx))
    return vector


def find(
    database: Database, wanted: dict[str, Sequence[str]], bounds: NearBounds = BOUNDS
) -> tuple[set[str], set[str]]:
    with database.transaction() as tx:
        near = vectors.find_near(tx, wanted, WINDOW, bounds=bounds)
    return {one.article_id for one in near.vectors}, near.others


def test_vectors_are_read_of_those_that_share_most_and_ids_of_the_others(database: Database) -> None:
    three, two, also_two = (place(database, *terms.split()) for terms in ("dam flood olza", "dam flood", "flood olza"))
    one = place(database, "dam", "strike")
    place(database, "strike")
    place(database, "dam", "flood", at=AT - timedelta(days=11))
    read, others = find(database, {"0": ("dam", "flood", "olza")})
    # Of equals the latest.
    assert read == {three.article_id, also_two.article_id}
    assert others == {two.article_id, one.article_id}


def test_each_article_of_a_batch_is_compared_with_its_own_neighbours(database: Database) -> None:
    floods = [place(database, "dam", "flood", "olza") for _ in range(3)]
    strike = place(database, "dam", "strike")
    read, others = find(database, {"0": ("dam", "flood", "olza"), strike.article_id: ("dam", "strike")})
    assert read == {strike.article_id, *(one.article_id for one in floods[1:])}
    assert others == {floods[0].article_id}


def test_what_is_read_is_what_was_stored(database: Database) -> None:
    stored = place(database, "dam", "flood")
    with database.transaction() as tx:
        (near,) = vectors.find_near(tx, {"0": ("dam", "flood")}, WINDOW, bounds=BOUNDS).vectors
        (known,) = vectors.get_of_stories(tx, [stored.article_id], [stored.story_id])
        assert not vectors.get_of_stories(tx, [stored.article_id], ["0"])
    assert near == known == stored._replace(key_terms=["dam", "flood"])

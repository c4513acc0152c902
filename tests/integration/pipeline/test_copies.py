"""Copies, lineage, versions, retraction and erasure on real rows, by the real stages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from ingest.receive import Submission, receive
from tests.factories import make_watch
from tests.pipeline import make_context, run_until_done
from tests.texts import FERRY
from wirewatch.db import Database
from wirewatch.models import Article, StoryFacts, VersionChanges
from wirewatch.store import articles, erasures, fingerprints, matches, retractions
from wirewatch.store.fingerprints import StoredFingerprint
from wirewatch.store.receipts import Receipt
from wirewatch.store.views import articles as views
from wirewatch.store.views import deliveries
from wirewatch.store.views.deliveries import DeliveryFilter
from worker import ledger
from worker.copies.relations import mates
from worker.pipeline import STAGES
from worker.retention import Retention

QUARRY = (
    "Engineers began to drain the old quarry above Ostrava on Monday after cracks had opened in its northern wall. "
    "Forty families in the valley below were told to sleep elsewhere until the water had fallen by ten metres. The "
    "owner of the quarry, which closed nine years ago, could not be reached, and the council will pay for the pumps."
)
SHARED = "The captain told investigators that a buoy marking the channel had drifted half a mile during the storm."
OWN = (
    "Fishermen brought ninety people ashore on Sunday night. Their ship, on its way to the islands, lay on the sand "
    f"until morning (AP). {SHARED} Divers will look at the hull when the sea is calm."
)


def post(database: Database, *texts: str, **fields: Any) -> list[str]:
    """-> ids; equal places in the argument list are versions of one article."""
    submissions = [
        Submission(
            **{
                "text": body,
                "title": f"Title {place}",
                "source_name": f"Outlet {place}",
                "external_id": str(place),
                **fields,
            }
        )
        for place, body in enumerate(texts)
    ]
    return [answer.id for answer in receive(database, submissions) if isinstance(answer, Receipt)]


def dedupe(database: Database) -> None:
    """Run the one stage on all that waits for it."""
    with database.transaction() as tx:
        ids = list(tx.execute(text("SELECT id FROM messages WHERE type = 'ArticleReceived' ORDER BY id")).scalars())
    ledger.run(STAGES["dedupe"], ids, make_context(database), "test:1")


def originals(database: Database, ids: list[str]) -> list[str | None]:
    with database.transaction() as tx:
        found = articles.get_many(tx, ids)
    return [found[id_].duplicate_of for id_ in ids]


@pytest.mark.parametrize("together", [True, False])
def test_copies_in_a_batch_and_one_by_one(database: Database, together: bool) -> None:
    texts = [FERRY, QUARRY, FERRY.upper(), f"{QUARRY} {FERRY} {QUARRY}", " ".join(FERRY.split()[:45]), "", ""]
    ids: list[str] = []
    for place, body in enumerate(texts):
        ids += post(database, body, external_id=str(place), source_name=f"Outlet {place}")
        if not together:
            dedupe(database)
    dedupe(database)
    assert originals(database, ids) == [None, None, ids[0], ids[0], ids[0], None, None]


def test_briefs_are_copies_of_their_equals_within_two_days(database: Database) -> None:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    ids = []
    for place, days in enumerate((0, 1, 30, 31)):
        ids += post(
            database,
            "",
            title="Governor of Marrow resigns",
            external_id=str(place),
            published_at=at + timedelta(days=days),
        )
        dedupe(database)
    assert originals(database, ids) == [None, ids[0], None, ids[2]]


def test_shared_sentences_are_kept_with_their_spans_and_their_agency(database: Database) -> None:
    ids = post(database, FERRY, OWN)
    run_until_done(make_context(database))
    with database.transaction() as tx:
        (first,), (second,) = (views.show(tx, [int(id_)]) for id_ in ids)
        facts = tx.execute(
            text("SELECT facts FROM stories WHERE id = :id"), {"id": int(first.story_id or 0)}
        ).scalar_one()
    assert first.duplicate_of is second.duplicate_of is None
    for ours, theirs in ((first, second), (second, first)):
        (link,) = ours.lineage
        (sentence,) = link.sentences
        assert (link.article_id, link.agency, sentence.text) == (theirs.id, "Associated Press", SHARED)
        assert theirs.text[sentence.other_start : sentence.other_end] == SHARED
    assert first.story_id == second.story_id
    assert msgspec.convert(facts, StoryFacts).independent_sources == 1


def test_a_closing_line_under_a_hundred_articles_makes_none_of_them_a_candidate(database: Database) -> None:
    line = "Readers may write to the editors of this paper at the old customs house by the northern harbour gate."
    with database.transaction() as tx:
        tx.execute(
            text("""
            INSERT INTO articles (identity, title, text, content_hash)
            SELECT convert_to(n::text, 'UTF8'), '', '', '' FROM generate_series(1, 100) n
        """)
        )
    (probe,) = post(database, f"{FERRY} {line}")
    dedupe(database)
    with database.transaction() as tx:
        tx.execute(
            text("""
                INSERT INTO fingerprints (article_id, version, folded_hash, bands, sentences)
                SELECT a.id, 1, '', '{}', f.sentences[array_length(f.sentences, 1) - 2:]
                FROM articles a CROSS JOIN fingerprints f WHERE f.article_id = :probe AND a.id <> :probe
            """),
            {"probe": int(probe)},
        )
    copy, other = post(database, f"{FERRY} {line}", f"{QUARRY} {line}", external_id=None, source_name="Copier")
    dedupe(database)
    assert originals(database, [copy, other]) == [probe, None]
    with database.transaction() as tx:
        assert tx.execute(text("SELECT count(*) FROM lineages")).scalar_one() == 0


def test_one_sentence_key_is_chance_whatever_stands_under_both_articles(database: Database) -> None:
    line, own = [1, 2, 3], list(range(100, 130))
    held = [line] * fingerprints.HOLDERS + [own[:1] + line, own[5:7] + line]
    ids = post(database, *map(str, range(len(held) + 1)))
    stored = [
        StoredFingerprint(id_, 1, id_.encode(), [], keys) for id_, keys in zip(ids, [*held, own + line], strict=True)
    ]
    with database.transaction() as tx:
        fingerprints.upsert_all(tx, stored[:-1])
        met = fingerprints.find_candidates(tx, stored[-1:], limit=10)
    assert met.common == set(line)
    assert [one.other for one in met.candidates] == ids[-2:-1]
    known = {id_: Article(id_, 1, "", "") for id_ in ids}
    assert [one.other for one in mates(stored[-3:], known, met.common) if one.article_id == ids[-1]] == ids[-2:-1]


def test_a_passage_that_very_many_print_leads_to_the_first_who_did(database: Database) -> None:
    passage = QUARRY.replace("Engineers", "Miners")
    texts = [
        f"Clerk {n} of parish {n} wrote to all {n} of them about the rye of field {n}. {passage}" for n in range(68)
    ]
    first = post(database, *texts[:66])
    dedupe(database)
    assert count_common(database) == 0
    ids = [post(database, body, external_id=body[:20])[0] for body in texts[66:]]
    for id_ in ids:
        ledger.run(STAGES["dedupe"], messages_of(database, id_), make_context(database), "test:1")
    # What was noted when the first of the two came led the second one to the same articles.
    assert count_common(database) > 0
    before, after = (shared_with(database, id_) for id_ in ids)
    assert before == after - {ids[0]} != set()

    with database.transaction() as tx:
        erasures.erase_article(tx, first[0])
    assert count_common(database) == 0


def count_common(database: Database) -> int:
    with database.transaction() as tx:
        return int(tx.execute(text("SELECT count(*) FROM common_sentences")).scalar_one())


def messages_of(database: Database, article_id: str) -> list[int]:
    with database.transaction() as tx:
        query = text("SELECT id FROM messages WHERE type = 'ArticleReceived' AND subject_id = :id")
        return list(tx.execute(query, {"id": int(article_id)}).scalars())


def shared_with(database: Database, article_id: str) -> set[str]:
    """Whose copy it is, or with whom it shares sentences."""
    with database.transaction() as tx:
        query = text("""
            SELECT other_id FROM lineages WHERE article_id = :id
            UNION SELECT duplicate_of FROM articles WHERE id = :id AND duplicate_of IS NOT NULL
        """)
        return {str(id_) for id_ in tx.execute(query, {"id": int(article_id)}).scalars()}


def test_a_new_version_tells_what_it_changed_and_its_copies_find_another_original(database: Database) -> None:
    ids = post(database, FERRY, f"Again: {FERRY}", f"Once more: {FERRY}")
    run_until_done(make_context(database))
    assert originals(database, ids) == [None, ids[0], ids[0]]

    assert post(database, QUARRY) == ids[:1]
    run_until_done(make_context(database))

    assert originals(database, ids) == [None, None, ids[1]]
    with database.transaction() as tx:
        shown = views.get(tx, ids[0])
        assert views.get_version(tx, ids[0], 1).text == FERRY
    changes = [version.changes for version in shown.versions]
    assert changes[0] is None
    assert isinstance(changes[1], VersionChanges)
    assert "".join(span.text for span in changes[1].removed).startswith("The night ferry")
    assert all(QUARRY[span.start : span.end] == span.text for span in changes[1].added)


def test_what_is_taken_back_matches_nothing_until_it_stands_again(database: Database) -> None:
    make_watch(database, "ferries", "ferry")
    (article_id,) = post(database, FERRY)
    context = make_context(database)
    run_until_done(context)

    def matched() -> int:
        run_until_done(context)
        with database.transaction() as tx:
            return len(matches.get_matches(tx, [article_id]))

    assert matched() == 1
    with database.transaction() as tx:
        retractions.retract(tx, article_id, "invented")
    assert matched() == 0
    with database.transaction() as tx:
        retractions.lift(tx, article_id)
    assert matched() == 1
    post(database, FERRY, title="RETRACTED: Ferry aground")
    assert matched() == 0
    with database.transaction() as tx:
        assert (retraction := views.get(tx, article_id).retraction) is not None
    assert (retraction.by, retraction.reason) == ("publisher", "RETRACTED: Ferry aground")
    post(database, FERRY)
    assert matched() == 1


def everything_stored(database: Database) -> str:
    """All rows of all tables as text, but for the knowledge base and words that are only counted."""
    with database.transaction() as tx:
        names = tx.execute(
            text(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('terms', 'entities')"
            )
        ).scalars()
        rows = [row for name in list(names) for row in tx.execute(text(f'SELECT t.* FROM "{name}" t'))]
    return "\n".join(
        bytes(value).decode("utf-8", "replace") if isinstance(value, (bytes, memoryview)) else str(value)
        for row in rows
        for value in row
    )


def test_nothing_that_is_stored_quotes_an_erased_article(database: Database) -> None:
    make_watch(database, "ferries", "ferry OR sand")
    with database.transaction() as tx:
        tx.execute(text("INSERT INTO endpoints (name, url, shown_url, secrets) VALUES ('e', '', '', '[]')"))
    ids = post(database, FERRY, OWN)
    context = make_context(database)
    run_until_done_but_delivering(database)
    assert "fishing boats before the tide" in everything_stored(database)
    assert "Title 0" in everything_stored(database)
    assert redacted_at(database) is None

    with database.transaction() as tx:
        erasures.erase_article(tx, ids[0])
    left = everything_stored(database)
    assert "fishing boats before the tide" not in left
    assert "Title 0" not in left
    assert "Fishermen brought ninety people ashore" in left
    assert redacted_at(database) is not None
    run_until_done_but_delivering(database)
    assert context.database is database


def redacted_at(database: Database) -> datetime | None:
    """Of the first delivery."""
    with database.transaction() as tx:
        *_, first = deliveries.find_ids(tx, DeliveryFilter(), before=None, limit=10)
        return deliveries.show(tx, [first])[0].redacted_at


def run_until_done_but_delivering(database: Database) -> None:
    """Deliveries stay as they were made: nobody listens here."""
    context = make_context(database)
    for name in ("dedupe", "extract", "cluster", "match", "rematch", "alert"):
        with database.transaction() as tx:
            query = text("SELECT id FROM messages WHERE type = :type ORDER BY id")
            waiting = list(tx.execute(query, {"type": STAGES[name].takes}).scalars())
        ledger.run(STAGES[name], waiting, context, "test:1")


def test_old_articles_go_in_batches_and_their_copies_get_another_original(database: Database) -> None:
    ids = post(database, FERRY, f"Again: {FERRY}", f"Once more: {FERRY}")
    run_until_done(make_context(database))
    now = datetime.now(UTC)
    with database.transaction() as tx:
        tx.execute(
            text("UPDATE articles SET first_seen_at = :at WHERE id = :id"),
            {"at": now - timedelta(days=8), "id": int(ids[0])},
        )
    assert Retention(database, lambda: now, None).run_round() == 0
    assert Retention(database, lambda: now, 9).run_round() == 0
    assert Retention(database, lambda: now, 7).run_round() == 1
    run_until_done(make_context(database))

    assert originals(database, ids[1:]) == [None, ids[1]]
    with database.transaction() as tx:
        ((facts,),) = tx.execute(text("SELECT facts FROM stories")).all()
    assert list(msgspec.convert(facts, StoryFacts).article_ids) == ids[1:]

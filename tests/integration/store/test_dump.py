"""A backup: what PostgreSQL's own tools write and restore, made in the middle of the flow."""

import subprocess
from pathlib import Path

from sqlalchemy import text

from ingest.receive import Submission, receive
from tests.factories import make_watch
from tests.pipeline import make_context, run_until_done
from tests.texts import FERRY, FERRY_AGAIN
from wirewatch import migrate, outbox
from wirewatch.db import Database
from wirewatch.stack import postgres
from wirewatch.store import articles, erasures
from wirewatch.store.receipts import Receipt
from wirewatch.store.views import stories, story_pages
from wirewatch.stories import corrections

STRIKE = "Harbour pilots in Gdansk began a strike for higher wages, and forty ships waited at anchor off the port."


def post(database: Database, body: str, outlet: str) -> str:
    (answer,) = receive(database, [Submission(text=body, title="", source_name=outlet, external_id=outlet)])
    assert isinstance(answer, Receipt)
    return answer.id


def rows_by_table(database: Database) -> dict[str, int]:
    with database.transaction() as tx:
        tables = tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        return {table: tx.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() for table in tables}


def dump_and_restore(source: str, target: str, path: Path) -> None:
    """By the commands of docs/operations.md."""
    tools = postgres.programs()
    dump = [str(tools / "pg_dump"), "-Fc", "-f", str(path), source]
    restore = [str(tools / "pg_restore"), "-d", target, "--exit-on-error", str(path)]
    for command in (dump, restore):
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def test_a_restored_database_goes_on_where_the_dump_was_made(
    database: Database, empty_database_url: str, tmp_path: Path
) -> None:
    make_watch(database, "ferries", "ferry")
    context = make_context(database)
    first, other, strike = (post(database, FERRY, "A"), post(database, FERRY_AGAIN, "B"), post(database, STRIKE, "C"))
    run_until_done(context)
    with database.transaction() as tx:
        placed = articles.get_many(tx, [first, strike])
        kept, gone = placed[first].story_id or "", placed[strike].story_id or ""
        _, follow = corrections.merge(tx, kept, gone, by="test", note="a trial")
        outbox.put(tx, follow)
    waiting = post(database, f"Reprinted: {FERRY}", "D")

    dump_and_restore(database.url, empty_database_url, tmp_path / "wirewatch.dump")
    restored = Database(empty_database_url)
    try:
        migrate.upgrade(restored)
        assert rows_by_table(restored) == rows_by_table(database)
        again = make_context(restored)
        run_until_done(again)

        # What waited is done, by the indexes that were restored; what a person decided holds; what is erased goes.
        with restored.transaction() as tx:
            found = articles.get_many(tx, [first, other, strike, waiting])
            assert found[waiting].duplicate_of == first
            assert {one.story_id for one in found.values()} == {kept}
            assert stories.find_merged_into(tx, gone) == kept
            assert [event.note for event in story_pages.get(tx, kept, again.clock()).history] == ["a trial"]
            assert tx.execute(text("SELECT count(*) FROM messages")).scalar_one() == 0
            erasures.erase_article(tx, first)
        run_until_done(again)
        with restored.transaction() as tx:
            assert articles.get_many(tx, [waiting])[waiting].duplicate_of is None
    finally:
        restored.close()

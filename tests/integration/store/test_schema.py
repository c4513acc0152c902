"""The migrations and the tables are the same schema, and what is stored comes back as it was given."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from wirewatch.data import load_entities
from wirewatch.db import Database
from wirewatch.migrate import is_migrated, upgrade
from wirewatch.store import entities, revisions
from wirewatch.store.tables import metadata


def test_the_migrations_make_the_tables(database: Database) -> None:
    with database.transaction() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []
        assert is_migrated(tx)


def test_built_in_entities_keep_the_order_in_which_the_better_known_come_first(database: Database) -> None:
    with database.transaction() as tx:
        stored = entities.list_all(tx)
    assert stored == load_entities()


def test_another_start_changes_nothing(database: Database) -> None:
    with database.transaction() as tx:
        before = revisions.get_revisions(tx)
    upgrade(database)
    with database.transaction() as tx:
        assert revisions.get_revisions(tx) == before

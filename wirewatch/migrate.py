"""Brings a database to this version's schema and refreshes the built-in entities and topics."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from wirewatch.data import load_entities, load_topics
from wirewatch.db import Database, Transaction, lock_in_transaction
from wirewatch.store import entities, topics, updates


def alembic_config(tx: Transaction) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("wirewatch.migrations")))
    config.attributes["connection"] = tx
    return config


def upgrade(database: Database) -> None:
    """Safe to run from several processes at once, and at every start: users' edits of built-ins stay.

    A database that came from a dump is made ready to be read in order again.
    """
    with database.transaction() as tx:
        lock_in_transaction(tx, "migrate")
        command.upgrade(alembic_config(tx), "head")
        updates.settle_foreign(tx)
    with database.transaction() as tx:
        lock_in_transaction(tx, "migrate")
        entities.upsert_builtin(tx, load_entities())
        topics.upsert_builtin(tx, load_topics())


def is_migrated(tx: Transaction) -> bool:
    """Whether the schema is the one that this code was written for."""
    script = ScriptDirectory.from_config(alembic_config(tx))
    return MigrationContext.configure(tx).get_current_revision() == script.get_current_head()

"""`wirewatch migrate`."""

from wirewatch.cli.output import say
from wirewatch.cli.target import get_database_url
from wirewatch.settings import Settings


def migrate() -> None:
    """Bring the database to this version's schema and refresh built-in entities and topics."""
    # Imported here because SQLAlchemy takes long to load, which commands that speak HTTP need not wait for.
    from wirewatch.db import Database
    from wirewatch.migrate import upgrade

    database = Database(get_database_url(Settings()), pool_size=1)
    try:
        upgrade(database)
    finally:
        database.close()
    say("The database is up to date.")

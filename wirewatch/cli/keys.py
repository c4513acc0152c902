"""`wirewatch keys`: works on the database itself, since the first key cannot be made with a key."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from wirewatch.cli.output import cell, say, show_table
from wirewatch.cli.target import get_database_url
from wirewatch.errors import StartError
from wirewatch.secretbox import SecretBox
from wirewatch.settings import Settings
from wirewatch.stack.datadir import DataDir

if TYPE_CHECKING:
    from wirewatch.db import Transaction

app = typer.Typer(help="Make, list and revoke API keys; renew the key of stored secrets.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[str], typer.Option(help="ingest, read, write or admin; may be given several times.")],
) -> None:
    """Make a key and show it, once."""
    from wirewatch.store import keys

    with transaction() as tx:
        key, plaintext = keys.create(tx, name, scope)
    say(f"Key {key.id} ({', '.join(key.scopes)}), shown only now:", style="dim")
    say(plaintext)


@app.command("list")
def list_() -> None:
    """Show all keys, never their secret part."""
    from wirewatch.store import keys

    with transaction() as tx:
        found = keys.list_all(tx)
    rows = (
        (key.id, key.name, key.prefix + "…", ", ".join(key.scopes), _time(key.created_at), _time(key.revoked_at))
        for key in found
    )
    show_table(("id", "name", "begins", "scopes", "created", "revoked"), rows)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="The id, as `keys list` shows it.")]) -> None:
    """From now on the key opens nothing."""
    from wirewatch.store import keys

    with transaction() as tx:
        key = keys.revoke(tx, key_id)
    say(f"Key {key.id} ({key.name}) is revoked.")


@app.command()
def reseal() -> None:
    """Put stored secrets under the first key of WIREWATCH_SECRET_KEY, so that the others can be dropped."""
    from wirewatch.store.resealing import reseal as reseal_all

    settings = Settings()
    keys = settings.secret_key.get_secret_value() if settings.secret_key else find_local_secret_key(settings)
    with transaction() as tx:
        done = reseal_all(tx, SecretBox.from_keys(keys))
    say(f"{done.rows} endpoints and feeds have their secrets under the newest key.")
    if done.lost:
        say(f"No key of WIREWATCH_SECRET_KEY opens the secrets of {', '.join(done.lost)}.", style="red")
        raise typer.Exit(1)


def find_local_secret_key(settings: Settings) -> str:
    """The local stack's. Raises StartError where there is none."""
    try:
        return DataDir(settings.data_dir).secret_key.read_text().strip()
    except OSError:
        raise StartError("There is no key: set WIREWATCH_SECRET_KEY, or start `wirewatch up` once.") from None


@contextmanager
def transaction() -> Iterator["Transaction"]:
    from wirewatch.db import Database

    database = Database(get_database_url(Settings()), pool_size=1)
    try:
        with database.transaction() as tx:
            yield tx
    finally:
        database.close()


def _time(value: object) -> str:
    return cell(value.isoformat()) if hasattr(value, "isoformat") else ""

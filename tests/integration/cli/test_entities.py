"""`wirewatch entities` against a running API."""

from pathlib import Path

import msgspec
from typer.testing import CliRunner, Result

from tests.factories import BOOTSTRAP_KEY
from wirewatch.cli import app
from wirewatch.db import Database
from wirewatch.store import entities, revisions

PERSON = {
    "id": "Q17",
    "caption": "Ada Marlowe",
    "schema": "Person",
    "properties": {"alias": ["Ада Марлоу"], "country": ["ke"], "weakAlias": ["Marlowe"]},
}


def run(address: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--api", address, "--key", BOOTSTRAP_KEY, "entities", *arguments])


def test_a_file_is_imported_told_of_and_exported_again(database: Database, address: str, tmp_path: Path) -> None:
    path = tmp_path / "entities.ftm.json"
    records = [PERSON, {"id": "!", "schema": "Person", "properties": {"name": ["Bo Holm"]}}, {"schema": "Address"}]
    records += [{"id": "Q18", "schema": "Company", "properties": {}}, {**PERSON, "caption": "Twice Told"}]
    path.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records) + b"{\n")

    first = run(address, "import", str(path))
    assert first.exit_code == 1
    assert "1 created, 4 refused" in first.stdout
    assert "1 Address" in first.stdout
    assert [line.split(":")[0].strip() for line in first.stderr.splitlines()] == [
        "line 2",
        "line 4",
        "line 5",
        "line 6",
    ]
    with database.transaction() as tx:
        known, before = entities.get(tx, "Q17"), revisions.get_revisions(tx)
    assert (known.name, known.aliases, known.short_names) == ("Ada Marlowe", ("Ада Марлоу",), ("Marlowe",))
    assert (known.country, known.origin) == ("kenya", "user")

    assert "1 unchanged" in run(address, "import", str(path)).stdout
    with database.transaction() as tx:
        assert revisions.get_revisions(tx) == before  # nothing changed: no worker reads anything again

    table = tmp_path / "own.csv"
    assert run(address, "export", str(table), "--own").exit_code == 0
    table.write_text(table.read_text("utf-8").replace("Ada Marlowe", "Ada Q. Marlowe"), "utf-8")
    assert "1 updated" in run(address, "import", str(table)).stdout
    with database.transaction() as tx:
        assert entities.get(tx, "Q17").name == "Ada Q. Marlowe"
    assert "Q. Marlowe" in run(address, "list", "marlowe").stdout
    assert '"Q17"' in run(address, "export", "-", "--own", "--format", "ftm").stdout
    assert run(address, "import", str(path), "--format", "xml").exit_code == 1

"""Files of entities: what is read from each format, what is refused, and that what is written can be read."""

import io
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.data import load_entities
from wirewatch.entity_files import FileFormat, Record, Skipped, Unread, read_entities, write_entities
from wirewatch.entity_files.follow_the_money import country_ids
from wirewatch.errors import InvalidInputError

ENTITY: dict[str, Any] = {
    "id": "ada-marlowe",
    "name": "Ada Marlowe",
    "type": "person",
    "aliases": ["A. Marlowe", "Ада Марлоу"],
    "short_names": ["Marlowe"],
    "demonyms": [],
    "metonyms": [],
    "titles": ["Minister"],
    "country": "kenya",
    "category": None,
    "description": "says “no”, and\nmeans it",
    "origin": "user",
}
PERSON = {
    "id": "Q1",
    "caption": "Ada Marlowe",
    "schema": "Person",
    "datasets": ["x"],
    "properties": {
        "name": ["Ada Marlowe", "Ада Марлоу", "Marlowe"],
        "weakAlias": ["The Heron"],
        "nationality": ["xx", "ke"],
        "topics": ["role.pep"],
        "position": ["Minister of Ports"],
        "birthDate": ["1960"],
    },
}


def read(path: Path, file_format: FileFormat | None = None) -> list[Record | Skipped | Unread]:
    return list(read_entities(path, file_format, lambda _: None))


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines_of(*values: Any) -> bytes:
    return b"".join(msgspec.json.encode(value) + b"\n" for value in values)


def test_follow_the_money_is_recognised_and_read(tmp_path: Path) -> None:
    address = {"id": "addr-1", "schema": "Address", "properties": {"full": ["1 Quay"]}}
    company = {"id": "c1", "schema": "Company", "properties": {"name": ["Quay Ltd"], "jurisdiction": ["suhh"]}}
    path = written(tmp_path / "entities.ftm.json", lines_of(PERSON, address, company))
    person, passed, firm = read(path)
    assert person == Record(
        1,
        {
            "id": "Q1",
            "name": "Ada Marlowe",
            "type": "person",
            "aliases": ["Ада Марлоу"],
            "short_names": ["The Heron", "Marlowe"],
            "country": "kenya",
            "category": "role.pep",
            "description": "Minister of Ports",
        },
    )
    assert passed == Skipped(2, "Address")
    assert isinstance(firm, Record)
    assert (firm.body["type"], firm.body["country"]) == ("org", "soviet-union")


def test_every_country_code_leads_to_a_state() -> None:
    states = {entity.id for entity in load_entities() if "state" in (entity.category or "") or entity.type == "place"}
    assert set(country_ids().values()) <= states
    assert country_ids()["kp"] == "north-korea"


def test_a_table_needs_known_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "x.csv", "\ufeffname,type,aliases\nAda Marlowe,person,A. Marlowe| Ада Марлоу |\n,,\n")
    first, second = read(path)
    assert first == Record(2, {"name": "Ada Marlowe", "type": "person", "aliases": ["A. Marlowe", "Ада Марлоу"]})
    assert second == Record(3, {})
    for wrong in ("name,colour\nx,red\n", ""):
        with pytest.raises(InvalidInputError):
            read(written(path, wrong))


@pytest.mark.parametrize("bad", [b"{", b'"text"', b"[1]", b"null", b"\xff\xfe", b'{"name": "\xff"}'])
def test_a_bad_line_is_told_and_the_rest_is_read(tmp_path: Path, bad: bytes) -> None:
    path = written(tmp_path / "x.jsonl", lines_of(ENTITY) + b"\n" + bad + b"\n" + lines_of(ENTITY))
    parts = read(path)
    assert [type(part) for part in parts] == [Record, Unread, Record]
    assert [part.line for part in parts] == [1, 3, 4]


@pytest.mark.parametrize("content", [b'name,type\n"open,person\n', b"name,type\n\xff,person\n"])
def test_a_table_that_is_broken_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read(written(tmp_path / "x.csv", content))


@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
def test_what_is_written_is_read_again(tmp_path: Path, file_format: FileFormat) -> None:
    known = [msgspec.to_builtins(entity) for entity in load_entities()[:400]]
    out = io.StringIO(newline="")
    assert all(write_entities([ENTITY, *known], out, file_format))
    parts = read(written(tmp_path / "x", out.getvalue()), file_format)
    bodies = [part.body for part in parts if isinstance(part, Record)]
    given_ = [{k: v for k, v in entity.items() if k != "origin" and v} for entity in [ENTITY, *known]]
    assert [{k: v for k, v in body.items() if v} for body in bodies] == [
        {k: list(v) if isinstance(v, tuple) else v for k, v in entity.items()} for entity in given_
    ]


def test_follow_the_money_holds_persons_and_organisations_only() -> None:
    out = io.StringIO()
    assert list(write_entities([ENTITY, {**ENTITY, "type": "weapon"}], out, "ftm")) == [True, False]
    (line,) = out.getvalue().splitlines()
    assert msgspec.json.decode(line)["properties"]["country"] == ["ke"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "schema", "properties", "name", "alias", "topics"]), inner, max_size=4)
    ),
)


@given(st.lists(JSON, max_size=4))
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, values: list[Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(lines_of(*values))
    formats: tuple[FileFormat | None, ...] = ("ftm", "jsonl", None)
    for file_format in formats:
        assert len(read(path, file_format)) == len(values)

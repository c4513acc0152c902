from pathlib import Path

import pytest

from wirewatch.errors import InvalidInputError
from wirewatch.seeding import read_endpoints, read_watches

WATCHES = """
- name: Kim
  query: 'entity:"Kim Jong Un"'
- name: Arms
  query: topic:arms-transfers
  policy: {mode: every_article, settle_seconds: 0}
"""


def test_watches_are_bodies_of_the_api(tmp_path: Path) -> None:
    path = tmp_path / "watches.yml"
    path.write_text(WATCHES)
    assert read_watches(path) == [
        {"name": "Kim", "query": 'entity:"Kim Jong Un"'},
        {"name": "Arms", "query": "topic:arms-transfers", "policy": {"mode": "every_article", "settle_seconds": 0}},
    ]


@pytest.mark.parametrize(
    ("content", "pointer", "detail"),
    [
        ("- {name: A}", "/0", "query"),
        ("- {name: A, query: a}\n- {name: B, query: b, colour: red}", "/1", "colour"),
        ("- {name: A, query: a, policy: {mode: sometimes}}", "/0/policy", "sometimes"),
        ("- {name: A, query: a, policy: {settle_seconds: soon}}", "/0/policy", "settle_seconds"),
        ("- {name: A, query: a, policy: {settel_seconds: 5}}", "/0/policy", "settel_seconds"),
        ("- {name: A, query: 7}", "/0", "query"),
        ("name: A", "", "not a list"),
        ("- [", "", "watches.yml"),
        ("", "", "empty"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, content: str, pointer: str, detail: str) -> None:
    path = tmp_path / "watches.yml"
    path.write_text(content)
    with pytest.raises(InvalidInputError) as caught:
        read_watches(path)
    ((where, told),) = caught.value.problems
    assert where == pointer
    assert detail in told


def test_an_example_endpoint_is_off_unless_it_says_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.yml"
    path.write_text("- {name: Local, url: 'http://127.0.0.1:8008/'}\n")
    assert read_endpoints(path) == [{"name": "Local", "url": "http://127.0.0.1:8008/", "enabled": False}]

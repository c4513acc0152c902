"""Watches kept in a file: what would change is told before it does, and a second time nothing changes."""

from pathlib import Path

import pytest
import yaml

from wirewatch.cli.watch_files import as_yaml, compare, describe
from wirewatch.client import Json
from wirewatch.errors import InvalidInputError
from wirewatch.seeding import read_watches


def saved(name: str, query: str, id_: str = "1", **fields: object) -> Json:
    policy = {"mode": "material", "settle_seconds": 30}
    return {"id": id_, "name": name, "query": query, "policy": policy, "endpoint_ids": None, "enabled": True} | fields


def test_the_difference_is_told_in_lines() -> None:
    wanted: list[Json] = [
        {"name": "New", "query": "a"},
        {"name": "Changed", "query": "b", "policy": {"mode": "every_article"}},
        {"name": "Same", "query": "c", "policy": {"mode": "material"}},
    ]
    known = [saved("Changed", "old", "1"), saved("Same", "c", "2"), saved("Extra", "d", "3")]
    changes = compare(wanted, known)
    assert [line for line, _ in describe(changes, prune=False)] == [
        "+ New: a",
        "~ Changed",
        "    query: old -> b",
        "    policy: {'mode': 'material'} -> {'mode': 'every_article'}",
        "  Extra: not in the file, kept",
        "1 unchanged",
    ]
    assert "- Extra" in [line for line, _ in describe(changes, prune=True)]


def test_applied_again_nothing_changes() -> None:
    wanted: list[Json] = [{"name": "A", "query": "a", "policy": {"settle_seconds": 30}, "enabled": True}]
    changes = compare(wanted, [saved("A", "a")])
    assert (changes.new, changes.changed, changes.unchanged, changes.extra) == ([], [], 1, [])


def test_what_is_exported_applies_without_a_change() -> None:
    known = [saved("A", 'person:"Ким"', "1", endpoint_ids=["4"]), saved("B", "b", "2", enabled=False)]
    exported = yaml.safe_load(as_yaml(known))
    assert exported[0]["endpoint_ids"] == ["4"]
    assert exported[1]["endpoint_ids"] is None
    changes = compare(exported, known)
    assert (changes.new, changes.changed, changes.unchanged) == ([], [], 2)


def test_a_name_that_stands_for_two_watches_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        compare([{"name": "A", "query": "a"}, {"name": "A", "query": "b"}], [])
    with pytest.raises(InvalidInputError):
        compare([{"name": "A", "query": "a"}], [saved("A", "a", "1"), saved("A", "b", "2")])


def test_a_file_undoes_what_was_changed_since_it_was_exported() -> None:
    exported = yaml.safe_load(as_yaml([saved("A", "a")]))
    changes = compare(exported, [saved("A", "a", enabled=False, endpoint_ids=["4"])])
    assert [fields for _, fields in changes.changed] == [{"enabled": True, "endpoint_ids": None}]


def test_what_a_file_says_counts_although_it_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "watches.yml"
    written = "- {name: A, query: a, enabled: true, snoozed_until: null}\n- {name: B, query: b}\n"
    path.write_text(written, encoding="utf-8")
    off = {"enabled": False, "snoozed_until": "2999-01-01T00:00:00Z"}
    changes = compare(read_watches(path), [saved("A", "a", "1", **off), saved("B", "b", "2", **off)])
    assert [fields for _, fields in changes.changed] == [{"enabled": True, "snoozed_until": None}]


def test_nothing_is_applied_of_a_file_with_a_query_that_is_not_understood() -> None:
    with pytest.raises(InvalidInputError, match=r"^B: a parenthesis is not closed"):
        compare([{"name": "A", "query": "a"}, {"name": "B", "query": "(b"}], [])

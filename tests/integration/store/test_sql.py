"""What statements that go straight to the driver give to PostgreSQL, and what becomes of their faults."""

import psycopg
import pytest
from sqlalchemy import text

from wirewatch.db import ContentionError, Database
from wirewatch.sql import Sql

AWKWARD = [
    "",
    " ",
    "NULL",
    "null",
    "a,b",
    "{}",
    '"',
    '""',
    '","',
    "\\",
    '\\"',
    "'",
    "line\nend",
    "tab\t",
    "Ту-160",
    "🛰",
]
ECHO = Sql("SELECT CAST(:strings AS text[]), CAST(:numbers AS bigint[]), CAST(:one AS text)")


def test_lists_arrive_as_they_were_given(database: Database) -> None:
    numbers = [0, -1, 2**63 - 1, -(2**63)]
    with database.statements() as tx:
        assert ECHO.rows(tx, {"strings": AWKWARD, "numbers": numbers, "one": None}) == [(AWKWARD, numbers, None)]
        for string in AWKWARD:
            given = {"strings": [string], "numbers": [], "one": string}
            assert ECHO.rows(tx, given) == [([string], [], string)]
        assert ECHO.rows(tx, {"strings": ["a", None], "numbers": [1, None], "one": "x"}) == [
            (["a", None], [1, None], "x")
        ]


def test_a_parameter_may_come_twice_and_casts_are_none(database: Database) -> None:
    with database.statements() as tx:
        assert Sql("SELECT :n::int + :n::int, '1:2'").rows(tx, {"n": 2}) == [(4, "1:2")]


def test_both_formats_say_the_same(database: Database) -> None:
    query = "SELECT CAST(:strings AS text[]), 1.5::real, now()"
    with database.transaction() as tx:
        assert Sql(query).rows(tx, {"strings": AWKWARD}) == Sql(query).in_binary().rows(tx, {"strings": AWKWARD})


def test_it_is_part_of_the_transaction_that_it_is_given(database: Database) -> None:
    insert = Sql("INSERT INTO counters (name, value) VALUES (:name, :value) RETURNING name")
    with pytest.raises(psycopg.errors.UniqueViolation), database.transaction() as tx:
        all(insert.rows(tx, {"name": "lost", "value": value}) for value in range(2))
    with database.transaction() as tx:
        assert tx.execute(text("SELECT count(*) FROM counters WHERE name = 'lost'")).scalar() == 0


def test_a_conflict_may_be_tried_again_and_a_fault_of_the_statement_is_its_own(database: Database) -> None:
    conflict = Sql("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")
    with pytest.raises(ContentionError), database.transaction() as tx:
        conflict.run(tx, {})
    with pytest.raises(psycopg.errors.DivisionByZero), database.transaction() as tx:
        Sql("SELECT 1 / :zero").rows(tx, {"zero": 0})
    with database.transaction() as tx:
        assert Sql("SELECT 1").rows(tx, {}) == [(1,)]

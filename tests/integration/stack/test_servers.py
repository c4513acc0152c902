"""The embedded servers: as any user, in any directory, with data that stays."""

from pathlib import Path

import psycopg
import pytest

from tests.integration.stack.processes import processes_of
from wirewatch.errors import StartError
from wirewatch.stack import valkey
from wirewatch.stack.datadir import DataDir
from wirewatch.stack.servers import embedded_servers
from wirewatch.stack.supervisor import ChildFailedError


def test_data_stays_from_one_start_to_the_next(tmp_path: Path) -> None:
    with (
        embedded_servers(tmp_path / "data", print, durable=True) as servers,
        psycopg.connect(servers.database_url) as connection,
    ):
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('Тu-160')")
    with (
        embedded_servers(tmp_path / "data", print, durable=True) as servers,
        psycopg.connect(servers.database_url) as connection,
    ):
        assert connection.execute("SELECT word FROM kept").fetchall() == [("Тu-160",)]
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
    assert processes_of(tmp_path) == []


def test_a_directory_that_only_its_owner_may_enter_will_do(tmp_path: Path) -> None:
    private = tmp_path / "private folder"
    private.mkdir(mode=0o700)
    with (
        embedded_servers(private / "data", print) as servers,
        psycopg.connect(servers.database_url) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert private.stat().st_mode & 0o777 == 0o700


def test_nobody_gets_in_without_the_password(tmp_path: Path) -> None:
    with embedded_servers(tmp_path / "data", print) as servers:
        state = DataDir(tmp_path / "data").find_state()
        assert state is not None
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(servers.database_url.replace(state.postgres_password, "guess"))
        assert valkey.is_ready(state.valkey_port, state.valkey_password)
        assert not valkey.is_ready(state.valkey_port, "guess")


def test_two_stacks_share_nothing(tmp_path: Path) -> None:
    with (
        embedded_servers(tmp_path / "one", print) as one,
        embedded_servers(tmp_path / "two", print) as two,
    ):
        assert one.database_url != two.database_url
        assert one.broker_url != two.broker_url


def test_the_same_directory_twice_is_refused(tmp_path: Path) -> None:
    with (
        embedded_servers(tmp_path / "data", print),
        pytest.raises(StartError, match="in use by another Wirewatch"),
        embedded_servers(tmp_path / "data", print),
    ):
        pass


def test_a_start_that_was_cut_short_in_initdb_begins_again(tmp_path: Path) -> None:
    part = tmp_path / "data" / "postgres.part"
    part.mkdir(parents=True)
    (part / "PG_VERSION").write_text("18")
    with embedded_servers(tmp_path / "data", print):
        assert not part.exists()


def test_damaged_data_is_one_clear_line_and_the_log(tmp_path: Path) -> None:
    with embedded_servers(tmp_path / "data", print):
        pass
    (tmp_path / "data" / "postgres" / "global" / "pg_control").unlink()
    told: list[str] = []
    with (
        pytest.raises(ChildFailedError, match=r"postgres did not start: it ended with exit code"),
        embedded_servers(tmp_path / "data", told.append),
    ):
        pass
    assert "pg_control" in told[0]

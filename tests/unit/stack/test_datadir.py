import socket
import stat
from pathlib import Path

import pytest

from wirewatch.errors import StartError
from wirewatch.stack.datadir import DataDir, broker_url, database_url, usable_ports, write_private


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    made = DataDir(tmp_path / "data")
    made.open()
    return made


def test_secrets_are_made_once_and_readable_by_the_owner_alone(data: DataDir) -> None:
    key, secret = data.get_or_make_dev_key(), data.get_or_make_secret_key()
    assert key != secret
    assert (data.get_or_make_dev_key(), data.get_or_make_secret_key()) == (key, secret)
    for name in ("dev-key", "secret-key"):
        assert stat.S_IMODE((data.path / name).stat().st_mode) == 0o600


def test_an_empty_key_file_is_replaced(data: DataDir) -> None:
    data.dev_key.write_text("\n")
    assert data.get_or_make_dev_key().startswith("ww_")


def test_the_same_directory_cannot_be_opened_twice(data: DataDir) -> None:
    with pytest.raises(StartError, match=r"in use by another Wirewatch \(process \d+\)"):
        DataDir(data.path).open()


def test_a_closed_directory_can_be_opened_again(data: DataDir) -> None:
    data.close()
    again = DataDir(data.path)
    again.open()
    again.close()


def test_a_directory_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"Cannot write the data directory .* set WIREWATCH_DATA_DIR"):
        DataDir(tmp_path / "file" / "data").open()


def test_ports_and_passwords_are_kept(data: DataDir) -> None:
    first = data.get_or_make_state()
    assert data.get_or_make_state() == first
    assert first.postgres_port != first.valkey_port
    assert first.postgres_password in database_url(first)
    assert first.valkey_password in broker_url(first)
    assert stat.S_IMODE((data.path / "stack.json").stat().st_mode) == 0o600


def test_a_database_without_its_password_is_not_started(data: DataDir) -> None:
    data.postgres.mkdir()
    (data.postgres / "PG_VERSION").write_text("18")
    with pytest.raises(StartError, match=r"no stack\.json"):
        data.get_or_make_state()


def test_a_damaged_state_is_one_clear_line(data: DataDir) -> None:
    (data.path / "stack.json").write_text("{")
    with pytest.raises(StartError, match=r"Cannot read .*stack.json"):
        data.get_or_make_state()


def test_a_port_that_was_taken_is_replaced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        first, second = usable_ports(taken, taken)
    assert len({taken, first, second}) == 3


def test_a_port_that_is_free_is_kept() -> None:
    first, second = usable_ports(0, 0)
    assert first != second
    assert usable_ports(first, second) == [first, second]


def test_a_large_log_is_put_aside(data: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wirewatch.stack.datadir.MAX_LOG_BYTES", 10)
    data.log("api").write_text("more than ten bytes")
    data.rotate_log("api")
    assert not data.log("api").exists()
    assert (data.logs / "api.log.1").read_text() == "more than ten bytes"


def test_private_files_are_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, b"first")
    write_private(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]

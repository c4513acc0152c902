import os
import socket
from pathlib import Path

import pytest

from wirewatch.errors import StartError
from wirewatch.stack import preflight


def test_a_full_disk_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"disk of .* is full: 12 MB free, 256 MB needed.*WIREWATCH_DATA_DIR"):
        preflight.check_disk(tmp_path, free_bytes=12 * 1024**2)


def test_a_taken_port_is_named_with_who_has_it_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartError, match=rf"Port {port} is taken by .*process {os.getpid()}.*WIREWATCH_API_PORT"):
            preflight.check_port("127.0.0.1", port, "WIREWATCH_API_PORT")


def test_a_port_that_is_free_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    preflight.check_port("127.0.0.1", port, "WIREWATCH_API_PORT")


def test_a_host_that_is_not_ours_is_named() -> None:
    with pytest.raises(StartError, match=r"WIREWATCH_HOST|cannot be used"):
        preflight.check_port("192.0.2.1", 8000, "WIREWATCH_API_PORT")


def test_a_missing_model_is_named() -> None:
    with pytest.raises(StartError, match="no_such_model is not installed"):
        preflight.check_model("no_such_model")

"""What can be known to be wrong before anything starts, each as one line that says how to mend it."""

import errno
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path

from wirewatch.errors import StartError

MIN_FREE_BYTES = 256 * 1024 * 1024


def check_model(name: str) -> None:
    if find_spec(name) is None:
        raise StartError(f"The language model {name} is not installed; run `make install` or set WIREWATCH_MODEL.")


def check_disk(directory: Path, free_bytes: int | None = None) -> None:
    """`free_bytes` None: ask the disk."""
    free = shutil.disk_usage(directory).free if free_bytes is None else free_bytes
    if free < MIN_FREE_BYTES:
        raise StartError(
            f"The disk of {directory} is full: {free // 1024**2} MB free, {MIN_FREE_BYTES // 1024**2} MB needed;"
            " free some space or set WIREWATCH_DATA_DIR to another disk."
        )


def check_port(host: str, port: int, setting: str) -> None:
    """Whether a server can listen there; `setting` is the variable that chooses another port."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise StartError(f"Cannot listen on {host}: {error.strerror}; set WIREWATCH_HOST to another.") from error
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = f"is taken{_by_whom(port)}" if taken else f"cannot be used: {error.strerror}"
            raise StartError(f"Port {port} {why}; set {setting} to another.") from error


def _by_whom(port: int) -> str:
    """` by NAME (process N)` where that can be known, otherwise nothing."""
    if find_spec("psutil") is None:
        return ""
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return ""

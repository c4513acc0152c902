"""The directory of one local stack: its lock, its secrets, its ports and its logs."""

import fcntl
import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet

from wirewatch.errors import StartError

LOCK_WAIT_SECONDS = 6.0
LIVE_LOCK_WAIT_SECONDS = 0.5
MAX_LOG_BYTES = 20 * 1024 * 1024


class StackState(msgspec.Struct, frozen=True):
    """What a stack must find again at its next start (stack.json, readable by its owner alone)."""

    postgres_port: int
    postgres_password: str
    valkey_port: int
    valkey_password: str


class DataDir:
    """Paths below one data directory. `open` makes and locks it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.lock_fd: int | None = None

    def open(self) -> None:
        """Makes the directory and takes its lock; StartError where another stack holds it or it cannot be written."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # As root, PostgreSQL runs as another user, who must be able to pass through.
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
            self.logs.mkdir(exist_ok=True, mode=0o700)
            self.lock_fd = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(
                f"Cannot write the data directory {self.path} ({error.strerror}); set WIREWATCH_DATA_DIR to another."
            ) from error
        self._lock(self.lock_fd)

    def _lock(self, fd: int) -> None:
        began = time.monotonic()
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(fd, 20, 0).decode(errors="replace").strip()
                # A stack that was just killed needs a moment to go, and another to take its children along.
                if time.monotonic() - began > (LIVE_LOCK_WAIT_SECONDS if _runs(holder) else LOCK_WAIT_SECONDS):
                    os.close(fd)
                    self.lock_fd = None
                    raise StartError(
                        f"The data directory {self.path} is in use by another Wirewatch (process {holder or '?'});"
                        " stop that one or set WIREWATCH_DATA_DIR to another directory."
                    ) from None
                time.sleep(0.1)
            else:
                os.ftruncate(fd, 0)
                os.pwrite(fd, str(os.getpid()).encode(), 0)
                return

    def close(self) -> None:
        if self.lock_fd is not None:
            os.close(self.lock_fd)
            self.lock_fd = None

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def secret_key(self) -> Path:
        return self.path / "secret-key"

    @property
    def dev_key(self) -> Path:
        return self.path / "dev-key"

    @property
    def seeded(self) -> Path:
        return self.path / "seeded"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def rotate_log(self, name: str) -> None:
        """Puts a log that has grown large aside; two files of each name are kept."""
        log = self.log(name)
        if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))

    def get_or_make_dev_key(self) -> str:
        return _get_or_make_secret(self.dev_key, lambda: "ww_dev_" + secrets.token_urlsafe(32))

    def get_or_make_secret_key(self) -> str:
        return _get_or_make_secret(self.secret_key, lambda: Fernet.generate_key().decode())

    def find_state(self) -> StackState | None:
        path = self.path / "stack.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=StackState)
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, OSError) as error:
            raise StartError(
                f"Cannot read {path}: {error}; restore it, or delete {self.path} to begin anew."
            ) from error

    def get_or_make_state(self) -> StackState:
        """The ports and passwords kept from the last start; a port that another program took meanwhile is replaced."""
        state = self.find_state()
        if state is None:
            if (self.postgres / "PG_VERSION").exists():
                raise StartError(
                    f"{self.path} has a database but no stack.json with its password;"
                    f" restore it, or delete {self.path} to begin anew."
                )
            state = StackState(0, secrets.token_urlsafe(24), 0, secrets.token_urlsafe(24))
        postgres_port, valkey_port = usable_ports(state.postgres_port, state.valkey_port)
        state = msgspec.structs.replace(state, postgres_port=postgres_port, valkey_port=valkey_port)
        write_private(self.path / "stack.json", msgspec.json.encode(state))
        return state


def database_url(state: StackState) -> str:
    return f"postgresql://wirewatch:{state.postgres_password}@127.0.0.1:{state.postgres_port}/wirewatch"


def broker_url(state: StackState) -> str:
    return f"redis://:{state.valkey_password}@127.0.0.1:{state.valkey_port}/0"


def usable_ports(*preferred: int) -> list[int]:
    """For each of `preferred` that port where a server can listen on it (0: any), otherwise a free one of 127.0.0.1.

    All of them differ, which asking one after the other would not ensure.
    """
    with ExitStack() as probes:
        return [_hold(probes, port) for port in preferred]


def _hold(probes: ExitStack, preferred: int) -> int:
    probe = probes.enter_context(socket.socket())
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", preferred))
        # Only a listening socket keeps others that reuse addresses away.
        probe.listen()
    except OSError:
        probe.close()
        probe = probes.enter_context(socket.create_server(("127.0.0.1", 0)))
    return int(probe.getsockname()[1])


def write_private(path: Path, content: bytes) -> None:
    """Replaces the file in one step, readable by its owner alone."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _get_or_make_secret(path: Path, make: Callable[[], str]) -> str:
    if path.exists():
        kept = path.read_text().strip()
        if kept:
            return kept
    made = make()
    write_private(path, made.encode() + b"\n")
    return made


def _runs(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not _is_zombie(pid)


def _is_zombie(pid: str) -> bool:
    """Killed, and only waiting for its parent to take note."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False

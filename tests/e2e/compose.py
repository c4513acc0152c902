"""The compose stack under a project name, ports, secrets and a network of its own."""

import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
FILES = ("docker-compose.yml", "tests/e2e/docker-compose.e2e.yml")
BUILD_TIMEOUT_SECONDS = 1200.0
COMMAND_TIMEOUT_SECONDS = 300.0
HEALTHY_TIMEOUT_SECONDS = 300.0
POLL_SECONDS = 0.5
# What had to be started again so often will not become well by waiting.
MAX_RESTARTS = 4
# What of this machine's environment would speak into the stack's own settings.
FOREIGN = ("WIREWATCH_", "POSTGRES_", "REDIS_", "COMPOSE_")


class ComposeError(AssertionError):
    """A compose command failed, or the stack did not become what it should in time."""


@dataclass(frozen=True, slots=True)
class ContainerState:
    """What the engine says of one container. `health` is None for one without a health check."""

    id: str
    service: str
    status: str
    health: str | None
    exit_code: int
    restarts: int

    @property
    def is_well(self) -> bool:
        return self.health == "healthy" if self.health else self.status == "exited" and self.exit_code == 0


def find_command() -> tuple[str, ...]:
    """How Compose is called on this machine."""
    tool = ROOT.parent / "shared" / "tools" / "compose"
    if tool.exists():
        return (str(tool),)
    if shutil.which("docker") and _run(("docker", "compose", "version"), 30).returncode == 0:
        return ("docker", "compose")
    if shutil.which("docker-compose"):
        return ("docker-compose",)
    raise ComposeError("neither `docker compose` nor `docker-compose` is installed")


def wait_for(what: str, attempt: Callable[[], T | None], timeout_seconds: float) -> T:
    """The first answer of `attempt` that is not None or False; ComposeError with `what` where none comes in time."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        answer = attempt()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise ComposeError(f"waited {timeout_seconds:.0f} s in vain for {what}")
        time.sleep(POLL_SECONDS)


@dataclass(slots=True)
class Stack:
    """One project of Compose. Every method raises ComposeError with what the command said."""

    directory: Path
    project: str = field(default_factory=lambda: f"wirewatch-e2e-{secrets.token_hex(3)}")
    key: str = field(default_factory=lambda: secrets.token_hex(24))
    subnet: str = field(default_factory=lambda: f"10.{random.randint(200, 250)}.{random.randint(0, 255)}.0/24")
    api_port: int = field(default_factory=lambda: free_port())
    ingest_port: int = field(default_factory=lambda: free_port())
    receiver_port: int = field(default_factory=lambda: free_port())
    command: tuple[str, ...] = field(default_factory=find_command)

    @property
    def env_file(self) -> Path:
        return self.directory / "env"

    def write_env(self) -> None:
        values = {
            "POSTGRES_PASSWORD": secrets.token_hex(24),
            "REDIS_PASSWORD": secrets.token_hex(24),
            "WIREWATCH_SECRET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "WIREWATCH_BOOTSTRAP_KEY": self.key,
            "WIREWATCH_API_PORT": self.api_port,
            "WIREWATCH_INGEST_PORT": self.ingest_port,
            "WIREWATCH_SETTLE_SECONDS": 0,
            "WIREWATCH_EGRESS_ALLOW": self.subnet,
            "WIREWATCH_TAG": "e2e",
            "E2E_RECEIVER_PORT": self.receiver_port,
            "E2E_SUBNET": self.subnet,
        }
        self.env_file.touch(mode=0o600)
        self.env_file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))

    def compose(self, *arguments: str, timeout_seconds: float = COMMAND_TIMEOUT_SECONDS) -> str:
        """Runs one command of Compose; gives what it wrote to standard output."""
        files = [part for file in FILES for part in ("-f", file)]
        command = (*self.command, "--env-file", str(self.env_file), "-p", self.project, *files, *arguments)
        return self._checked(command, timeout_seconds)

    def build(self) -> None:
        # One service of each image: the others share them.
        self.compose("build", "api", "worker", timeout_seconds=BUILD_TIMEOUT_SECONDS)

    def up(self, *options: str) -> None:
        self.compose("up", "-d", *options)

    def down(self) -> None:
        self.compose("down", "-v", "--remove-orphans", "--timeout", "10")

    def containers(self, service: str | None = None) -> list[ContainerState]:
        """Every container of the project, also those that have ended, in the order of their numbers."""
        labels = ["--filter", f"label=com.docker.compose.project={self.project}"]
        labels += ["--filter", f"label=com.docker.compose.service={service}"] if service else []
        ids = self._checked(("docker", "ps", "-aq", "--no-trunc", *labels), 60).split()
        if not ids:
            return []
        found = msgspec.json.decode(self._checked(("docker", "inspect", *ids), 60))
        found = [one for one in found if one["Config"]["Labels"].get("com.docker.compose.oneoff") != "True"]
        found.sort(key=lambda one: int(one["Config"]["Labels"]["com.docker.compose.container-number"]))
        return [
            ContainerState(
                id=one["Id"],
                service=one["Config"]["Labels"]["com.docker.compose.service"],
                status=one["State"]["Status"],
                health=one["State"].get("Health", {}).get("Status"),
                exit_code=one["State"]["ExitCode"],
                restarts=one["RestartCount"],
            )
            for one in found
        ]

    def inspect(self, container: ContainerState) -> Any:
        return msgspec.json.decode(self._checked(("docker", "inspect", container.id), 60))[0]

    def wait_until_well(self) -> None:
        """Until every service is healthy, and what runs once has ended well."""

        def is_well() -> bool:
            containers = self.containers()
            hopeless = [
                one.service
                for one in containers
                if (one.status == "exited" and not one.is_well) or one.restarts > MAX_RESTARTS
            ]
            if hopeless:
                raise ComposeError(f"does not start: {', '.join(hopeless)}")
            return bool(containers) and all(one.is_well for one in containers)

        wait_for("all services to be healthy", is_well, HEALTHY_TIMEOUT_SECONDS)

    def execute(self, service: str, *command: str) -> str:
        """Runs a command inside of the first container of a service; gives its standard output."""
        return self._checked(("docker", "exec", self.containers(service)[0].id, *command), COMMAND_TIMEOUT_SECONDS)

    def query(self, sql: str) -> str:
        """The rows of a query, unaligned, columns parted by `|`."""
        return self.execute("db", "psql", "-U", "wirewatch", "-d", "wirewatch", "-qAtX", "-c", sql).strip()

    def kill(self, container: ContainerState) -> None:
        self._checked(("docker", "kill", "--signal", "KILL", container.id), 60)

    def tell_of_failure(self) -> None:
        """Shows all services, and the last words of those that are not well (of all where all are)."""
        containers = self.containers()
        ill = {one.service for one in containers if not one.is_well}
        lines = [f"{one.service:20} {one.status:10} {one.health or ''}" for one in containers]
        shown = sorted(ill or {one.service for one in containers})
        sys.stderr.write("\n".join(lines) + "\n" + self.compose("logs", "--no-color", "--tail=40", *shown))

    def _checked(self, command: Sequence[str], timeout_seconds: float) -> str:
        try:
            done = _run(command, timeout_seconds)
        except subprocess.TimeoutExpired:
            raise ComposeError(f"no end after {timeout_seconds:.0f} s: {' '.join(command)}") from None
        if done.returncode:
            last = "\n".join((done.stderr or done.stdout).splitlines()[-40:])
            raise ComposeError(f"{' '.join(command)} ended with {done.returncode}:\n{last}")
        return done.stdout


def _run(command: Sequence[str], timeout_seconds: float) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=timeout_seconds, check=False
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

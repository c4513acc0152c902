"""What the child may do: connect to addresses that the outgoing client may reach, read Python's own files, and no more.

An audit hook (PEP 578) sees every connect, whichever library asks for it, with the address that is really dialled; so a
name that changes its address, a redirect and an odd spelling are decided like anything else. A hook cannot be removed.
"""

import os
import resource
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from wirewatch.http.addresses import Network, find_refusal

# Beside the ports of the outgoing client: mail.
MAIL_PORTS = frozenset({25, 465, 587})
MEMORY_BYTES = 1024**3
FILES = 128

_DIALLED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_REFUSED = frozenset(
    {"subprocess.Popen", "pty.spawn", "ctypes.dlopen", "os.chmod", "os.chown", "os.exec", "os.fork"}
    | {"os.forkpty", "os.kill", "os.link", "os.mkdir", "os.posix_spawn", "os.putenv", "os.remove", "os.rename"}
    | {"os.rmdir", "os.spawn", "os.symlink", "os.system", "os.truncate", "shutil.copyfile", "shutil.move"}
    | {"shutil.rmtree", "tempfile.mkdtemp", "tempfile.mkstemp", "webbrowser.open"}
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_READABLE = ("/etc/ssl/", "/etc/pki/", "/usr/share/ca-certificates/", "/usr/share/zoneinfo/", "/usr/lib/ssl/")
_READABLE_FILES = frozenset({"/etc/mime.types", "/etc/localtime", "/etc/hosts", "/etc/resolv.conf", "/dev/urandom"})


class Guard:
    """`refusals` says what was refused since it was last emptied."""

    def __init__(self) -> None:
        self.allow: Sequence[Network] = ()
        self.refusals: list[str] = []
        roots = {sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[1]), *sys.path}
        self._roots = (*(f"{Path(root).resolve()}/" for root in roots if root), *_READABLE)

    def set_up(self) -> None:
        """From now on, and for good."""
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
        sys.addaudithook(self._decide)

    def find_refusal(self, host: object, port: object) -> str | None:
        """Why this address may not be dialled; a name that was not resolved is no address."""
        try:
            address = ip_address(str(host).partition("%")[0] if "%" in str(host) else str(host))
        except ValueError:
            return f"{host!r} is no address"
        if "%" in str(host):
            return f"the address {host} is not public"
        number = port if isinstance(port, int) else 0
        return find_refusal(address, 443 if number in MAIL_PORTS else number, self.allow)

    def _decide(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _DIALLED:
            self._decide_address(arguments[1])
        elif event in _REFUSED:
            self._refuse(f"{event} is not open to channels")
        elif event == "open":
            self._decide_file(*arguments)

    def _decide_address(self, address: object) -> None:
        if not (isinstance(address, tuple) and len(address) >= 2):
            self._refuse("sockets of the file system are not open to channels")
            return
        reason = self.find_refusal(address[0], address[1])
        if reason:
            self._refuse(reason)

    def _decide_file(self, path: object, mode: object = None, flags: object = 0) -> None:
        if isinstance(path, int) or path is None:
            return
        writes = isinstance(flags, int) and flags & _WRITING
        name = os.path.realpath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""
        if writes or not (name.startswith(self._roots) or name in _READABLE_FILES):
            self._refuse(f"files are not open to channels ({mode or 'r'})")

    def _refuse(self, reason: str) -> None:
        self.refusals.append(reason)
        raise PermissionError(reason)

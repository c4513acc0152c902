"""Becomes one child of the stack: dies with its parent, gives up root where asked, then executes the command.

Run as a script with `python -I -S launch.py PARENT_PID DEATH_SIGNAL USER COMMAND...` (USER `-`: keep). It is a program
of its own because doing this between fork and exec of a threaded process is not safe.
"""

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAPABILITY_VERSION_3 = 0x20080522
CANNOT_LAUNCH = 126


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilitySet(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def main(arguments: list[str]) -> None:
    parent, death_signal, user, *command = arguments
    if user != "-":
        _become(pwd.getpwnam(user))
    _die_with_parent(int(parent), int(death_signal))
    os.execvp(command[0], command)  # noqa: S606 (to become that program is the purpose)


def _die_with_parent(parent: int, death_signal: int) -> None:
    # After the change of user, which clears the death signal.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _become(user: pwd.struct_passwd) -> None:
    """Changes to `user`, keeping only the right to pass through folders that root alone may enter (a home, a venv)."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    # Without this bit, access(2) ignores the capability and PostgreSQL does not find its own files.
    keeps_passage = libc is not None and libc.prctl(PR_SET_SECUREBITS, NO_SETUID_FIXUP, 0, 0, 0) == 0
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ.update(HOME="/", USER=user.pw_name, LOGNAME=user.pw_name)
    if libc is not None and keeps_passage:
        _keep_only_passage(libc)


def _keep_only_passage(libc: ctypes.CDLL) -> None:
    header = _CapabilityHeader(CAPABILITY_VERSION_3, 0)
    held = (_CapabilitySet * 2)()
    libc.capget(ctypes.byref(header), held)
    # Reading is enough; a container without that capability usually has the other one.
    kept = next((cap for cap in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if held[0].permitted & (1 << cap)), None)
    mask = 0 if kept is None else 1 << kept
    wanted = (_CapabilitySet * 2)(_CapabilitySet(mask, mask, mask), _CapabilitySet(0, 0, 0))
    if libc.capset(ctypes.byref(header), wanted) != 0:
        raise OSError(ctypes.get_errno(), "cannot give up root's capabilities")
    if kept is not None:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept, 0, 0)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (OSError, KeyError) as error:
        sys.stderr.write(f"cannot start {sys.argv[4] if len(sys.argv) > 4 else 'the child'}: {error}\n")
        sys.exit(CANNOT_LAUNCH)

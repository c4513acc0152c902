"""Processes as a test sees them: any of them may end between two questions about it."""

from pathlib import Path

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one that ended and waits for its parent to notice does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def words_of(process: psutil.Process) -> list[str]:
    """Its arguments and its working directory; nothing where it is gone or another user's."""
    try:
        return [*process.cmdline(), process.cwd()]
    except psutil.Error:
        return []


def name_of(process: psutil.Process) -> str:
    """Its program's name; empty where it is gone."""
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""


def processes_of(directory: Path) -> list[psutil.Process]:
    """Every live process that has something of this directory in its arguments or as its working directory."""
    return [
        process
        for process in psutil.process_iter()
        if any(str(directory) in word for word in words_of(process)) and is_alive(process)
    ]

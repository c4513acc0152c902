"""How far a load has come, so that one that was cut short goes on where it stopped.

A line of JSON for each batch that was answered, in a file that is removed when all is done.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from wirewatch.seeding.corpus import SeedArticle, SeedError


class Step(msgspec.Struct, omit_defaults=True):
    """So many more records of a file are done; `stamp` is its size and time of change. Or an error of one."""

    path: str
    stamp: str = ""
    records: int = 0
    error: str | None = None


class Journal:
    """`path` None: nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._done = Counter[tuple[str, str]]()
        self.errors: list[SeedError] = []
        for step in _read(path) if path else ():
            if step.error is not None:
                self.errors.append(SeedError(Path(step.path), step.error))
            self._done[step.path, step.stamp] += step.records

    @property
    def records(self) -> int:
        """How many were done before."""
        return sum(self._done.values())

    def done_of(self, path: Path) -> int:
        """How many records of a file are done; none where it has changed since."""
        return self._done[_name(path), _stamp(path)] if self._done else 0

    def note(self, batch: Iterable[SeedArticle | SeedError], errors: Iterable[SeedError]) -> None:
        """Remember a batch that was answered, and what of it was refused."""
        if self._path is None:
            return
        counts = Counter(part.path for part in batch)
        steps = [Step(_name(path), _stamp(path), records) for path, records in counts.items()]
        steps += [Step(_name(error.path), error=error.detail) for error in errors]
        with self._path.open("ab") as file:
            file.write(b"".join(msgspec.json.encode(step) + b"\n" for step in steps))

    def forget(self) -> None:
        """All is done: the next load of the same begins anew."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def journal_path(folder: Path, target: str, paths: Sequence[Path]) -> Path | None:
    """The file for loading `paths` into `target`; None where the folder cannot be written."""
    key = "\n".join([target, *(str(path.resolve()) for path in paths)])
    name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:20]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.jsonl"
        path.touch()
    except OSError:
        return None
    return path


def _read(path: Path) -> Iterable[Step]:
    """The steps; the last line may be torn."""
    for line in path.read_bytes().splitlines():
        try:
            yield msgspec.json.decode(line, type=Step)
        except msgspec.DecodeError:
            return


def _name(path: Path) -> str:
    return str(path.absolute()).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "-"
    return f"{found.st_size}-{found.st_mtime_ns}"

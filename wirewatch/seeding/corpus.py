"""Folders and files of articles become bodies of POST /v1/articles.

Nothing is sent from here: what is wrong with one file is a value beside the articles of the others.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from stat import S_ISDIR
from typing import Any

import msgspec

from wirewatch.seeding.documents import SUFFIXES, SourceFields, read_values, suffix_of


class ArticleFields(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """The body of POST /v1/articles."""

    url: str | None = None
    title: str | None = None
    text: str | None = None
    html: str | None = None
    published_at: str | None = None
    source: SourceFields | None = None
    lang: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class SeedArticle:
    """The JSON body of POST /v1/articles, and the file it came from."""

    path: Path
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SeedError:
    """Why a file, or one entry of it, is no article."""

    path: Path
    detail: str


def read_corpus(
    paths: Iterable[Path], done_of: Callable[[Path], int] = lambda _: 0
) -> Iterator[SeedArticle | SeedError]:
    """The articles of files and folders; folders are read deeply, in the order of their names.

    Of each file as many records are passed over as `done_of` says. Inside a folder, hidden files and other kinds than
    `SUFFIXES` are passed over; a file named itself must be of these kinds, and a folder hold one. An article without
    URL gets where its file lies as `external_id`, so that the same folder read again adds nothing and an edited file is
    a new version. One that names no source has none: a folder is no publisher.
    """
    for path in paths:
        try:
            mode = path.stat().st_mode
        except OSError as error:
            yield SeedError(path, _reason(error))
            continue
        if S_ISDIR(mode):
            yield from _read_folder(path, done_of)
        elif suffix_of(path) in SUFFIXES:
            yield from islice(_read_file(path), done_of(path), None)
        else:
            yield SeedError(path, f"not one of {', '.join(SUFFIXES)}")


def _read_folder(folder: Path, done_of: Callable[[Path], int]) -> Iterator[SeedArticle | SeedError]:
    unreadable: list[SeedError] = []
    is_empty = True

    def note(error: OSError) -> None:
        unreadable.append(SeedError(Path(error.filename), _reason(error)))

    for parent, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if suffix_of(path) in SUFFIXES and not name.startswith("."):
                is_empty = False
                yield from islice(_read_file(path), done_of(path), None)
    yield from unreadable
    if is_empty and not unreadable:
        yield SeedError(folder, f"no file in it is one of {', '.join(SUFFIXES)}")


def _read_file(path: Path) -> Iterator[SeedArticle | SeedError]:
    try:
        for where, value in read_values(path):
            yield _article(path, where, value)
    except (OSError, EOFError, ValueError) as error:
        yield SeedError(path, _reason(error))


def _article(path: Path, where: str, value: msgspec.Raw | dict[str, Any]) -> SeedArticle | SeedError:
    try:
        if isinstance(value, msgspec.Raw):
            article = msgspec.json.decode(value, type=ArticleFields)
        else:
            article = msgspec.convert(value, ArticleFields)
    except (ValueError, RecursionError) as error:
        return _refused(path, where, str(error))
    if not any(part and part.strip() for part in (article.text, article.html, article.title)):
        return _refused(path, where, "neither text nor title")
    if article.url is None and article.external_id is None:
        # A file name need not be UTF-8, a JSON string must.
        article.external_id = f"file:{path.resolve().as_posix()}{where}".encode("utf-8", "replace").decode("utf-8")
    return SeedArticle(path, msgspec.to_builtins(article))


def _refused(path: Path, where: str, detail: str) -> SeedError:
    return SeedError(path, f"{where}: {detail}" if where else detail)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)

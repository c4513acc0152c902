"""One text, Markdown, HTML or JSON file becomes values in the shape of POST /v1/articles."""

import gzip
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import yaml
import zstandard

from wirewatch.seeding.encoding import decode
from wirewatch.seeding.titles import title_of_html, title_of_text
from wirewatch.zstd import ZstdFile

SUFFIXES = (".txt", ".md", ".html", ".htm", ".json", ".jsonl", ".ndjson")
PACKED = (".gz", ".zst")
ZSTD_WINDOW_BYTES = 128 * 1024 * 1024  # what `zstd --long` makes
MAX_ARTICLE_BYTES = 5 * 1024 * 1024
TOO_LARGE = f"larger than {MAX_ARTICLE_BYTES // 1024**2} MB"

FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)\s*", re.DOTALL | re.MULTILINE)


class SourceFields(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    name: str | None = None
    domain: str | None = None


class FrontMatter(msgspec.Struct):
    """What is read of a page's front matter; site generators put much else there."""

    title: str | None = None
    url: str | None = None
    published_at: str | None = None
    date: str | None = None
    source: SourceFields | str | None = None
    lang: str | None = None
    external_id: str | None = None


def suffix_of(path: Path) -> str:
    """What kind of file it is, packed or not: `.jsonl` for `news.jsonl.gz` too."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    packed = suffixes and suffixes[-1] in PACKED
    return "".join(suffixes[:-1] if packed else suffixes[-1:])


def read_values(path: Path) -> Iterator[tuple[str, msgspec.Raw | dict[str, Any]]]:
    """What a file holds, each with its place in the file ("" where it holds just one)."""
    suffix = suffix_of(path)
    if suffix in (".jsonl", ".ndjson"):
        yield from _read_lines(path)
    elif suffix == ".json":
        yield from _read_json(read_text(path).strip())
    elif suffix in (".html", ".htm"):
        page = read_text(path)
        yield "", _present(html=page, title=title_of_html(page))
    else:
        yield "", _document(read_text(path))


def read_text(path: Path) -> str:
    """The text of a file; raises OSError, or ValueError where it is too large, binary or empty."""
    if not path.is_file():
        raise ValueError("not a regular file")
    with open_unpacked(path) as file:
        raw = file.read(MAX_ARTICLE_BYTES + 1)
    if len(raw) > MAX_ARTICLE_BYTES:
        raise ValueError(TOO_LARGE)
    text = decode(raw)
    if text is None:
        raise ValueError("binary data, not text")
    if not text.strip():
        raise ValueError("empty")
    return text


@contextmanager
def open_unpacked(path: Path) -> Iterator[BinaryIO]:
    """A file as it was before it was packed, never more of it in memory than is read. Raises ValueError if damaged."""
    try:
        with ExitStack() as opened:
            file: BinaryIO = opened.enter_context(path.open("rb"))
            match path.suffix.lower():
                case ".gz":
                    file = opened.enter_context(gzip.GzipFile(fileobj=file))  # type: ignore[assignment]
                case ".zst":
                    file = opened.enter_context(BufferedReader(ZstdFile(file, ZSTD_WINDOW_BYTES)))
            yield file
    except (zlib.error, gzip.BadGzipFile, EOFError, zstandard.ZstdError) as error:
        raise ValueError(f"damaged {path.suffix} file: {error}") from error


def _read_lines(path: Path) -> Iterator[tuple[str, msgspec.Raw]]:
    """The lines of a .jsonl file, one in memory at a time: such files may be far larger than an article."""
    with open_unpacked(path) as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_ARTICLE_BYTES + 1), b""), 1):
            if len(line) > MAX_ARTICLE_BYTES:
                raise ValueError(f"line {number}: {TOO_LARGE}")
            if line := line.removeprefix(BOM_UTF8).strip():
                yield f"#{number}", msgspec.Raw(line)


def _read_json(text: str) -> Iterator[tuple[str, msgspec.Raw]]:
    if not text.startswith("["):
        yield "", msgspec.Raw(text)
        return
    try:
        values = msgspec.json.decode(text, type=list[msgspec.Raw])
    except RecursionError as error:
        raise ValueError(str(error)) from error
    yield from ((f"#{number}", value) for number, value in enumerate(values, 1))


def _document(text: str) -> dict[str, Any]:
    """A text or Markdown file. Without front matter its text stays unchanged, title line included."""
    found = FRONT_MATTER.match(text)
    if not found:
        return _present(text=text, title=title_of_text(text))
    head, body = _front_matter(found[1]), text[found.end() :].rstrip()
    source = SourceFields(name=head.source) if isinstance(head.source, str) else head.source
    return _present(
        text=body,
        title=head.title or title_of_text(body),
        url=head.url,
        published_at=_time_or_none(head.published_at or head.date),
        source=msgspec.to_builtins(source) if source else None,
        lang=head.lang,
        external_id=head.external_id,
    )


def _front_matter(block: str) -> FrontMatter:
    try:
        # BaseLoader builds strings alone: a title such as "2023" or "No" stays what was written.
        return msgspec.convert(yaml.load(block, Loader=yaml.BaseLoader) or {}, FrontMatter)  # noqa: S506 (see above)
    except (yaml.YAMLError, msgspec.ValidationError, RecursionError) as error:
        raise ValueError(f"front matter: {error}") from error


def _time_or_none(written: str | None) -> str | None:
    """RFC 3339 of an ISO 8601 time (UTC where no zone is given); an unreadable one is null, never now."""
    if not written:
        return None
    try:
        at = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()


def _present(**values: object) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}

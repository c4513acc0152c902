"""A load that was cut short goes on where it stopped, and waits where it is asked to."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import zstandard

from wirewatch.client import ApiError, ApiUnreachableError, Json
from wirewatch.seeding import Journal, SeedArticle, SeedError, journal_path, read_corpus
from wirewatch.stack import loading
from wirewatch.stack.loading import Load, load_articles


class Service:
    """Answers like ingest; breaks at the call `breaks_at`, and is busy at those in `busy_at`."""

    def __init__(self, breaks_at: int = -1, busy_at: Sequence[int] = ()) -> None:
        self.breaks_at, self.busy_at, self.calls, self.texts = breaks_at, busy_at, 0, list[str]()

    def post_articles(self, bodies: Sequence[Json]) -> list[Json]:
        self.calls += 1
        if self.calls == self.breaks_at:
            raise ApiUnreachableError("gone")
        if self.calls in self.busy_at:
            raise ApiError(429, "busy", 7.0)
        self.texts += [body["text"] for body in bodies]
        return [
            {"error": {"status": 422, "detail": "bad"}} if body["text"] == "bad" else {"id": "1", "status": "accepted"}
            for body in bodies
        ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(loading, "MAX_BATCH_ARTICLES", 10)
    lines = [json.dumps({"text": "bad" if number == 3 else f"text {number}"}) for number in range(35)]
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.jsonl").write_text("\n".join(lines))
    (tmp_path / "corpus" / "b.txt").write_text("the last one")
    return tmp_path / "corpus"


def load(service: Any, folder: Path, path: Path, wait: Any = None) -> loading.Loaded:
    return load_articles(service, [folder], lambda _: None, Load(Journal(path), wait or (lambda _: None)))


def test_a_load_that_was_cut_short_sends_the_rest_and_reports_all(folder: Path, tmp_path: Path) -> None:
    path = journal_path(tmp_path / "journals", "http://ingest", [folder])
    assert path is not None
    first, second = Service(breaks_at=3), Service()
    with pytest.raises(ApiUnreachableError):
        load(first, folder, path)
    assert Journal(path).records == 20

    loaded = load(second, folder, path)

    assert [*first.texts, *second.texts].count("text 19") == 1
    assert len(first.texts) + len(second.texts) == 36
    assert [error.detail for error in loaded.errors] == ["bad"], "what was refused before is told as well"
    assert not path.exists()


def test_a_file_that_changed_in_between_is_read_anew(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.touch()
    with pytest.raises(ApiUnreachableError):
        load(Service(breaks_at=3), folder, path)
    (folder / "a.jsonl").write_text('{"text": "new"}\n')
    again = Service()
    load(again, folder, path)
    assert again.texts == ["new", "the last one"]


def test_a_torn_journal_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b'{"path":"a","stamp":"1","records":4}\n{"path":"a","sta')
    assert Journal(path).records == 4


def test_a_busy_service_is_given_the_time_it_asks_for(folder: Path) -> None:
    waited: list[float] = []
    service = Service(busy_at=(2, 3))
    load_articles(service, [folder], lambda _: None, Load(Journal(None), waited.append))  # type: ignore[arg-type]
    assert waited == [7.0, 7.0]
    assert len(service.texts) == 36


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_packed_files_are_read(tmp_path: Path, suffix: str, pack: Any) -> None:
    (tmp_path / f"a.jsonl{suffix}").write_bytes(pack(b'{"text": "one"}\n{"text": "two"}\n'))
    (tmp_path / f"b.txt{suffix}").write_bytes(pack(b"three"))
    (tmp_path / f"c.txt{suffix}").write_bytes(pack(b"four" * 100)[:-5])
    (tmp_path / f"d.png{suffix}").write_bytes(b"x")
    found = list(read_corpus([tmp_path]))
    assert [part.body["text"] for part in found if isinstance(part, SeedArticle)] == ["one", "two", "three"]
    assert ["damaged" in part.detail for part in found if isinstance(part, SeedError)] == [True]


@pytest.mark.costly
@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_a_bomb_in_a_file_is_an_error_of_that_file(tmp_path: Path, suffix: str, pack: Any) -> None:
    (tmp_path / f"a.txt{suffix}").write_bytes(pack(b"0" * 50_000_000))
    (found,) = read_corpus([tmp_path])
    assert isinstance(found, SeedError)
    assert "larger" in found.detail

"""The measure of full text, on a folder as the article-extraction benchmark lays it out."""

import gzip
import json
from pathlib import Path

import pytest

from bench.full_text import main, score
from tests.unit.pages.test_extract import SENTENCES, page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    truth = {name: {"articleBody": "\n".join(SENTENCES), "url": "https://a.example/1"} for name in ("one", "missing")}
    (tmp_path / "ground-truth.json").write_text(json.dumps(truth))
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "one.html.gz").write_bytes(gzip.compress(page()))
    return tmp_path


def test_a_folder_is_measured_beside_trafilatura(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("1 pages")
    assert [line.split()[0] for line in shown.splitlines()[2:]] == ["ours,", "ours,", "trafilatura"]


def test_a_page_taken_for_a_wall_fails_the_measure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    locked = page(f"<article><p>{SENTENCES[0]}</p><p>Subscribe to continue reading.</p></article>")
    (folder / "html" / "one.html.gz").write_bytes(gzip.compress(locked))
    assert main([str(folder)]) == 1
    assert "taken for no article: one https://a.example/1" in capsys.readouterr().out


def test_without_the_benchmark_nothing_is_measured(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        ("a b c d e", "a b c d e", (1.0, 1.0)),
        ("a b c d", "a b c d e", (1.0, 0.5)),
        ("a b", "a b", (1.0, 1.0)),
        ("", "a b", (0.0, 0.0)),
        ("a b", "", (0.0, 0.0)),
        ("", "", (1.0, 1.0)),
    ],
)
def test_pages_are_scored_by_shingles_of_four_words(found: str, wanted: str, expected: tuple[float, float]) -> None:
    assert score(found, wanted) == expected

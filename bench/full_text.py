"""Text of pages beside trafilatura's own, on a folder of the article-extraction benchmark (html/*.html.gz with
ground-truth.json): `python -m bench.full_text FOLDER`. F1 over shingles of four words, as that benchmark counts it.

Measured twice: the text alone, and the page as articles are read from it, where what is taken for a wall has no text.
"""

import gzip
import json
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import trafilatura

from ingest.pages.extract import page_text, read_page

SHINGLE_WORDS = 4
FLOOR = 0.95
# Both give the same words; what differs is white space, which no shingle sees.
TOLERANCE = 0.001

_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """By the name of each page: its HTML, its address ("" where it is not told), the text that is to be found."""

    pages: dict[str, bytes]
    urls: dict[str, str]
    wanted: dict[str, str]


def load(folder: Path) -> Benchmark:
    truth = json.loads((folder / "ground-truth.json").read_text())
    files = {name: folder / "html" / f"{name}.html.gz" for name in truth}
    return Benchmark(
        {name: gzip.decompress(file.read_bytes()) for name, file in files.items() if file.is_file()},
        {name: str(item.get("url") or "") for name, item in truth.items()},
        {name: str(item["articleBody"]) for name, item in truth.items()},
    )


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Of a text shorter than one shingle, the text itself."""
    words = _WORD.findall(text)
    size = min(SHINGLE_WORDS, len(words))
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1)) if size else Counter()


def score(found: str, wanted: str) -> tuple[float, float]:
    """(precision, recall) of one page; a page without either is perfect where it should be so."""
    have, want = shingles(found), shingles(wanted)
    common = sum((have & want).values())
    precision = common / have.total() if have else float(not want)
    recall = common / want.total() if want else float(not have)
    return precision, recall


@dataclass(frozen=True, slots=True)
class Run:
    """`empty` names the pages of which nothing was found."""

    name: str
    f1: float
    precision: float
    recall: float
    cpu_seconds: float
    empty: list[str]


def measure(name: str, benchmark: Benchmark, read: Callable[[bytes, str], str]) -> Run:
    """F1 of the mean precision and the mean recall."""
    started = time.process_time()
    found = {page: read(html, benchmark.urls[page]) for page, html in benchmark.pages.items()}
    seconds = time.process_time() - started
    scores = [score(text, benchmark.wanted[page]) for page, text in found.items()]
    precision = sum(one for one, _ in scores) / len(scores)
    recall = sum(one for _, one in scores) / len(scores)
    f1 = 2 * precision * recall / (precision + recall or 1.0)
    return Run(name, f1, precision, recall, seconds, [page for page, text in found.items() if not text])


def by_trafilatura(html: bytes, _url: str) -> str:
    return trafilatura.extract(html.decode("utf-8", "replace"), include_comments=False) or ""


def main(arguments: Sequence[str]) -> int:
    folder = Path(arguments[0]) if arguments else Path()
    if not (folder / "ground-truth.json").is_file():
        print("Give the folder of the benchmark: it holds ground-truth.json and html/*.html.gz.")
        return 2
    benchmark = load(folder)
    if not benchmark.pages:
        print(f"There are no pages in {folder / 'html'}.")
        return 2
    text = measure("ours, the text", benchmark, lambda html, _: page_text(html))
    article = measure("ours, the article", benchmark, lambda html, url: read_page(html, "text/html", url).text)
    theirs = measure("trafilatura", benchmark, by_trafilatura)
    print(f"{len(benchmark.pages)} pages, {platform.machine()}, Python {platform.python_version()}")
    print(f"{'':18}{'F1':>8}{'precision':>11}{'recall':>8}{'CPU s':>8}{'empty':>7}")
    for run in (text, article, theirs):
        rates = f"{run.f1:8.4f}{run.precision:11.4f}{run.recall:8.4f}"
        print(f"{run.name:18}{rates}{run.cpu_seconds:8.1f}{len(run.empty):7}")
    for page in sorted(set(article.empty) - set(theirs.empty)):
        print(f"taken for no article: {page} {benchmark.urls[page]}")
    return 0 if min(text.f1, article.f1) >= max(FLOOR, theirs.f1 - TOLERANCE) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

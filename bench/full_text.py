"""Text of pages beside trafilatura's own, on a folder of the article-extraction benchmark (html/*.html.gz with
ground-truth.json): `python -m bench.full_text FOLDER`. F1 over shingles of four words, as that benchmark counts it.
"""

import gzip
import json
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import trafilatura

from ingest.pages.extract import page_text

SHINGLE_WORDS = 4
FLOOR = 0.95
# Both give the same words; what differs is white space, which no shingle sees.
TOLERANCE = 0.001

_WORD = re.compile(r"\w+", re.UNICODE)


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


def measure(pages: dict[str, bytes], wanted: dict[str, str], read: Callable[[bytes], str]) -> tuple[float, float]:
    """(F1 of the mean precision and recall, CPU seconds) over all pages."""
    started = time.process_time()
    found = {name: read(html) for name, html in pages.items()}
    seconds = time.process_time() - started
    scores = [score(found[name], wanted[name]) for name in pages]
    precision = sum(one for one, _ in scores) / len(scores)
    recall = sum(one for _, one in scores) / len(scores)
    return 2 * precision * recall / (precision + recall or 1.0), seconds


def by_trafilatura(html: bytes) -> str:
    return trafilatura.extract(html.decode("utf-8", "replace"), include_comments=False) or ""


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    truth = folder / "ground-truth.json"
    if not truth.is_file():
        print("Give the folder of the benchmark: it holds ground-truth.json and html/*.html.gz.")
        return 2
    wanted = {name: str(item["articleBody"]) for name, item in json.loads(truth.read_text()).items()}
    files = {name: folder / "html" / f"{name}.html.gz" for name in wanted}
    pages = {name: gzip.decompress(file.read_bytes()) for name, file in files.items() if file.is_file()}
    ours, our_seconds = measure(pages, wanted, page_text)
    theirs, their_seconds = measure(pages, wanted, by_trafilatura)
    print(f"{len(pages)} pages, {platform.machine()}, Python {platform.python_version()}")
    print(f"{'':14}{'F1':>8}{'CPU s':>8}")
    print(f"{'ours':14}{ours:8.4f}{our_seconds:8.1f}")
    print(f"{'trafilatura':14}{theirs:8.4f}{their_seconds:8.1f}")
    return 0 if ours >= max(FLOOR, theirs - TOLERANCE) else 1


if __name__ == "__main__":
    sys.exit(main())

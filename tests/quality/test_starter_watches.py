"""The library of starter watches: each is understood, told of in a comment, and most find something in the seeds."""

from pathlib import Path

from wirewatch.data import load_entities, load_topics
from wirewatch.models import Article, StoryFacts
from wirewatch.query import CatalogueNames, Subject, compile_query, parse
from wirewatch.seeding import SeedArticle, read_corpus, read_watches
from worker.extraction import Document, Extractor

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
LIBRARY = SEEDS / "starter-watches.yml"
LEAST_FINDING = 16
# As the stories of the seed corpus are told by several sources.
STORY = StoryFacts("", ("1", "2", "3"), ("A", "B", "C"), 2, None, None)


def test_the_library_is_understood_and_finds_something(extractor: Extractor) -> None:
    names = CatalogueNames(load_entities(), load_topics())
    watches = {one["name"]: compile_query(parse(one["query"]), names) for one in read_watches(LIBRARY)}
    assert len(watches) == 20
    assert [name for name, compiled in watches.items() if compiled.warnings] == []
    parts = [part for part in read_corpus([SEEDS / "articles"]) if isinstance(part, SeedArticle)]
    documents = [Document(str(n), 1, one.body.get("title", ""), one.body["text"]) for n, one in enumerate(parts)]
    subjects = [
        Subject(
            Article(document.article_id, 1, document.title, document.text, source_name=part.body["source"]["name"]),
            analysis,
            STORY,
        )
        for part, document, analysis in zip(parts, documents, extractor.analyse(documents), strict=True)
    ]
    finding = {name for name, one in watches.items() if any(one.root.holds(subject) for subject in subjects)}
    assert len(finding) >= LEAST_FINDING, watches.keys() - finding


def test_each_says_what_it_is_for() -> None:
    lines = LIBRARY.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("- name:")]
    assert all(lines[number - 1].startswith("# ") for number in starts)

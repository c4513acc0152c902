import pytest

from wirewatch.models import MentionLabel
from worker.extraction.labels import is_addressed, label_by_words
from worker.extraction.lexicon import load_lexicon
from worker.extraction.neighbours import complete_names
from worker.extraction.spans import Candidate, clean


def pieces(name: str, label: str) -> list[str]:
    text = f"... {name} ..."
    return [text[start:end] for start, end in clean(text, 4, 4 + len(name), label, load_lexicon())]


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        ("the Harbour Council's", "ORG", ["Harbour Council"]),
        ("“Mira Holt", "PERSON", ["Mira Holt"]),
        ("Deputy Prime Minister Mira Holt", "PERSON", ["Mira Holt"]),
        ("President Mira Holt", "PERSON", ["Mira Holt"]),
        ("Lt. Gen. Mira Holt", "PERSON", ["Mira Holt"]),
        ("Mira Holt and Jonas Weber", "PERSON", ["Mira Holt", "Jonas Weber"]),
        ("Harbour Council (HC", "ORG", ["Harbour Council", "HC"]),
        ("Norway’s Harbour Council", "ORG", ["Norway", "Harbour Council"]),
        ("Supreme People's Court", "ORG", ["Supreme People's Court"]),
        ("Women’s Harbour Council", "ORG", ["Women’s Harbour Council"]),
        ("Kenya, Uganda and Rwanda", "GPE", ["Kenya", "Uganda", "Rwanda"]),
        ("former Harbour Council chief", "ORG", ["Harbour Council"]),
        ("U.S.", "GPE", ["U.S."]),
        ("Harbour Works Inc.", "ORG", ["Harbour Works Inc"]),
        ("...", "ORG", []),
    ],
)
def test_only_names_are_left(name: str, label: str, expected: list[str]) -> None:
    assert pieces(name, label) == expected


def test_a_hyphenated_name_that_was_cut_is_whole_again() -> None:
    text = "in Grafton-on-Lea, a China-based firm and Park Min-seo"
    lexicon = load_lexicon()
    assert [text[s:e] for s, e in clean(text, 3, 10, "GPE", lexicon)] == ["Grafton-on-Lea"]
    at = text.index("China")
    assert [text[s:e] for s, e in clean(text, at, at + 5, "GPE", lexicon)] == ["China"]
    at = text.index("Park")
    assert [text[s:e] for s, e in clean(text, at, at + 8, "PERSON", lexicon)] == ["Park Min-seo"]


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        ("Muslims", "PERSON", "NORP"),
        ("Nairobi", "PERSON", "GPE"),
        ("Ministry of Fisheries", "GPE", "ORG"),
        ("Lower Lea River", "PERSON", "LOC"),
        ("Lea Valley Airport", "FAC", "FAC"),
        ("Government", "ORG", None),
        ("COVID-19", "ORG", None),
        ("GDP", "ORG", None),
        ("Harbour Dues Act", "ORG", None),
        ("Harbour Prize", "PERSON", None),
        ("World Harbour Programme", "ORG", "ORG"),
        ("Harbour Festival", "ORG", "EVENT"),
        ("Minister of Fisheries", "ORG", None),
        ("LGBT", "ORG", "NORP"),
        ("蔡英文", "PERSON", None),
        ("NT$10,000", "PERSON", None),
        ("harbour works", "PERSON", None),
        ("Sofia Rossi", "ORG", "PERSON"),
        ("Harbour Council", "ORG", "ORG"),
    ],
)
def test_a_names_own_words_tell_its_kind(name: str, label: str, expected: str | None) -> None:
    assert label_by_words(name, label, load_lexicon()) == expected  # type: ignore[arg-type]


def test_a_body_is_whole_where_the_model_stopped_at_its_possessive() -> None:
    text = "the Lower Lea Magistrate's Court, and Norway's Harbour Council"
    lexicon = load_lexicon()
    assert [text[s:e] for s, e in clean(text, 4, 24, "ORG", lexicon)] == ["Lower Lea Magistrate's Court"]
    at = text.index("Norway")
    assert [text[s:e] for s, e in clean(text, at, at + 6, "GPE", lexicon)] == ["Norway"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Mr Holt", True), ("Dr. Mira Holt", True), ("Mr", False), ("Harbour Council", False), ("President Holt", False)],
)
def test_persons_are_addressed_as_such(name: str, expected: bool) -> None:
    assert is_addressed(name, load_lexicon()) is expected


def test_what_belongs_to_one_name_is_joined() -> None:
    text = "Mama Ngina Kenyatta saw Real Madrid in Madrid. Kofi Mensah, Ana Okafor spoke."
    spans: list[tuple[str, MentionLabel]] = [
        ("Mama Ngina", "PERSON"),
        ("Kenyatta", "PERSON"),
        ("Madrid", "GPE"),
        ("Kofi Mensah", "PERSON"),
        ("Ana Okafor", "PERSON"),
    ]
    candidates = [Candidate(text.index(name), text.index(name) + len(name), label, 0.75) for name, label in spans]
    whole = complete_names(text, candidates, load_lexicon())
    assert [(text[c.start : c.end], c.label) for c in whole] == [
        ("Mama Ngina Kenyatta", "PERSON"),
        ("Real Madrid", "ORG"),
        ("Kofi Mensah", "PERSON"),
        ("Ana Okafor", "PERSON"),
    ]

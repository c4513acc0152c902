import pytest

from worker.extraction.labels import label_by_words
from worker.extraction.lexicon import load_lexicon
from worker.extraction.spans import clean


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
        ("harbour works", "PERSON", None),
        ("Sofia Rossi", "ORG", "PERSON"),
        ("Harbour Council", "ORG", "ORG"),
    ],
)
def test_a_names_own_words_tell_its_kind(name: str, label: str, expected: str | None) -> None:
    assert label_by_words(name, label, load_lexicon()) == expected  # type: ignore[arg-type]

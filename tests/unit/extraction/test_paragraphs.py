import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cost import LINEAR, growth
from worker.extraction.paragraphs import MAX_PARAGRAPH_CHARS, split_paragraphs


@given(st.text(alphabet=st.sampled_from("ab.A \n\r\u2028\u0301é漢"), max_size=400))
def test_paragraphs_slice_exactly_and_cover_everything_but_space(text: str) -> None:
    paragraphs = split_paragraphs(text)
    assert all(text[p.start : p.start + len(p.text)] == p.text for p in paragraphs)
    covered = {i for p in paragraphs for i in range(p.start, p.start + len(p.text))}
    assert all(char.isspace() for i, char in enumerate(text) if i not in covered)


def test_hard_wrapped_lines_are_one_paragraph_and_headings_are_not() -> None:
    text = (
        "Talks end\n\nThe two ministers said after their meeting that nothing\nhad been signed so far.\nA second line."
    )
    assert [p.text.replace("\n", " ") for p in split_paragraphs(text)] == [
        "Talks end",
        "The two ministers said after their meeting that nothing had been signed so far.",
        "A second line.",
    ]


def test_long_paragraphs_are_cut_at_sentence_ends() -> None:
    text = "The harbour was closed on Monday. " * 400
    paragraphs = split_paragraphs(text)
    assert len(paragraphs) > 2
    assert all(len(p.text) <= MAX_PARAGRAPH_CHARS and p.text.endswith(".") for p in paragraphs)


@pytest.mark.costly
@pytest.mark.parametrize("unit", ["x", "x ", "x. ", "x\n", "\u0301"])
def test_cutting_megabytes_takes_linear_time(unit: str) -> None:
    texts = [(unit * size)[:size] for size in (50_000, 200_000)]
    assert sum(len(p.text) for p in split_paragraphs("x" * 5_000_000)) == 5_000_000
    assert growth(split_paragraphs, *texts) < LINEAR

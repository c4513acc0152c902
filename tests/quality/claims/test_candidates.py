"""Only paragraphs with a word of transfer and arms are parsed; capitals keep their places."""

from typing import Any

import pytest

from tests.cost import cost
from tests.quality.claims.conftest import link
from worker.claims import ClaimFinder, ClaimInput


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("", []),
        ("Nothing here.\nNorway sold rifles.\nNor here.", ["Norway sold rifles."]),
        ("Norway sold fish.\nThe rifles were old.", []),
        ("Brazil denied the report.", []),
        ("Norway ships rockets.\nBrazil denied the report.", ["Norway ships rockets.", "Brazil denied the report."]),
        ("Norwegian defense exports grew.", ["Norwegian defense exports grew."]),
    ],
)
def test_candidates(finder: ClaimFinder, text: str, paragraphs: list[str]) -> None:
    assert [text[start:end] for start, end in finder.candidates(text)] == paragraphs


def test_legible_keeps_every_place(finder: ClaimFinder) -> None:
    text = "U.S. SENDS ARMS TO KENYA, ISTANBUL’S İNFO SAYS. <FJD.OL> Norway kept silent."
    made = finder.legible(text)
    assert len(made) == len(text)
    assert made.startswith("U.S. sends arms to Kenya")
    assert made.endswith("Norway kept silent.")
    assert "FJD" not in made


@pytest.mark.parametrize(
    "text",
    [
        "Norway supplied missiles to Brazil " * 400,
        "missiles, " * 2_000 + "supplied",
        "the sale of the sale of " * 300 + "missiles to Brazil",
        "SUPPLIED MISSILES " * 1_500,
        "\u0301" * 5_000 + " missiles supplied",
    ],
)
def test_bad_input_is_read_no_slower_than_it_is_parsed(nlp: Any, finder: ClaimFinder, text: str) -> None:
    spans = finder.candidates(text)
    document = ClaimInput("a1", 1, "text", text, link(text))

    def parse() -> list[tuple[int, Any]]:
        return [(s, nlp(finder.legible(text[s:e]))) for s, e in spans]

    parsed = parse()
    assert not parsed or cost(lambda: finder.find(document, parsed), beside=parse, enough=3) < 3
    assert all(text[claim.start : claim.end] == claim.quote for claim in finder.find(document, parsed))

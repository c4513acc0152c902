"""Sought together, regular expressions find what each finds by itself."""

from hypothesis import given
from hypothesis import strategies as st

from wirewatch.query.expressions import Expressions
from wirewatch.query.terms import compile_regex

PATTERNS = [
    "kinzhal",
    "кинжал",
    "kin[jz]h?al",
    "tu.?160",
    "(?-i)Oslo",
    "^oslo$",
    "missiles? .{1,9}oslo",
    "[0-9]{3}",
    "a|ü",
]
TEXT = "Kinzhal КИНЖАЛ OSLO tu-160 missile in Oslo ÜBER 12"


@given(st.lists(st.sampled_from(PATTERNS)), st.text("КИНЖАЛkinzhalosOSL 1260ü-", max_size=30) | st.just(TEXT))
def test_together_as_alone(patterns: list[str], text: str) -> None:
    together = Expressions()
    for number, pattern in enumerate(patterns):
        together.add(number, pattern)
    alone = [number for number, pattern in enumerate(patterns) if compile_regex(pattern).search(text)]
    assert sorted(together.found_in(text)) == alone


def test_thousands_and_large_ones_are_all_found() -> None:
    """RE2 says nothing where an automaton is too large for it, and finds nothing."""
    together = Expressions()
    patterns = [f"слово{number:04}[а-я]+" for number in range(1_500)] + ["(длинный текст){60}", "(?:long words )+x{90}"]
    for number, pattern in enumerate(patterns):
        together.add(number, pattern)
    text = " ".join(["слово0000да", "слово0749нет", "Слово1499ДА", "длинный текст" * 60, "long words " + "x" * 90])
    assert sorted(together.found_in(text)) == [0, 749, 1499, 1500, 1501]


def test_one_that_is_added_later_is_found() -> None:
    together = Expressions()
    assert together.found_in(TEXT) == []
    together.add(7, "oslo")
    assert together.found_in(TEXT) == [7]
    together.add(9, "tu.160")
    assert sorted(together.found_in(TEXT)) == [7, 9]

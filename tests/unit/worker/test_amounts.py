"""Amounts with a unit, as texts write them."""

import pytest

from worker.stories.amounts import amounts_in, are_far_apart


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Norway lends 120 million euros", [("euro", 120e6)]),
        ("a loan of €1.5bn and $ 2,000", [("euro", 1.5e9), ("dollar", 2000.0)]),
        ("an 85 million euro heist", [("euro", 85e6)]),
        ("conscription of nine months, not one year", [("month", 9.0), ("year", 1.0)]),
        ("a 6.1-magnitude quake; magnitude of 5.9", [("magnitude", 6.1), ("magnitude", 5.9)]),
        ("shares fell 3.5% or 12 percent", [("percent", 3.5), ("percent", 12.0)]),
        # Neither an age nor a time that has passed says how much.
        ("a 15-year-old boy, 35 years old, arrested eight days ago", []),
        ("S-400 and FA-50 for 2031", []),
    ],
)
def test_amounts_are_read_with_their_unit(text: str, found: list[tuple[str, float]]) -> None:
    assert [(one.unit, one.value) for one in amounts_in(text)] == found


def test_an_amount_is_found_where_it_stands() -> None:
    text = "Kyiv gets 40 million dollars at once."
    (amount,) = amounts_in(text)
    assert text[amount.start : amount.end] == "40 million dollars"


@pytest.mark.parametrize(
    ("unit", "one", "other", "apart"),
    [
        ("dollar", 102e6, 160e6, False),
        ("dollar", 102e6, 2.6e6, True),
        ("magnitude", 5.9, 6.1, False),
        ("magnitude", 6.1, 7.4, True),
        ("month", 0.0, 0.0, False),
    ],
)
def test_what_two_may_tell_of_one_thing_is_not_far_apart(unit: str, one: float, other: float, apart: bool) -> None:
    assert are_far_apart(unit, one, other) is apart
    assert are_far_apart(unit, other, one) is apart

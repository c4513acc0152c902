"""Words that are near have a remnant in common, so that the index finds every fuzzy watch."""

from hypothesis import given
from hypothesis import strategies as st

from wirewatch.query.names import is_respelled
from wirewatch.query.nearness import is_near, remnants

WORDS = st.text("abc", min_size=3, max_size=11)


@given(WORDS, WORDS, st.sampled_from((1, 2)))
def test_near_words_share_a_remnant(left: str, right: str, distance: int) -> None:
    if is_near(left, right, distance):
        assert not set(remnants(left, distance)).isdisjoint(remnants(right, distance))


def test_remnants_of_long_words_stay_few() -> None:
    assert len(remnants("counterintelligence", 2)) <= 29


def test_what_counts_as_another_spelling() -> None:
    assert is_respelled(("kinzhal",), ("kinjal",))
    assert is_respelled(("almaz", "antey"), ("almaz", "antei"))
    assert not is_respelled(("kinzhal",), ("kh", "47"))
    assert not is_respelled(("tu", "160"), ("tu", "161"))
    assert not is_respelled(("kiev",), ("kyiv",))
    assert not is_respelled(("blackjack",), ("backfire",))

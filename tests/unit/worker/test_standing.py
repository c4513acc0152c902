"""What is material, and how it is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.alerts.standing import find_changes, hear, said_by
from wirewatch.models import Claim, ClaimStatus, SaidClaim, Standing


def said(
    status: ClaimStatus,
    item: str | None = "mortars",
    *,
    by: tuple[str, ...] = (),
    recipient: str | None = "Chile",
    supplier: str | None = "Brazil",
) -> SaidClaim:
    return SaidClaim("arms_transfer", supplier, recipient, item, status, by, "7")


def words(told: list[SaidClaim], now: list[SaidClaim]) -> list[str]:
    before = hear(Standing(), told, 1)
    return [change.words for change in find_changes(before, hear(before, now, 1))]


def words_left(told: list[SaidClaim], now: list[SaidClaim]) -> list[str]:
    return [change.words for change in find_changes(hear(Standing(), told, 1), hear(Standing(), now, 1))]


def test_a_denial_is_told_with_who_denies() -> None:
    assert words([said("alleged")], [said("denied", by=("Brazil",))]) == [
        "status of 'Brazil supplies mortars to Chile' went from alleged to denied by Brazil"
    ]


def test_a_denial_of_the_whole_is_one_of_what_was_told() -> None:
    assert words([said("alleged")], [said("denied", None, by=("Brazil", "Chile"))]) == [
        "status of 'Brazil supplies mortars to Chile' went from alleged to denied by Brazil and Chile"
    ]


def test_a_denial_that_is_more_exact_is_still_one() -> None:
    assert words([said("alleged", None)], [said("denied")]) == [
        "status of 'Brazil supplies mortars to Chile' went from alleged to denied"
    ]


@pytest.mark.parametrize(
    ("before", "now"), [("alleged", "confirmed"), ("possible", "reported"), ("planned", "confirmed")]
)
def test_a_stronger_standing_is_told(before: ClaimStatus, now: ClaimStatus) -> None:
    assert words([said(before)], [said(now)]) == [
        f"status of 'Brazil supplies mortars to Chile' went from {before} to {now}"
    ]


@pytest.mark.parametrize(
    ("before", "now"), [("reported", "alleged"), ("confirmed", "reported"), ("alleged", "possible")]
)
def test_a_weaker_repetition_is_not(before: ClaimStatus, now: ClaimStatus) -> None:
    assert words([said(before)], [said(now)]) == []


def test_who_denies_once_more_is_not_told_again() -> None:
    assert words([said("alleged"), said("denied", by=("Brazil",))], [said("denied", by=("Chile",))]) == []


@pytest.mark.parametrize(
    "new",
    [said("alleged", "missiles"), said("alleged", recipient="Peru"), said("alleged", supplier="Spain")],
)
def test_another_supplier_recipient_or_item_is_a_new_claim(new: SaidClaim) -> None:
    (change,) = words([said("alleged")], [new])
    assert change.startswith("new: '")
    assert change.endswith("', alleged")


@pytest.mark.parametrize(
    "new", [said("alleged", None), said("alleged", recipient=None), said("alleged", supplier=None)]
)
def test_the_same_said_less_exactly_is_not(new: SaidClaim) -> None:
    assert words([said("alleged")], [new]) == []


def test_several_items_of_one_sentence_are_told_together() -> None:
    claim = Claim(
        *("7.1.0", "arms_transfer", "Brazil", "brazil", "Chile", "chile", ("mortars", "shells", "rifles"), None),
        *("shipped", "alleged", ("Peru",), "quote", 0, 5, "text"),
    )
    assert words([], list(said_by("7", [claim]))) == [
        "new: 'Brazil supplies mortars, shells and rifles to Chile', alleged by Peru"
    ]


def test_what_nobody_says_any_more_is_told() -> None:
    assert words_left([said("alleged")], []) == ["'Brazil supplies mortars to Chile' is not said any more"]


def test_what_is_left_of_a_confirmation_that_was_taken_back_is_told() -> None:
    assert words_left([said("alleged"), said("confirmed")], [said("alleged")]) == [
        "status of 'Brazil supplies mortars to Chile' went back from confirmed to alleged"
    ]


def test_a_second_independent_source_is_told_a_third_is_not() -> None:
    one, two, three = (hear(Standing(), [], count) for count in (1, 2, 3))
    assert [change.words for change in find_changes(one, two)] == ["independent sources went from 1 to 2"]
    assert find_changes(two, three) == []


def test_names_are_no_patterns() -> None:
    assert words([], [said("alleged", "{}{0}%s", by=("{}",))]) == [
        "new: 'Brazil supplies {}{0}%s to Chile', alleged by {}"
    ]


claims = st.lists(
    st.builds(
        said,
        st.sampled_from(["confirmed", "reported", "alleged", "possible", "planned", "denied"]),
        st.sampled_from([None, "mortars", "shells"]),
        recipient=st.sampled_from([None, "Chile", "Peru"]),
        supplier=st.sampled_from([None, "Brazil", "Spain"]),
    ),
    max_size=8,
)


@given(claims, claims)
def test_what_was_told_is_never_told_again(told: list[SaidClaim], now: list[SaidClaim]) -> None:
    after = hear(hear(Standing(), told, 1), now, 1)
    assert find_changes(after, after) == []
    assert find_changes(after, hear(after, [*told, *now], 1)) == []

"""Copies share wording; reports of one event in their own words do not."""

import random
from typing import cast

import pytest

from wirewatch.db import Transaction
from wirewatch.store.fingerprints import Candidate
from worker.copies import fingerprint, folded_words, is_copy, overlap_of
from worker.dedupe import Comparison

WIRE = (
    "The coastal province of Marrow ordered four patrol boats from a shipyard in the north on Monday, its governor "
    "said, after months in which smugglers had outrun every vessel that the harbour police could put to sea. "
    "The boats, each thirty metres long, are to be delivered before the winter storms begin. The yard has built "
    "nothing of the kind for eleven years and will have to hire two hundred welders, a union official told reporters. "
    "Critics in the assembly asked why the order had not been put out to tender, and what the crews would cost."
)
OWN_WORDS = (
    "Marrow will buy a small fleet of fast vessels to chase contraband runners. Four of them have been contracted with "
    "a northern builder that last launched such a ship over a decade ago. Deputies complained that no competition was "
    "held. Handover is promised for the autumn; recruiting enough skilled workers may prove the hardest part."
)


def edited(text: str, share: float, seed: int = 1) -> str:
    """The text with this share of its words replaced."""
    chosen = random.Random(seed)
    return " ".join("altered" if chosen.random() < share else word for word in text.split())


def is_found_and_judged_a_copy(a: str, b: str) -> bool:
    first, second = fingerprint("", a), fingerprint("", b)
    meets = (
        first.folded_hash == second.folded_hash
        or set(first.bands) & set(second.bands)
        or set(first.sentences) & set(second.sentences)
    )
    ours, theirs = folded_words("", a), folded_words("", b)
    return bool(meets) and is_copy(overlap_of(ours, theirs), len(ours), len(theirs))


def test_a_text_with_other_hyphens_case_and_spaces_is_the_same_text() -> None:
    assert fingerprint("", WIRE).folded_hash == fingerprint("", WIRE.upper().replace(" ", "  ")).folded_hash


@pytest.mark.parametrize("seed", range(8))
def test_small_edits_leave_a_copy(seed: int) -> None:
    assert is_found_and_judged_a_copy(WIRE, edited(WIRE, 0.05, seed))


def test_a_wire_text_inside_a_local_frame_is_a_copy() -> None:
    framed = f"Our readers in the port district will know the matter well. {WIRE} More in tomorrow's edition."
    assert is_found_and_judged_a_copy(WIRE, framed)


def test_a_truncated_text_is_a_copy() -> None:
    assert is_found_and_judged_a_copy(WIRE, " ".join(WIRE.split()[:60]))


def test_another_report_of_the_event_is_no_copy() -> None:
    assert not is_found_and_judged_a_copy(WIRE, OWN_WORDS)


def test_a_short_text_is_a_copy_only_of_its_equal() -> None:
    assert is_found_and_judged_a_copy("Governor of Marrow resigns", "Governor of Marrow resigns")
    assert not is_found_and_judged_a_copy("Governor of Marrow resigns", "Governor of Farrow resigns")


def test_the_title_decides_only_about_very_short_texts() -> None:
    assert folded_words("One headline", WIRE) == folded_words("Another headline", WIRE)
    assert folded_words("One headline", "Details follow.") != folded_words("Another headline", "Details follow.")


def test_empty_texts_are_compared_without_error() -> None:
    print_of_nothing = fingerprint("", "")
    assert print_of_nothing.bands == ()
    assert print_of_nothing.sentences == ()


def test_quotations_prove_no_lineage() -> None:
    quoted = '"' + WIRE.split(". ")[0] + '," the governor said.'
    assert fingerprint("", quoted).sentences == ()
    assert fingerprint("", WIRE).sentences != ()


def test_equal_texts_are_known_for_copies_without_being_read() -> None:
    candidate = Candidate("2", "1", None, equal=True)
    no_database = cast(Transaction, None)
    assert Comparison({}).copies(no_database, [candidate]) == {"2": [(candidate, 1.0)]}

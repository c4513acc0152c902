"""Copies share wording; reports of one event in their own words do not."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from wirewatch.models import Article, Entity
from wirewatch.store.fingerprints import Candidate
from worker.copies import (
    Likeness,
    Wording,
    changes_of,
    find_agency,
    fingerprint,
    likeness_of,
    likeness_of_equals,
    lineage_of,
    read_wording,
    retraction_in,
)
from worker.copies.overlap import common_in_order
from worker.copies.relations import Relation, Relations
from worker.dedupe import choose_originals, later_copies

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
FORM = (
    "A quake of magnitude 4.1 struck eight kilometres north of Brenna at dawn on Tuesday, the survey said. Nobody was "
    "hurt and no damage was reported, it added, and no wave is to be expected along the coast."
)
LONG = " ".join(f"The {place} council met to talk about its budget for the year." for place in "abcdefghijklmnopqr") * 5
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def wording(text: str, title: str = "") -> Wording:
    return read_wording("1", title, text)


def edited(text: str, share: float, seed: int = 1) -> str:
    """The text with this share of its words replaced."""
    chosen = random.Random(seed)
    return " ".join("altered" if chosen.random() < share else word for word in text.split())


def copied(a: str, b: str) -> Likeness | None:
    """How the texts are copies, if they would also meet in the store."""
    ours, theirs = wording(a), wording(b)
    first, second = fingerprint(ours), fingerprint(theirs)
    meets = {*first.bands, *first.sentences} & {*second.bands, *second.sentences}
    return likeness_of(ours, theirs) if meets else None


def test_a_text_with_other_hyphens_case_and_spaces_is_the_same_text() -> None:
    assert wording(WIRE).folded_hash == wording(WIRE.upper().replace(" ", "  ")).folded_hash


@pytest.mark.costly
def test_of_a_very_long_text_the_end_counts_too() -> None:
    book = "word and another word. " * 10_000
    assert wording(book + "The end.").folded_hash == wording(book + "The  END.").folded_hash
    assert wording(book + "The end.").folded_hash != wording(book + "An end.").folded_hash


@pytest.mark.parametrize("seed", range(8))
def test_small_edits_leave_a_copy(seed: int) -> None:
    found = copied(WIRE, edited(WIRE, 0.15, seed))
    assert found is not None
    assert found.kind == "whole"


@pytest.mark.parametrize("seed", range(4))
def test_an_edited_text_in_other_words_is_a_part(seed: int) -> None:
    found = copied(WIRE, f"{LONG[:500]} {edited(WIRE, 0.1, seed)} {LONG[500:1000]}")
    assert found is not None
    assert found.kind == "part"


def test_a_truncated_text_is_a_copy_however_long_the_whole_is() -> None:
    teaser = " ".join(WIRE.split()[:60])
    found = copied(teaser, f"{WIRE} {LONG}")
    assert found is not None
    assert found.kind == "part"


def test_a_quoted_release_makes_no_copy_of_a_long_article() -> None:
    assert likeness_of(wording(WIRE), wording(f"{LONG} {WIRE} {LONG}")) is None


def test_moved_paragraphs_leave_a_copy() -> None:
    sentences = f"{WIRE} {OWN_WORDS}".split(". ")
    found = likeness_of(wording(". ".join(sentences)), wording(". ".join(sentences[::-1])))
    assert found is not None
    assert found.kind == "whole"


def test_another_report_of_the_event_is_no_copy() -> None:
    assert likeness_of(wording(WIRE), wording(OWN_WORDS)) is None


def test_the_same_form_with_other_names_and_numbers_is_another_report() -> None:
    assert likeness_of(wording(FORM), wording(FORM.replace("4.1", "3.8").replace("Brenna", "Ostrava"))) is None
    assert likeness_of(wording(FORM), wording(FORM.replace("hurt", "injured"))) is not None


def test_very_short_texts_are_copies_only_of_their_equals_and_soon() -> None:
    assert likeness_of(wording("Governor of Marrow resigns"), wording("Governor of Farrow resigns")) is None
    assert likeness_of_equals(4, NOON, NOON + timedelta(hours=30)) == Likeness(1.0, "brief")
    assert likeness_of_equals(4, NOON, NOON + timedelta(days=3)) is None
    assert likeness_of_equals(2, NOON, NOON) is None
    assert likeness_of_equals(20, NOON, NOON + timedelta(days=300)) == Likeness(1.0, "whole")


def test_the_title_decides_only_about_very_short_texts() -> None:
    assert wording(WIRE, "One headline").words == wording(WIRE, "Another headline").words
    assert wording("Details follow.", "One headline").words != wording("Details follow.", "Another headline").words


@pytest.mark.parametrize("nothing", ["", "!!! ---", "👍"])
def test_texts_without_words_are_nobodys_copies(nothing: str) -> None:
    first, second = read_wording("1", "", nothing), read_wording("2", "", nothing)
    assert first.folded_hash != second.folded_hash
    assert fingerprint(first).bands == fingerprint(first).sentences == ()
    assert likeness_of(first, second) is None


def test_common_subsequence() -> None:
    assert common_in_order("abcbdab", "bdcaba") == 4
    assert common_in_order("", "a") == common_in_order("a", "") == 0
    assert common_in_order("aaa", "aaaa") == 3


SHARED = "The yard has built nothing of the kind for eleven years and will have to hire two hundred welders."


def test_one_identical_sentence_shows_lineage_with_its_spans() -> None:
    ours, theirs = f"Marrow orders boats. {SHARED} So it goes.", f"Who builds them?\n{SHARED.upper()}\nNobody knows."
    (found,) = lineage_of(wording(ours), wording(theirs))
    assert ours[found.start : found.end] == SHARED
    assert theirs[found.other_start : found.other_end] == SHARED.upper()
    assert found.similarity == 1.0


def test_a_dateline_is_no_part_of_the_sentence_after_it() -> None:
    assert lineage_of(wording(f"BRENNA, March 3 (Newswire) - {SHARED}"), wording(SHARED)) != ()


def test_three_sentences_with_a_word_changed_show_lineage_and_two_do_not() -> None:
    sentences = [one + "." for one in WIRE.split(". ")]
    changed = [f"{one.replace('the', 'that', 1)}" for one in sentences]
    assert len(lineage_of(wording(" ".join(sentences[:3])), wording(" ".join(changed[:3])))) == 3
    assert lineage_of(wording(" ".join(sentences[:2])), wording(" ".join(changed[:2]))) == ()


@pytest.mark.parametrize(
    "text",
    [
        f'"{SHARED[:-1]}," the governor said.',
        f'"It is bad," she said. "Truly bad. {SHARED} I mean it."',
        f"“Boats are slow. {SHARED}\n\n“They will be late.”",
        "This material may not be published, broadcast, rewritten or redistributed by anyone without our leave.",
    ],
)
def test_quotations_and_closing_lines_prove_no_lineage(text: str) -> None:
    assert lineage_of(wording(text), wording(text)) == ()


AGENCIES = (Entity("associated-press", "Associated Press", "org", ("AP",)), Entity("sana", "SANA", "org"))


def test_the_agency_is_the_one_that_the_passage_or_an_edge_of_the_text_names() -> None:
    said = "The yard is slow, as AP reported, and will have to hire two hundred welders by spring."
    assert agency_of(f"{LONG} {said} {LONG}", f"{WIRE} {said}") == "associated-press"
    assert agency_of(SHARED, f"BRENNA (AP) - {SHARED}") == "associated-press"
    assert agency_of(SHARED, f"{SHARED} {WIRE}\nAP") == "associated-press"
    assert agency_of(SHARED, f"{SHARED} {WIRE} {LONG} AP {LONG} {WIRE}") is None
    no_agency = "Sana said that ap is no word that anybody in the yard would write in small letters."
    assert agency_of(no_agency, f"{WIRE} {no_agency}") is None


def agency_of(ours: str, theirs: str) -> str | None:
    a, b = wording(ours), wording(theirs)
    shared = lineage_of(a, b)
    assert shared
    return find_agency(a, shared, b, AGENCIES)


def like(kind: str = "whole", similarity: float = 0.9) -> Relation:
    return Relation(Likeness(similarity, kind))  # type: ignore[arg-type]


def met(article_id: str, other: str, original: str | None = None) -> Candidate:
    return Candidate(article_id, other, original, equal=False, at=NOON)


def test_the_earliest_is_the_original_and_copies_of_copies_are_its_copies() -> None:
    found = {"7": [(met("7", "5", "2"), like()), (met("7", "6"), like())], "9": [(met("9", "7"), like())]}
    chosen = choose_originals(found)
    assert {id_: copy.original for id_, copy in chosen.items()} == {"7": "2", "9": "2"}


def test_the_parts_of_a_roundup_are_no_copies_of_each_other() -> None:
    roundup = met("7", "5", "2")  # 5 is a roundup that begins with 2; 7 is another of its parts
    assert choose_originals({"7": [(roundup, like("part"))]}) == {}
    assert choose_originals({"7": [(roundup, like("part")), (met("7", "2"), like("part"))]})["7"].original == "2"


def test_copies_checked_before_their_original_turn_to_it() -> None:
    found = [(met("3", "5"), like()), (met("3", "8", "5"), like()), (met("3", "9", "1"), like())]
    assert [(copy.copy, copy.original) for copy in later_copies("3", None, found)] == [("5", "3"), ("8", "3")]


def test_equal_texts_are_known_for_copies_without_being_read() -> None:
    relations = Relations({"2": Article("2", 1, "", WIRE)}, (), {"2": wording(WIRE)})
    pair = Candidate("2", "1", None, equal=True, at=NOON)

    def read_nothing(ids: object) -> dict[str, tuple[str, str]]:
        raise AssertionError(f"read {ids}")

    assert relations.find(read_nothing, [pair]) == [(pair, Relation(Likeness(1.0, "whole")))]


@pytest.mark.parametrize(("text", "read"), [(edited(WIRE, 0.05), ["1"]), (OWN_WORDS, ["1", "3"])])
def test_other_copies_of_its_original_are_read_only_for_what_is_no_copy_itself(text: str, read: list[str]) -> None:
    relations = Relations({"4": Article("4", 1, "", text)}, (), {"4": wording(text)})
    texts = {"1": ("", WIRE), "3": ("", edited(WIRE, 0.1))}
    asked: list[str] = []

    def read_some(ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        asked.extend(ids)
        return {id_: texts[id_] for id_ in ids}

    relations.find(read_some, [met("4", "3", "1"), met("4", "1")])
    assert asked == read


def test_what_a_version_changed() -> None:
    before = ("Ferry aground", "Nobody was hurt. The ferry ran aground on Sunday.\n\nDivers will come.")
    after = ("Ferry freed", "Two were hurt. The ferry  ran aground on Sunday.\n\nDivers will come. Then it sails.")
    changes = changes_of(before, after)
    assert [(one.field, one.text) for one in changes.removed] == [
        ("title", "Ferry aground"),
        ("text", "Nobody was hurt."),
    ]
    assert [one.text for one in changes.added] == ["Ferry freed", "Two were hurt.", "Then it sails."]
    assert all(after[one.field == "text"][one.start : one.end] == one.text for one in changes.added)
    assert changes.complete


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("RETRACTED: Marrow buys boats", WIRE),
        ("[Withdrawn] Marrow buys boats", WIRE),
        ("Marrow buys boats", "Editor's note: This article has been retracted because its source was invented."),
        ("Marrow buys boats", f"{WIRE}\n\nThis story was withdrawn by the agency."),
    ],
)
def test_a_version_that_takes_the_article_back(title: str, text: str) -> None:
    assert retraction_in(title, text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Marrow withdrawn from the league", WIRE),
        ("Retraction of landing gear delayed ferry plane", WIRE),
        ("Boats", f"{WIRE} The report was withdrawn by the ministry in May. {WIRE}"),
    ],
)
def test_a_version_that_tells_of_another_withdrawal(title: str, text: str) -> None:
    assert retraction_in(title, text) is None

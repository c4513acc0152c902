"""Where an article is placed, and what a story's articles say together."""

import runpy
from datetime import UTC, datetime, timedelta
from importlib.metadata import files
from pathlib import PurePosixPath

import pytest

from wirewatch.models import Analysis, Article, Claim, ClaimStatus
from wirewatch.store.stories import StoryMember
from wirewatch.text import keys
from worker.stories.arguments import Argument, Kind, arguments_of
from worker.stories.facts import facts_of
from worker.stories.place import WINDOW, Neighbourhood, Placed
from worker.stories.stop_words import STOP_WORDS
from worker.stories.vector import TermStatistics, Vector, cosine, key_terms, vector_of, weigh
from worker.stories.veto import Arguments, deals_differ, differ, sort_out, transfers_differ

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
FLOOD = "Flood water covered the old town of Brenna after the river Olza broke its banks and the dam upstream failed."
MORE_FLOOD = "The Olza flood reached the old town of Brenna overnight when the upstream dam failed, rescuers said."
FINAL = "Karvina won the handball final against Zlin after extra time in front of nine thousand spectators."


def vector(number: int, text: str, *, seen_at: datetime = NOON, transfers: frozenset[str] = frozenset()) -> Vector:
    found = vector_of(Article(str(number), 1, "", text), Analysis(lang="en"), seen_at)
    return Vector(found.article_id, seen_at, found.counts, transfers)


def neighbourhood(*placed: tuple[Vector, str]) -> Neighbourhood:
    made = Neighbourhood(TermStatistics(0, {}))
    made.add([Placed(one, story) for one, story in placed])
    return made


def member(
    number: int,
    *,
    source: str,
    shares_with: tuple[str, ...] = (),
    claims: tuple[Claim, ...] = (),
    duplicate_of: str | None = None,
) -> StoryMember:
    return StoryMember(
        str(number), f"Title {number}", "text", source, NOON, duplicate_of, claims=claims, shares_with=shares_with
    )


def claim(number: int, status: ClaimStatus) -> Claim:
    return Claim(
        id=f"{number}.1.0",
        kind="arms_transfer",
        supplier="Aland",
        supplier_id="aland",
        recipient="Bland",
        recipient_id="bland",
        items=("drones",),
        quantity=None,
        stage=None,
        status=status,
        attributed_to=(),
        quote=f"quote {number}",
        start=0,
        end=7,
        field="text",
    )


def test_a_report_of_the_same_event_joins_its_story() -> None:
    near = neighbourhood((vector(1, FLOOD), "flood"), (vector(2, FINAL), "final"))
    assert near.find_story(vector(3, MORE_FLOOD)) == "flood"


def test_another_event_joins_none() -> None:
    near = neighbourhood((vector(1, FLOOD), "flood"))
    assert near.find_story(vector(2, FINAL)) is None


def test_the_same_words_long_after_are_another_event() -> None:
    near = neighbourhood((vector(1, FLOOD), "flood"))
    later = NOON + WINDOW + timedelta(hours=1)
    assert near.find_story(vector(3, MORE_FLOOD, seen_at=later)) is None


def test_swapped_parties_keep_apart_what_words_would_join() -> None:
    near = neighbourhood((vector(1, FLOOD, transfers=frozenset({"iran>russia"})), "one"))
    assert near.find_story(vector(2, MORE_FLOOD, transfers=frozenset({"russia>iran"}))) is None
    assert near.find_story(vector(3, MORE_FLOOD, transfers=frozenset({"iran>russia"}))) == "one"


def test_other_transfers() -> None:
    told = frozenset({"iran>russia"})
    assert transfers_differ(frozenset({"russia>iran"}), told), "the other direction"
    assert transfers_differ(frozenset({"iran>syria"}), told), "another recipient"
    assert transfers_differ(frozenset({"north-korea>russia"}), told), "another supplier"
    assert not transfers_differ(frozenset({"iran>russia", "iran>syria"}), told), "one in common"
    assert not transfers_differ(frozenset({"france>india"}), told), "background that speaks of others"
    assert not transfers_differ(frozenset(), told)
    assert not transfers_differ(frozenset({"iran>russia"}), frozenset())


def differ_in(kind: Kind, ours: set[tuple[str, str]], theirs: set[tuple[str, str]]) -> bool:
    """Given as (value, what is numbered)."""
    return differ(kind, *(sort_out(Argument(kind, value, about) for value, about in one) for one in (ours, theirs)))


def test_arguments_differ_where_each_stands_in_place_of_the_other() -> None:
    assert differ_in("weapon", {("s-400", "")}, {("s-300", "")})
    assert differ_in("country", {("germany", ""), ("ukraine", "")}, {("germany", ""), ("qatar", "")})
    assert not differ_in("country", {("germany", ""), ("ukraine", "")}, {("ukraine", "")}), "one says less"
    assert not differ_in("place", set(), {("odesa", "")})


def test_numbers_differ_only_of_the_same_thing() -> None:
    assert differ_in("ordinal", {("54", "package")}, {("55", "package"), ("55", "ukraine")})
    assert not differ_in("ordinal", {("54", "package")}, {("3", "regiment")})
    assert differ_in("count", {("40", "j-35")}, {("20", "j-35")})
    assert not differ_in("count", {("40", "j-35")}, {("20", "j-10")})


def test_general_words_for_goods_differ_from_none() -> None:
    assert differ_in("item", {("drones", "")}, {("ballistic missile", "")})
    assert not differ_in("item", {("weapons", "")}, {("ballistic missile", "")})
    assert not differ_in("item", {("combat drones", "")}, {("drones", "")})


def test_a_party_that_is_left_open_differs_from_none() -> None:
    def told(*deals: str) -> Arguments:
        return sort_out(Argument("deal", deal) for deal in deals)

    assert deals_differ(told("iran>sudan"), told("iran>venezuela"))
    assert not deals_differ(told("iran>sudan"), told(">sudan"))
    assert not deals_differ(told("iran>sudan"), told("france>india")), "two affairs in one report"


def test_arguments_are_read_from_the_title_and_the_first_sentence() -> None:
    article = Article("1", 1, "Third regiment arrives on 9 May", "Two 41st brigades left. The fifth regiment stays.")
    found = arguments_of(article, Analysis(lang="en"), {})
    assert Argument("ordinal", "3", "regiment") in found
    assert Argument("date", "5-9") in found
    assert Argument("ordinal", "41", "brigades") in found
    assert Argument("ordinal", "5", "regiment") not in found
    assert {Argument.read(one.written()) for one in found} == found


def test_weights_have_unit_length_and_rare_words_weigh_more() -> None:
    statistics = TermStatistics(1000, {"common": 900, "rare": 2})
    weights = weigh({"common": 1, "rare": 1}, statistics)
    assert abs(cosine(weights, weights) - 1.0) < 1e-9
    assert weights["rare"] > weights["common"]
    assert key_terms(weights)[0] == "rare"
    assert weigh({}, statistics) == {}


def test_independent_sources_count_texts_that_do_not_come_from_one_another() -> None:
    wire = [member(1, source="A"), member(2, source="B", shares_with=("1",))]
    assert facts_of([member(1, source="A"), member(2, source="B")]).independent_sources == 2
    assert facts_of(wire).independent_sources == 1
    assert facts_of([member(1, source="A"), member(2, source="B", duplicate_of="1")]).independent_sources == 1
    assert facts_of([member(1, source="A"), member(2, source="A")]).independent_sources == 1


def test_the_title_is_the_first_that_is_no_copys() -> None:
    facts = facts_of([member(2, source="B", duplicate_of="1"), member(3, source="C")])
    assert facts.title == "Title 3"


def test_a_claim_and_its_denial_are_a_conflict_with_both_quotes() -> None:
    facts = facts_of(
        [member(1, source="A", claims=(claim(1, "alleged"),)), member(2, source="B", claims=(claim(2, "denied"),))]
    )
    (conflict,) = facts.conflicts
    assert {side.value: side.quotes for side in conflict.sides} == {"alleged": ("quote 1",), "denied": ("quote 2",)}
    assert conflict.claim_ids == ("1.1.0", "2.1.0")


def test_agreeing_claims_are_no_conflict() -> None:
    facts = facts_of(
        [member(1, source="A", claims=(claim(1, "alleged"),)), member(2, source="B", claims=(claim(2, "reported"),))]
    )
    assert facts.conflicts == ()


@pytest.mark.parametrize("lang", sorted(STOP_WORDS))
def test_stop_words_are_those_of_spacy_folded(lang: str) -> None:
    # As a file: to import it is to import its language, whose tokenizer takes seconds.
    (file,) = (one for one in files("spacy") or () if one == PurePosixPath(f"spacy/lang/{lang}/stop_words.py"))
    spacys = runpy.run_path(str(file.locate()))["STOP_WORDS"]
    assert {key for word in spacys for key in keys(word) if len(key) > 1} <= STOP_WORDS[lang]


def test_small_words_of_another_language_make_no_story() -> None:
    """Two French texts share what all French texts share, and nothing else."""
    flood = "La rivière a débordé dans la nuit et les habitants de la vieille ville ont été évacués par les pompiers."
    visit = "Le ministre a été reçu dans la capitale par les autorités de la province et les députés de la majorité."
    found = [
        vector_of(Article(str(number), 1, "", text), Analysis(lang="fr"), NOON)
        for number, text in ((1, flood), (2, visit))
    ]
    assert neighbourhood((found[0], "flood")).find_story(found[1]) is None

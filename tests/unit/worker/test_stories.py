"""Where an article is placed, and what a story's articles say together."""

import runpy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import files
from itertools import product
from pathlib import PurePosixPath

import msgspec
import pytest

from wirewatch.models import Analysis, Article, Claim, ClaimStatus, Statement
from wirewatch.store.stories import StoryMember
from wirewatch.stories.claims import fold_claims
from wirewatch.stories.facts import EMPTY, facts_of, fold
from wirewatch.text import keys, tokenize
from worker.stories.arguments import Argument, Kind, arguments_of
from worker.stories.part import find_part, may_drift
from worker.stories.place import COMPARED, WINDOW, Neighbourhood, Placed
from worker.stories.statements import statements_of
from worker.stories.stop_words import STOP_WORDS
from worker.stories.vector import (
    HEAD_CHARS,
    HEAD_WORDS,
    TermStatistics,
    Vector,
    cosine,
    head_of,
    key_terms,
    vector_of,
    weigh,
)
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
    linked_origins: tuple[str, ...] = (),
    statements: tuple[Statement, ...] = (),
    title: str | None = None,
    claims: tuple[Claim, ...] = (),
    duplicate_of: str | None = None,
) -> StoryMember:
    return StoryMember(
        str(number),
        f"Title {number}" if title is None else title,
        "text",
        source,
        NOON,
        duplicate_of,
        ("harbour",),
        ("trade",),
        claims,
        linked_origins,
        statements,
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


DAM, PILOTS = "dam flood cellars meadows embankment", "pilots strike wages tankers mediators"


def drifted(*arguments: frozenset[Argument]) -> list[Vector]:
    """Three articles of one event and two of another, whose titles and leads are about these arguments."""
    texts = (DAM, f"{DAM} night", f"{DAM} railway", PILOTS, f"{PILOTS} offer")
    return [replace(vector(number, text), arguments=arguments[number // 3]) for number, text in enumerate(texts)]


def test_a_story_of_two_events_falls_into_two_parts() -> None:
    members = drifted(frozenset({Argument("place", "brenna")}), frozenset({Argument("place", "odesa")}))
    known = neighbourhood(*((one, "story") for one in members))
    assert {one.article_id for one in find_part(known, members)} == {"3", "4"}
    assert may_drift(known, members[3], members[:3], unlike=0)


@pytest.mark.parametrize(
    "common", [Argument("place", "brenna"), Argument("who", "novak"), Argument("ordinal", "3", "x")]
)
def test_what_both_name_holds_a_story_together(common: Argument) -> None:
    members = drifted(frozenset({common}), frozenset({common, Argument("place", "odesa")}))
    assert find_part(neighbourhood(*((one, "story") for one in members)), members) == []


def test_what_links_them_one_by_one_holds_a_story_together() -> None:
    """Two events in unlike words, but each article names what some other names: no two groups name nothing alike."""
    names = "brenna odesa gdansk plovdiv rostov bergen".split()
    members = [
        replace(one, arguments=frozenset(Argument("place", name) for name in names[number : number + 2]))
        for number, one in enumerate(drifted(frozenset(), frozenset()))
    ]
    known = neighbourhood(*((one, "story") for one in members))
    assert find_part(known, members) == []
    apart = [replace(one, arguments=frozenset({Argument("place", names[0])})) for one in members[:3]] + members[3:]
    assert {one.article_id for one in find_part(known, apart)} == {"3", "4"}


def test_a_story_of_one_event_has_no_parts() -> None:
    members = [vector(number, f"{FLOOD} {word}") for number, word in enumerate(("boats", "cellars", "bridges"))]
    known = neighbourhood(*((one, "story") for one in members))
    assert find_part(known, members) == []
    assert find_part(known, members[:2]) == []
    assert not may_drift(known, members[0], members[1:], unlike=0)
    assert may_drift(known, members[0], members[1:], unlike=20), "most others have nothing in common with it"


def test_another_number_keeps_stories_apart_and_another_place_in_one_article_does_not() -> None:
    def twin(kind: Kind) -> str | None:
        about = "package" if kind == "ordinal" else ""
        ours = [replace(vector(number, FLOOD), arguments=frozenset()) for number in range(3)]
        ours.append(replace(vector(3, FLOOD), arguments=frozenset({Argument(kind, "54", about)})))
        theirs = [
            replace(vector(number, FLOOD), arguments=frozenset({Argument(kind, "55", about)})) for number in (4, 5)
        ]
        known = neighbourhood(*((one, "1") for one in ours), *((one, "2") for one in theirs))
        return known.find_twin(ours[0], "1")

    assert twin("place") == "2"
    assert twin("ordinal") is None


def test_a_story_of_one_article_joins_the_side_of_another_that_it_is_like() -> None:
    """Of larger stories all articles are compared."""
    dam, homes = (
        "upstream dam failed spillway concrete inquiry engineers",
        "cellars pumped dry volunteers families beds",
    )
    side = [vector(number, f"{dam} {word}") for number, word in enumerate(("cracks", "report", "blame"))]
    other = [vector(number, f"{homes} street{number}") for number in range(3, 15)]
    late = [vector(number, f"{dam} {word}") for number, word in enumerate(("minister", "warning", "hearing"), 15)]
    story = [(one, "1") for one in (*side, *other)]

    assert neighbourhood(*story, (late[0], "2")).find_twin(late[0], "2") == "1"
    assert neighbourhood(*story, *((one, "2") for one in late)).find_twin(late[0], "2") is None


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


def test_an_article_is_compared_with_no_more_others_in_a_story_of_hundreds() -> None:
    def told(number: int) -> Vector:
        return vector(number, f"{FLOOD} {MORE_FLOOD} Report {number} from district {number % 7}.")

    def compared(size: int) -> int:
        near = neighbourhood(*((told(number), "flood") for number in range(size)))
        assert near.find_story(told(1000)) == "flood"
        assert near.find_twin(told(1000), "flood") is None
        return len(near._similarities)

    assert compared(10) == 10
    assert compared(COMPARED) == compared(500) == COMPARED


def test_weights_have_unit_length_and_rare_words_weigh_more() -> None:
    statistics = TermStatistics(1000, {"common": 900, "rare": 2})
    weights = weigh({"common": 1, "rare": 1}, statistics)
    assert abs(cosine(weights, weights) - 1.0) < 1e-9
    assert weights["rare"] > weights["common"]
    assert key_terms(weights)[0] == "rare"
    assert weigh({}, statistics) == {}


def test_independent_sources_count_texts_that_do_not_come_from_one_another() -> None:
    wire = [member(1, source="A"), member(2, source="B", linked_origins=("A",))]
    assert facts_of([member(1, source="A"), member(2, source="B")]).independent_sources == 2
    assert facts_of(wire).independent_sources == 1
    assert facts_of([member(1, source="A"), member(2, source="A")]).independent_sources == 1


def test_the_title_is_the_first_that_is_no_copys() -> None:
    facts = facts_of([member(2, source="B", duplicate_of="1"), member(3, source="C")])
    assert facts.title == "Title 3"


def test_the_headline_is_the_one_that_has_most_in_common_with_the_others() -> None:
    titles = ("What we know so far", "Dam fails above Brenna", "Dam above Brenna fails, town flooded")
    facts = facts_of([member(number, source="A", title=title) for number, title in enumerate(titles)])
    assert facts.title in titles[1:]


def test_folding_articles_one_by_one_is_folding_all_at_once() -> None:
    members = [
        member(
            number,
            source=f"Source {number % 4}",
            linked_origins=("Source 1",) if number == 3 else (),
            claims=(claim(number, "denied" if number % 3 else "alleged"),),
            statements=(Statement("number", "killed", str(number % 2), f"quote {number}"),),
        )
        for number in range(12)
    ]
    facts = EMPTY
    for one in members:
        facts = fold(facts, [one])
    assert facts == facts_of(members)
    assert (facts.article_count, facts.independent_sources, facts.entity_counts) == (12, 3, (12,))
    assert {conflict.kind for conflict in facts.conflicts} == {"status", "number"}


def test_the_facts_of_a_story_do_not_grow_with_it() -> None:
    """A thousand articles that say what hundred say take no more room, but for the names of new sources."""
    small, large = (
        facts_of([member(number, source="A", claims=(claim(number, "alleged"),)) for number in range(100, size)])
        for size in (300, 1100)
    )
    assert len(msgspec.json.encode(large)) < len(msgspec.json.encode(small)) * 1.1
    assert large.article_count == 1000
    (folded,) = fold_claims(large.claims, large.claim_counts, {})
    assert folded.articles == 1000


def test_a_claim_is_folded_by_its_parties_and_goods_with_each_standing() -> None:
    claims = (claim(1, "alleged"), claim(2, "denied"), claim(3, "confirmed"))
    (folded,) = fold_claims(claims, {}, {"1": "The Fjord Post"})
    assert folded.status == "confirmed"
    assert [(one.status, one.quotes) for one in folded.standings] == [
        ("confirmed", ["quote 3"]),
        ("alleged", ["quote 1"]),
        ("denied", ["quote 2"]),
    ]
    (alleged,) = folded.standings[1].sayings
    assert (alleged.article_id, alleged.source, alleged.quote) == ("1", "The Fjord Post", "quote 1")


def stated(title: str, text: str) -> set[tuple[str, str]]:
    return {(one.about, one.value) for one in statements_of(Article("1", 1, title, text), ())}


def test_ranks_and_numbers_are_read_where_they_are_stated() -> None:
    text = "Lt. Gen. Anna Moreau and Admiral Petrov’s crew arrived. At least 9 people were injured and 12 were killed."
    assert stated("", text) == {
        ("rank of Moreau", "lieutenant general"),
        ("rank of Petrov", "admiral"),
        ("killed", "12"),
    }


def test_exact_quantities_of_a_claim_are_stated_and_bounds_are_not() -> None:
    told = replace(claim(1, "reported"), count=24, quote="Aland sent Bland 24 drones")
    hedged = replace(told, quote="Aland sent Bland at least 24 drones")
    (one,) = statements_of(Article("1", 1, "", "Other text."), (told,))
    assert (one.about, one.value, one.quote) == ("drones: Aland to Bland", "24", told.quote)
    assert statements_of(Article("1", 1, "", "Other text."), (hedged, replace(told, status="denied"))) == ()


def test_another_rank_of_one_name_is_a_conflict_and_a_short_form_is_none() -> None:
    def conflicts(*ranks: tuple[str, str]) -> list[str]:
        told = [
            member(
                number, source="A", statements=(Statement("name", "rank of Petrov", rank, f"quote {number}", given),)
            )
            for number, (rank, given) in enumerate(ranks)
        ]
        return [side.value for conflict in facts_of(told).conflicts for side in conflict.sides]

    assert conflicts(("admiral", ""), ("marshal", "")) == ["admiral", "marshal"]
    assert conflicts(("general", ""), ("lieutenant general", "")) == []
    assert conflicts(("admiral", "anna"), ("marshal", "boris")) == [], "two people"


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


@pytest.mark.parametrize("word", ["flood", "1,234,567", "l'Iran", "U.S.", "Ту-160", "3.5"])
def test_the_head_of_a_text_is_the_same_wherever_it_is_cut_off(word: str) -> None:
    for before, inside in product(range(HEAD_WORDS - 4, HEAD_WORDS + 1), range(len(word) + 1)):
        start = HEAD_CHARS - inside
        text = ("ab " * before).ljust(start) + f"{word} and what follows. " * HEAD_WORDS
        assert head_of(text) == tuple(token.key for token in tokenize(text))[:HEAD_WORDS]

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wirewatch.models import Entity
from wirewatch.text import tokenize
from worker.extraction.gazetteer import Gazetteer, read_any, read_plain

VELDANIA = Entity("veldania", "Veldania", "place", demonyms=("Veldanian",), metonyms=("Karsk",), category="country")
MARCHES = Entity("marches", "United Marches", "place", aliases=("UM", "U.M."), category="country")
S400 = Entity("s-400", "S-400", "weapon", aliases=("S-400 Triumf",))
LANCE = Entity("lance", "Silver Lance", "weapon", short_names=("Lance",))
PARTY = Entity("army-of-light", "Army of Light", "org", aliases=("AoL",))
KIM = Entity("kim-do-il", "Kim Do Il", "person", aliases=("Kim Do-il",), short_names=("Kim",))


def names(text: str, *entities: Entity) -> list[tuple[str, str]]:
    found = Gazetteer.build(entities).find(tokenize(text), text)
    assert all(text[m.start : m.end] for m in found)
    return [(text[m.start : m.end], m.senses[0].entity.id) for m in found]


def test_the_longest_name_wins() -> None:
    assert names("Kim Do-il spoke. Kim left.", KIM) == [("Kim Do-il", "kim-do-il"), ("Kim", "kim-do-il")]
    assert names("an S-400 Triumf battery", S400) == [("S-400 Triumf", "s-400")]


@pytest.mark.parametrize("text", ["S-4000 units", "DS-400", "at point S. 400 people"])
def test_a_designation_is_a_unit(text: str) -> None:
    assert names(text, S400) == []


def test_short_capitals_match_only_as_capitals() -> None:
    assert names("UM and U.M. officials", MARCHES) == [("UM", "marches"), ("U.M.", "marches")]
    assert names("um, he said", MARCHES) == []
    assert names("UM$500 million", MARCHES) == []
    assert names("AoL fighters; aol accounts, AOL mail", PARTY) == [("AoL", "army-of-light")]


def test_a_name_without_its_capitals_is_no_name() -> None:
    assert names("an army of light and air", PARTY) == []
    assert names("ARMY OF LIGHT CLAIMS ATTACK", PARTY) == [("ARMY OF LIGHT", "army-of-light")]


def test_the_hyphenated_half_of_a_name_may_be_small() -> None:
    assert names("Kim Do-il", Entity("k", "Kim Do Il", "person")) == [("Kim Do-il", "k")]


def test_words_of_two_sentences_make_no_name() -> None:
    assert names("They came from Silver. Lance left.", Entity("s", "Silver Lance", "weapon")) == []
    assert names("Silver, Lance and Army of (Light)", PARTY, Entity("s", "Silver Lance", "weapon")) == []


def test_weapons_stand_in_the_plural() -> None:
    assert names("two Silver Lances", LANCE) == [("Silver Lances", "lance")]


def test_look_alike_letters_and_invisible_ones_do_not_hide_a_name() -> None:
    assert names("Vel\u00addania and Vеldania", VELDANIA) == [("Vel\u00addania", "veldania"), ("Vеldania", "veldania")]


def test_all_senses_of_a_name_are_kept_in_order() -> None:
    city = Entity("karsk-city", "Karsk", "place", category="city", country="veldania")
    match = Gazetteer.build([VELDANIA, city]).find(tokenize("Karsk"), "Karsk")[0]
    assert [(s.entity.id, s.kind) for s in match.senses] == [("veldania", "metonym"), ("karsk-city", "name")]


@given(st.text(alphabet="AbUsthe STXY.-é'4", max_size=12))
@example("the Harbour Council of Lea")
def test_plain_names_are_read_as_any_are(name: str) -> None:
    assert read_plain(name) in (None, read_any(name))


def test_most_names_are_plain() -> None:
    assert read_plain("Kim Do Il") == (("kim", "do", "il"), read_any("Kim Do Il")[1])
    assert [read_plain(name) for name in ("AoL", "S-400", "Kim Do-il", "Ottilie Brandvöld")] == [None] * 4

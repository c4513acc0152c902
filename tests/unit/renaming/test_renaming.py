import re
import unicodedata
from dataclasses import fields
from pathlib import Path

import msgspec
import pytest

from tests.renaming import Cast, load_cast, rename
from wirewatch.models import Entity
from wirewatch.seeding import SeedArticle, read_corpus

ARTICLES = Path(__file__).parents[3] / "seeds" / "articles"

CAST = Cast(
    {
        "Russia": "Veldania",
        "Russian": "Veldanian",
        "Kim Jong Un": "Ren Tae Mo",
        "Kim": "Ren",
        "Kinzhal": "Ostriga",
        "Tu-160": "Ke-210",
        "U.S.": "U.M.",
        "US": "UM",
        "the North": "Torvania",
        "Iran": "Parsava",
    },
    (),
)


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("Kim Jong Un left. Kim's train", "Ren Tae Mo left. Ren's train"),
        ("Russia’s army, the Russians’ fleet", "Veldania’s army, the Veldanians’ fleet"),
        ("Two Kinzhals and a Kin\u00adzhal", "Two Ostrigas and a Ost\u00adriga"),
        ("theKinzhal and the Tu-160bomber", "theOstriga and the Ke-210bomber"),
        ("Tu\u2011160, not Tu-1604", "Ke\u2011210, not Tu-1604"),
        ("RUSSIA and the U.S. and US, not us", "VELDANIA and the U.M. and UM, not us"),
        ("Kimchi in Tirana, a Prussian", "Kimchi in Tirana, a Prussian"),
        ("from the North, the Northern line", "from Torvania, the Northern line"),
        ("Russia-Iran talks", "Veldania-Parsava talks"),
        ("", ""),
    ],
)
def test_names_change_and_their_form_stays(text: str, renamed: str) -> None:
    assert rename(text, CAST) == renamed


def test_no_new_name_is_renamed_again() -> None:
    assert rename("A B", Cast({"A": "B", "B": "C"}, ())) == "B C"


@pytest.fixture(scope="module")
def second() -> Cast:
    return load_cast()


@pytest.fixture(scope="module")
def event() -> list[str]:
    found = read_corpus([ARTICLES])
    return [
        f"{item.body['title']}\n{item.body['text']}"
        for item in found
        if isinstance(item, SeedArticle) and item.path.name.startswith("vladivostok-")
    ]


def test_nobody_of_the_first_cast_is_left_in_the_event(second: Cast, event: list[str]) -> None:
    names = sorted((name for name in second.names if name != "the North"), key=len, reverse=True)
    left = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b", re.IGNORECASE)
    spelled_out = str.maketrans({"\u00ad": None, "\u2011": "-"})
    for text in event:
        # "us" is a word of its own.
        found = [name for name in left.findall(rename(text, second).translate(spelled_out)) if name != "us"]
        assert found == []


def test_most_of_the_cast_plays_in_the_event(second: Cast, event: list[str]) -> None:
    everything = "\n".join(rename(text, second) for text in event)
    played = [entity["id"] for entity in second.entities if entity["name"] in everything]
    assert len(played) >= 25
    assert "\u041ae-210" in everything
    assert "Gorbatenkowhere" in everything


def test_two_names_never_become_one_thing(second: Cast) -> None:
    """Spellings may fall together (Kyiv, Kiev), but a new name never is an old one."""
    assert not set(second.names.values()) & set(second.names)
    assert [new for new in second.names.values() if rename(new, second) != new] == []


def test_entities_are_what_the_api_takes_and_know_every_new_name(second: Cast) -> None:
    entities = msgspec.convert(list(second.entities), list[Entity], strict=True)
    assert all(entity.keys() <= {field.name for field in fields(Entity)} for entity in second.entities)
    ids = {entity.id for entity in entities}
    assert len(ids) == len(entities)
    assert {entity.country for entity in entities if entity.country} <= ids
    known = {
        unicodedata.normalize("NFKC", spelling)
        for entity in entities
        for spelling in (entity.name, *entity.aliases, *entity.short_names, *entity.demonyms, *entity.metonyms)
    }
    assert {"Torvania", "Veldanians", "Belmark", "Ren", "Ostryga"} <= known

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import wirewatch.data
from tests.cost import cost
from wirewatch.data import is_upper_case_only, load_entities
from wirewatch.data.records import EntityFile, read_file
from wirewatch.errors import InvalidInputError
from wirewatch.models import Entity
from wirewatch.text import keys

FOLDER = Path(wirewatch.data.__file__).parent / "entities"
STATES = {"country", "disputed-state", "historic-state"}
# Words of everyday English that are also names of arms: alone they would tag half of all news.
EVERYDAY = set(
    "leopard patriot javelin hellfire tomahawk hornet falcon eagle raptor phantom typhoon tornado hawk tiger cobra "
    "apache reaper predator puma marder fox hind bear stinger maverick sparrow harpoon avenger arrow spike trident "
    "dragon hammer meteor mirage caesar archer challenger warrior bastion heron hermes orbiter lancet storm shadow "
    "shell grad tor buk us the state in it who an".split()
)


def names(entity: Entity) -> tuple[str, ...]:
    return (entity.name, *entity.aliases)


def spelling(name: str) -> str:
    return re.sub(r"[\s\-‐.’']+", "", name.casefold())


def entity_files() -> Iterator[EntityFile]:
    for path in sorted(FOLDER.rglob("*.yml")):
        yield read_file(path, EntityFile)


def by_id(entity_id: str) -> Entity:
    return next(entity for entity in load_entities() if entity.id == entity_id)


def test_ids_are_unique_slugs() -> None:
    ids = [entity.id for entity in load_entities()]
    assert len(ids) == len(set(ids))
    assert [i for i in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i)] == []


def test_every_country_named_is_a_state_that_exists() -> None:
    states = {entity.id for entity in load_entities() if entity.category in STATES}
    assert {e.id: e.country for e in load_entities() if e.country and e.country not in states} == {}
    assert [e.id for e in load_entities() if e.type == "weapon" and e.country is None] == []


def test_names_are_clean_text() -> None:
    for entity in load_entities():
        every = (*names(entity), *entity.short_names, *entity.demonyms, *entity.metonyms, *entity.titles)
        assert all(name and name == name.strip() for name in every), entity.id
        for some in (entity.aliases, entity.short_names, entity.demonyms, entity.metonyms, entity.titles):
            assert len(set(some)) == len(some), entity.id
        assert not {spelling(n) for n in entity.short_names} & {spelling(n) for n in names(entity)}, entity.id


def test_a_name_without_context_means_one_entity_of_its_type() -> None:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entity in load_entities():
        for name in names(entity):
            owners[entity.type, spelling(name)].add(entity.id)
    assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}


def test_only_places_have_demonyms_and_only_states_metonyms() -> None:
    assert [e.id for e in load_entities() if e.demonyms and e.type != "place"] == []
    assert [e.id for e in load_entities() if e.metonyms and e.category not in STATES] == []


def test_every_record_says_where_it_comes_from() -> None:
    for file in entity_files():
        for source in (file.source, *(record.source for record in file.entities if record.source)):
            assert source == "common knowledge" or re.search(r"\((?:MIT|BSD|Apache|CC|public domain)", source), source


def test_no_everyday_word_is_a_name_by_itself() -> None:
    found = {
        name: entity.id
        for entity in load_entities()
        for name in names(entity)
        if name.casefold() in EVERYDAY and not is_upper_case_only(name)
    }
    assert found == {}


def test_no_name_reads_as_a_small_word_and_a_number() -> None:
    """Folded, "A-29" is "a 29", which every wire has in "a 29-year-old"; such a designation is a short name."""
    found = {
        name: entity.id
        for entity in load_entities()
        for name in names(entity)
        if re.fullmatch(r"(?:a|as|at|am|by|if|in|is|it|no|of|on|or|to|up) \d+", " ".join(keys(name)))
    }
    assert found == {}


def test_it_is_large_enough_to_be_of_use() -> None:
    kinds = [entity.type for entity in load_entities()]
    assert kinds.count("weapon") >= 300
    assert kinds.count("person") >= 250
    assert sum(entity.category == "country" for entity in load_entities()) >= 195
    assert {e.category for e in load_entities() if e.type == "weapon"} >= {
        "aircraft", "helicopter", "drone", "missile", "air-defence", "artillery", "rocket-launcher", "armour",
        "ship", "submarine", "ammunition", "small-arms", "sensor", "engine",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entity_id", "written"),
    [
        ("kim-jong-un", "김정은"),
        ("kim-jong-un", "Ким Чен Ын"),
        ("sergei-shoigu", "Sergey Shoigu"),
        ("dmitri-peskov", "Dmitry Peskov"),
        ("kinzhal", "Kinjal"),
        ("kinzhal", "Кинжал"),
        ("tu-160", "Ту-160"),
        ("bm-21-grad", "BM-21"),
        ("north-korea", "DPRK"),
        ("united-states", "U.S."),
        ("kcna", "Korean Central News Agency"),
    ],
)
def test_spelling_variants_lead_to_one_entity(entity_id: str, written: str) -> None:
    assert written in names(by_id(entity_id))


def test_words_that_need_context_are_short_names() -> None:
    assert "Shoigu" in by_id("sergei-shoigu").short_names
    assert "Patriot" in by_id("patriot-missile-system").short_names
    assert "Leopard" in by_id("leopard-2").short_names
    assert {"Moscow", "Kremlin"} <= set(by_id("russia").metonyms)
    assert "North Koreans" in by_id("north-korea").demonyms
    assert "Soviet" in by_id("soviet-union").demonyms


@pytest.mark.parametrize(
    ("alias", "upper"),
    [
        ("US", True),
        ("U.S.", True),
        ("KCNA", True),
        ("RTX", True),
        ("НАТО", True),
        ("Iran", False),
        ("ASEAN", False),
        ("T-90", False),
        ("북한", False),
    ],
)
def test_which_aliases_match_upper_case_only(alias: str, upper: bool) -> None:
    assert is_upper_case_only(alias) is upper


@pytest.mark.costly
def test_loading_costs_little_more_than_reading_the_files() -> None:
    def read() -> None:
        for path in FOLDER.rglob("*.yml"):
            yaml.load(path.read_bytes(), Loader=yaml.CBaseLoader)

    def load() -> None:
        load_entities.cache_clear()
        load_entities()

    assert cost(load, beside=read, enough=3) < 3


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("source: x\ntype: weapon\nentities:\n  - {id: a, name: A, alias: [B]}\n", "alias"),
        ("source: x\ntype: animal\nentities: []\n", "type"),
        ("source: x\ntype: org\nentities:\n  - {name: A}\n", "id"),
        ("type: org\nentities: []\n", "source"),
        ("source: [x\n", "bad.yml"),
    ],
)
def test_a_file_that_breaks_the_schema_is_refused(tmp_path: Path, written: str, problem: str) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(written)
    with pytest.raises(InvalidInputError, match=problem):
        read_file(path, EntityFile)


def test_scalars_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "norway.yml"
    path.write_text("source: x\ntype: place\nentities:\n  - {id: norway, name: NO, aliases: [1e3, 2024-01-01]}\n")
    assert read_file(path, EntityFile).entities[0].aliases == ("1e3", "2024-01-01")
    assert read_file(path, EntityFile).entities[0].name == "NO"

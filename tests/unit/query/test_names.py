"""What names mean: ids before names before short names, folded, in any script."""

import pytest

from tests.unit.query.factories import ENTITIES, NAMES
from wirewatch.models import Entity, EntityType
from wirewatch.query import CatalogueNames


@pytest.mark.parametrize(
    ("name", "type_", "ids"),
    [
        ("kim-jong-un", None, {"kim-jong-un"}),
        ("Kim Jong-un", "person", {"kim-jong-un"}),
        ("Ким Чен Ын", "person", {"kim-jong-un"}),
        ("Kim", "person", {"kim-jong-un"}),
        ("Kim", "place", set()),
        ("kinjal", "weapon", {"kinzhal"}),
        ("Ту-160", "weapon", {"tu-160"}),
        ("Russian", "place", {"russia"}),
        ("Kremlin", None, {"russia"}),
        ("The Kremlin", None, {"russia"}),
        ("Владивосток", "place", {"vladivostok"}),
        ("nobody", None, set()),
    ],
)
def test_entity_ids(name: str, type_: EntityType | None, ids: set[str]) -> None:
    assert NAMES.entity_ids(name, type_) == ids


def test_a_full_name_wins_over_a_short_name() -> None:
    names = CatalogueNames([*ENTITIES, Entity("kim", "KIM", "org")])
    assert names.entity_ids("Kim", None) == {"kim"}
    assert names.entity_ids("Kim", "person") == {"kim-jong-un"}


def test_a_party_may_be_named_by_its_capital() -> None:
    moscow = Entity("moscow", "Moscow", "place", country="russia")
    names = CatalogueNames([moscow, Entity("russia", "Russia", "place", metonyms=("Moscow",))])
    assert names.entity_ids("Moscow", None) == {"moscow"}
    assert names.party_ids("Moscow") == {"moscow", "russia"}


def test_places_lie_within_places_at_any_depth() -> None:
    names = CatalogueNames([*ENTITIES, Entity("port", "Port", "place", country="vladivostok")])
    assert names.places_within("russia") == {"vladivostok", "port"}
    assert names.places_within("vladivostok") == {"port"}
    assert names.places_within("nowhere") == frozenset()


def test_topics_by_id_and_name() -> None:
    assert {topic.id for topic in NAMES.topics("arms-transfers")} == {"arms-transfers"}
    assert {topic.id for topic in NAMES.topics("ARMS transfers")} == {"arms-transfers"}
    assert {topic.id for topic in NAMES.topics("weather")} == set()

"""What matches the one article of factories.py, and with which words as evidence."""

import pytest

from tests.unit.query.factories import ARTICLE, NAMES, subject
from wirewatch.models import Analysis, Article
from wirewatch.query import Decision, Subject, compile_query, decide, parse

SUBJECT = subject()


def decided(query: str, on: Subject = SUBJECT) -> Decision:
    return decide(compile_query(parse(query), NAMES), on)


@pytest.mark.parametrize(
    ("query", "evidence"),
    [
        ("missile", ["missiles"]),
        ("battery", ["batteries"]),
        ("Кinzhal", ["Kinzhal"]),  # Cyrillic look-alike in the query
        ("Кинжал", ["Kinzhal"]),
        ("airstrike", ["air-strike"]),
        ("air-strike", ["air-strike"]),
        ("tu160", ["Tu‑160"]),
        ("S-400", ["S-400"]),
        ("1200", ["1,200"]),
        ('"officials in Oslo"', ["officials in Oslo"]),
        ('"Kinzhal Iran"~2', ["Kinzhal missiles to Iran"]),
        ('"Iran Kinzhal"~2', ["Kinzhal missiles to Iran"]),
        ("Kinz*", ["Kinzhal"]),
        ("Kin*al", ["Kinzhal"]),
        ("Tu-16*", ["Tu‑160"]),
        ("Kinzal~1", ["Kinzhal"]),
        ("Kinjhals~2", ["Kinzhal"]),
        ("=Oslo", ["Oslo"]),
        ("/s-[34]00s?/", ["S-400s"]),
        ("title:ships", ["Ships"]),
        ("title:(boats OR ships)", ["Ships"]),
        ("entity:kim-jong-un", ["Kim Jong-un"]),
        ('person:"Ким Чен Ын"', ["Kim Jong-un"]),
        ("person:kim", ["Kim Jong-un"]),
        ('person:"Pavel Orlan"', ["Pavel Orlan"]),
        ("weapon:Kinjal", ["Kinzhal"]),
        ("place:Russia", ["Vladivostok", "Russia"]),
        ("place:Vladivostok", ["Vladivostok"]),
        ("entity:Kremlin", ["Russia"]),
        ("place:Iran", ["Iran", "Iranian"]),
        ("topic:arms-transfers", ["supplied"]),
        ('topic:"Arms transfers"', ["supplied"]),
        ("source:harbour", ["Harbour Daily"]),
        ("domain:harbour.example", ["news.harbour.example"]),
        ("lang:en AND Oslo", ["en", "Oslo"]),
        ("published:2024-05 AND Oslo", ["2024-05-31T14:00:00+00:00", "Oslo"]),
        ("published:[2024-05-31 TO 2024-05-31]", ["2024-05-31T14:00:00+00:00"]),
        ("published:<=2024-05-31", ["2024-05-31T14:00:00+00:00"]),
        ("story.independent_sources:>1", ["2"]),
        ("story.sources:2", ["2"]),
        ("story.articles:[2 TO 3]", ["3"]),
        ("Oslo NOT Madrid", ["Oslo"]),
        ("Oslo -Madrid", ["Oslo"]),
        ("Oslo AND (Madrid OR Tirana)", ["Oslo", "Tirana"]),
    ],
)
def test_matches_with_evidence(query: str, evidence: list[str]) -> None:
    decision = decided(query)
    assert decision.matched
    assert [item.text for item in decision.evidence] == evidence


@pytest.mark.parametrize(
    ("query", "quotes"),
    [
        ("claim:(supplier:Russia AND recipient:Iran)", 2),
        ("claim:(supplier:Russia AND recipient:Iran AND status:denied)", 1),
        ("claim:(item:Kinzhal AND NOT status:denied)", 1),
        ("claim:(item:Кинжал)", 1),
        ("claim:(item:missile)", 2),
        ("claim:status:(denied OR alleged)", 1),
        ("claim:(stage:delivered AND kind:arms-transfer)", 2),
        ('claim:(by:"officials in Oslo" AND status:reported)', 1),
        ("claim:(supplier:kremlin)", 2),
    ],
)
def test_claims_match_one_by_one(query: str, quotes: int) -> None:
    decision = decided(query)
    assert [item.kind for item in decision.evidence] == ["claim"] * quotes


@pytest.mark.parametrize(
    "query",
    [
        '"missile"',
        "=oslo",
        "=missile",
        "Tiran",
        "160",
        "S-4000",
        "MiG",
        '"Iran Kinzhal"',
        '"Russia Tirana"~3',
        "Kinz",
        "Kiev~1",
        "title:Oslo",
        "text:ships",
        "person:Kinzhal",
        "place:Oslo",
        "person:Orlan",
        "topic:sanctions",
        "domain:arbour.example",
        "lang:fr",
        "published:>2024-05-31",
        "story.independent_sources:>2",
        "Oslo AND Madrid",
        "Oslo NOT Tirana",
        "claim:(supplier:Iran)",
        "claim:(supplier:Russia AND recipient:Russia)",
        # two claims together would satisfy it, no single one does
        "claim:(item:Kinzhal AND status:denied)",
    ],
)
def test_does_not_match(query: str) -> None:
    assert decided(query) == Decision(matched=False)


def test_story_clauses_need_a_story() -> None:
    assert not decided("story.articles:>0", subject(story=None)).matched


def test_evidence_slices_to_its_text() -> None:
    query = "title:ships OR missile OR person:kim OR topic:arms-transfers OR claim:(status:denied) OR place:Russia"
    evidence = decided(query).evidence
    assert {item.kind for item in evidence} == {"term", "entity", "topic", "claim"}
    for item in evidence:
        field = ARTICLE.title if item.field == "title" else ARTICLE.text
        assert field[item.start : item.end] == item.text
        assert item.clause in query


def test_entity_evidence_names_the_entity() -> None:
    assert decided("person:kim").evidence[0].ref_id == "kim-jong-un"


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("Kinjal", "another spelling of Kinjal"),
        ("Kinzhal", None),
        ("entity:Kremlin", None),
        ("place:Iran", None),
        ('person:"Ким Чен Ын"', None),
        ("weapon:Blackjack", None),
        ("topic:arms-transfers", "speaks for the topic arms-transfers (0.90)"),
        ("claim:(status:denied)", "Russia to Iran: missiles, denied"),
    ],
)
def test_evidence_says_what_it_means(query: str, meaning: str | None) -> None:
    assert decided(query).evidence[0].meaning == meaning


def test_a_place_says_where_it_lies_and_an_adjective_what_it_names() -> None:
    found = {item.text: item.meaning for item in decided("place:Russia OR place:Iran").evidence}
    assert found["Vladivostok"] == "Vladivostok lies in Russia"
    assert (found["Iranian"], found["Iran"]) == ("names Iran", None)


def test_a_word_finds_the_spellings_that_the_catalogue_lists() -> None:
    article = Article("a5", 1, "", "One Kinjal and two kinjals were seen.")
    on = Subject(article, Analysis("en"))
    assert [item.text for item in decided("Kinzhal", on).evidence] == ["Kinjal", "kinjals"]
    assert not decided('"Kinzhal"', on).matched
    assert not decided("=Kinzhal", on).matched


def test_a_title_repeated_in_the_text_counts_once() -> None:
    article = Article("a2", 1, "Ships leave port", "Ships leave port at dawn.")
    assert len(decided("ships", Subject(article, Analysis("en"))).evidence) == 1


def test_cyrillic_text_is_found_by_a_latin_word() -> None:
    article = Article("a3", 1, "", "Ракета Кинжал и самолёт Ту-160, с 400 км")
    on = Subject(article, Analysis("ru"))
    assert decided("Kinzhal", on).matched
    assert decided("Tu-160", on).matched
    assert not decided("S-400", on).matched


def test_unknown_names_and_topics_are_warned_of() -> None:
    unknown = ["person:Nobody", "topic:nothing", "supplier:Nowhere"]
    query = "person:Nobody AND topic:nothing AND claim:(supplier:Nowhere AND recipient:Iran)"
    warnings = compile_query(parse(query), NAMES).warnings
    assert [text.partition(": ")[0] for text in warnings] == unknown


def test_analysis_language_counts_where_the_article_has_none() -> None:
    article = Article("a4", 1, "", "Oslo")
    assert decided("lang:en AND Oslo", Subject(article, Analysis("en"))).matched

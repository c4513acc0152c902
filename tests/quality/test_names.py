"""What our own sentences must yield: homonyms, short names, metonyms, and everything that offsets promise."""

import pytest

from tests.cost import LINEAR, growth
from wirewatch.models import Mention
from worker.extraction import Document, Extractor

NOBODY = None


def read(extractor: Extractor, text: str, title: str = "") -> tuple[Mention, ...]:
    (analysis,) = extractor.analyse([Document("a", 1, title, text)])
    for mention in analysis.mentions:
        field = title if mention.field == "title" else text
        assert field[mention.start : mention.end] == mention.text
    return analysis.mentions


def who(extractor: Extractor, text: str, surface: str) -> set[tuple[str | None, str]]:
    return {(m.entity_id, m.label) for m in read(extractor, text) if m.text == surface}


@pytest.mark.parametrize(
    ("text", "surface", "expected"),
    [
        # A short name alone is decided by the document, and unknown is an answer.
        ("North Korean leader Kim inspected a shipyard on Monday.", "Kim", {("kim-jong-un", "PERSON")}),
        ("The envoy left Pyongyang on Monday. Kim had not received him.", "Kim", {("kim-jong-un", "PERSON")}),
        ("Designer Kim Bellamy opened a shop in Leeds. Kim sells hats.", "Kim", {(NOBODY, "PERSON")}),
        ("Russian Defense Minister Shoigu thanked the crew.", "Shoigu", {("sergei-shoigu", "PERSON")}),
        # Of whom nothing more is said: unknown, yet a person, whatever the model takes the name for.
        ("The shoppers met Biden.", "Biden", {(NOBODY, "PERSON")}),
        ("Farmers cheered as Macron left.", "Macron", {(NOBODY, "PERSON")}),
        # Homonyms: a state, or a part of somebody's name.
        ("Officials in Jordan said the border with Syria stays shut.", "Jordan", {("jordan", "GPE")}),
        ("Mr Lee and Jordan Whitfield met. Jordan laughed.", "Jordan", {(NOBODY, "PERSON")}),
        ("Soldiers from Chad crossed the border into Niger.", "Chad", {("chad", "GPE")}),
        ("Georgia and Armenia opened a new border crossing, Tbilisi said.", "Georgia", {("georgia", "GPE")}),
        ("Biden won Georgia and Arizona, and Trump carried Florida.", "Georgia", {("georgia-us-state", "LOC")}),
        ("Georgia's governor signed the bill.", "Georgia", {("georgia-us-state", "LOC")}),
        ("A ferry firm from Georgia hired two men in Atlanta.", "Georgia", {("georgia-us-state", "LOC")}),
        ("A delegation from Georgia flew from Tbilisi to Atlanta.", "Georgia", {("georgia", "GPE")}),
        ("Georgian officials said Georgia had told Florida so.", "Georgia", {("georgia", "GPE")}),
        ("Georgia's prime minister met officials in Brussels.", "Georgia", {("georgia", "GPE")}),
        ("Tass reported it, and TASS repeated it.", "Tass", {("tass", "ORG")}),
        ("They roasted a turkey for the guests from Ankara.", "turkey", set()),
        ("Turkey recalled its ambassador.", "Turkey", {("turkey", "GPE")}),
        # A description is no name: the state is meant, not a body of that name.
        ("The U.S. military said it would stay.", "U.S. military", set()),
        ("The U.S. military said it would stay.", "U.S.", {("united-states", "GPE")}),
        ("The U.S. Armed Forces said they would stay.", "U.S. Armed Forces", {("us-armed-forces", "ORG")}),
        ("Ships of the Pacific fleet left Vladivostok.", "Pacific fleet", {("pacific-fleet", "ORG")}),
        # Peoples and demonyms.
        ("Iranian engineers arrived.", "Iranian", {("iran", "NORP")}),
        ("An English-language newspaper reported it.", "English", {(NOBODY, "NORP")}),
        # Weapons with everyday names need arms around them.
        ("Ukraine fired a Javelin at a tank.", "Javelin", {("javelin-missile", "WEAPON")}),
        ("She won the Javelin contest in Oslo with her last throw.", "Javelin", set()),
        ("The crew showed the Тu-160 bomber.", "Тu-160", {("tu-160", "WEAPON")}),
        ("Тhree S-4000 printers were sold.", "S-400", set()),
    ],
)
def test_what_a_name_means(
    extractor: Extractor, text: str, surface: str, expected: set[tuple[str | None, str]]
) -> None:
    found = who(extractor, text, surface)
    if expected:
        assert found == expected
    else:
        assert not any(entity_id for entity_id, _ in found)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Moscow denied that any deal had been signed.", True),
        ("Analysts expect Moscow and Tehran to sign next week.", True),
        ("A fire broke out in Moscow on Sunday.", False),
        ("The delegation flew to Moscow on Sunday.", False),
    ],
)
def test_a_capital_is_the_state_or_the_city(extractor: Extractor, text: str, state: bool) -> None:
    assert {entity_id == "russia" for entity_id, _ in who(extractor, text, "Moscow")} == {state}


def test_a_document_agrees_with_itself(extractor: Extractor) -> None:
    text = (
        "Mayor Ottilie Brandvold opened the bridge. The Lower Lea Harbour Board (LLHB) paid for it.\n"
        "Brandvold thanked the LLHB. Critics of Brandvold stayed away."
    )
    named = {(m.text, m.name) for m in read(extractor, text)}
    assert ("Brandvold", "Ottilie Brandvold") in named
    assert ("LLHB", "Lower Lea Harbour Board") in named


def test_a_lone_word_is_a_person_only_where_something_says_so(extractor: Extractor) -> None:
    text = (
        "The firm sells Zorvex in Leeds. Critics say Zorvex breaks. A neighbour, Mr Brandvold, bought one. Brandvold "
        "likes it."
    )
    persons = {m.text for m in read(extractor, text) if m.label == "PERSON"}
    assert "Brandvold" in persons
    assert "Zorvex" not in persons


def test_the_title_is_read_unless_the_text_repeats_it(extractor: Extractor) -> None:
    mentions = read(extractor, "The talks lasted two hours.", title="Iran and Russia talk")
    assert {(m.entity_id, m.field) for m in mentions} == {("iran", "title"), ("russia", "title")}
    mentions = read(extractor, "Iran and Russia talk\nThe talks lasted two hours.", title="Iran and Russia talk")
    assert {m.field for m in mentions} == {"text"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "\u0301" * 20_000,
        "😀" * 2_000 + " Иран 이란 إيران 伊朗 Iran",
        "\u202eIran\u202c and \ud800 Russia",
        "<p>Iran</p>&nbsp;<br/>" * 300,
        "Iran Russia " * 3_000,
        "IranRussiaChina" * 500,
        "| Iran | 12 | 13 |\n" * 500,
        "Iran\t12\t\t13\n-----\t--\nPutin,,,;;\n" * 300,
        "lran supp1ied m1ssi1es t0 Rus5ia ,. -- S_4OO ¬¬ Kirn J0ng Un\n" * 200,
        "قالت إيران Iran إن روسيا (S-400) סיפקה לאיראן טילים, Russia 12.5% \u2067Iran\u2069 " * 200,
    ],
)
def test_bad_input_is_read_with_true_offsets(extractor: Extractor, text: str) -> None:
    read(extractor, text)


def test_scripts_other_than_latin_are_linked(extractor: Extractor) -> None:
    text = "Президент России Владимир Путин встретился с главой КНДР. 김정은은 러시아를 방문했다."
    assert {"vladimir-putin", "kim-jong-un"} <= {m.entity_id for m in read(extractor, text)}


def test_ten_thousand_names_take_linear_time(extractor: Extractor) -> None:
    few, many = (", ".join(f"Ana{n} Okafor{n}" for n in range(size)) for size in (2_500, 10_000))
    assert growth(lambda names: read(extractor, names), few, many) < LINEAR

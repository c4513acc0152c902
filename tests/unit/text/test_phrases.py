"""Phrases: a designation is a unit, a word in a compound is a word."""

import pytest

from wirewatch.text import find_phrase, keys, number_forms, tokenize


def found(phrase: str, text: str, *, plurals: bool = True) -> bool:
    return bool(find_phrase(tokenize(text), keys(phrase), plurals=plurals))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("Tu-160", "two Tu\u2011160 bombers"),
        ("Tu-160", "a Tu–160"),
        ("Tu-160", "a Tu160"),
        ("Tu-160", "a Tu 160"),
        ("Tu-160", "a Тu-160"),
        ("Tu-160", "самолёт Ту-160"),
        ("Tu-160", "a Tu-160M2"),
        ("Tu-160", "several Tu-160s"),
        ("Su-30", "Su-30MKI jets"),
        ("F-16", "an F-16C"),
        ("Shahed", "Shahed-136 drones"),
        ("MiG", "a MiG-31"),
        ("MiG-29", "an ex-MiG-29 pilot"),
        ("Iran", "anti-Iran, Iran-backed"),
        ("Kinzhal", "Kin\u00adzhals"),
        ("missile", "missiles"),
        ("missiles", "a missile"),
        ("army", "both armies"),
        ("Kim Jong Un", "Kim Jong-un's guard"),
        ("2024", "in mid-2024"),
        ("155mm", "155-mm shells"),
        ("김정은", "김정은은"),
    ],
)
def test_found(phrase: str, text: str) -> None:
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("Iran", "in Tirana"),
        ("MiG", "many migrants"),
        ("C-130", "a DC-130"),
        ("S-400", "an S-4000"),
        ("S-400", "a DS-400"),
        ("S-400", "an AS-1S-400"),
        ("S-400", "room S-400.5"),
        ("S-400", "at point S. 400 people waited"),
        ("Kh-101", "a Kh-101-2"),
        ("160", "a Tu-160"),
        ("19", "COVID-19"),
        ("Tu-160M", "a Tu-160M2"),
        ("S", "an S-400"),
        ("Shahed 136", "Shahed, 136 of them"),
        ("news", "a new day"),
        ("Kim Jong Un", "Kim Jong"),
    ],
)
def test_not_found(phrase: str, text: str) -> None:
    assert not found(phrase, text)


def test_ranges_cover_the_phrase() -> None:
    text = "Kim Jong-un met Kim Jong Un."
    tokens = tokenize(text)
    spans = [text[tokens[i].start : tokens[j - 1].end] for i, j in find_phrase(tokens, keys("Kim Jong Un"))]
    assert spans == ["Kim Jong-un", "Kim Jong Un"]


def test_plurals_only_on_request() -> None:
    assert not found("missile", "missiles", plurals=False)


def test_number_forms_go_both_ways() -> None:
    assert "batteries" in number_forms("battery")
    assert "battery" in number_forms("batteries")
    assert "launches" in number_forms("launch")
    assert "men" in number_forms("man")
    assert number_forms("news") == ()

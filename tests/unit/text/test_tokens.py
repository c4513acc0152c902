"""Tokens: what folds together, what stays apart, and that offsets are always true."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cost import LINEAR, growth
from wirewatch.text import fold_name, keys, tokenize, tokens, transliterate
from wirewatch.text.scripts import ClassTable

ANY_TEXT = st.text(max_size=60) | st.text(
    alphabet="aBsТуь-160S4,.'’ \u00ad\u200b\u0301Κé‑–金김ﬁﷺ٤ʼÅİßǅ½²Ⅳ㎏_\ud800", max_size=40
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Tu-160M2", "TU 160 M2"),
        ("S400", "S-400"),
        ("S 400", "S‑400"),
        ("S–400", "s−400"),
        ("Тu-160", "Tu-160"),  # Cyrillic capital T
        ("Tu-160", "Ту-160"),  # wholly Cyrillic designation
        ("С-400", "S-400"),
        ("МиГ-31", "MiG-31"),
        ("Су-30МКИ", "Su-30MKI"),
        ("Tu-\n160", "Tu-160"),
        ("Ту-\r\n160", "Tu-160"),
        ("Kin\u00adzhal", "Kinzhal"),
        ("Kin\u200bzhal", "kinzhal"),
        ("ＫＩＮＺＨＡＬ", "Kinzhal"),
        ("Κim", "Kim"),  # Greek capital Kappa
        ("Сyrus", "Cyrus"),
        ("Kазань", "Казань"),  # Latin K in a Cyrillic word
        ("Erdoğan", "Erdogan"),
        ("Łódź", "Lodz"),
        ("Sana'a", "Sanaa"),
        ("O’Brien", "O'Brien"),
        ("Russia’s", "Russia"),
        ("U.S.", "US"),
        ("D.P.R.K.'s", "DPRK"),
        ("1,200", "1200"),
        ("٤٠٠", "400"),
        ("cafe\u0301", "café"),
        ("ﬁne", "fine"),
        ("Straße", "strasse"),
        ("ёлка", "елка"),
        ("إيـــران", "ایران"),  # stretched, and with the Arabic yeh
    ],
)
def test_variants_have_equal_keys(left: str, right: str) -> None:
    assert keys(left) == keys(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("S-400", "S-4000"),
        ("S-400", "DS-400"),
        ("C-130", "DC-130"),
        ("S-400", "S-400.5"),
        ("Iran", "Tirana"),
        ("MiG", "migrants"),
        ("Кинжал", "Kinzhal"),  # another script is an alias, not a spelling
        ("S-400²", "S-4002"),
    ],
)
def test_different_things_have_different_keys(left: str, right: str) -> None:
    assert keys(left) != keys(right)


def test_joined_tells_hyphens_from_other_gaps() -> None:
    text = "Tu-160M2 and S 400, X–1 -- 2"
    assert [(t.key, t.joined) for t in tokenize(text)] == [
        ("tu", False), ("160", True), ("m", True), ("2", True), ("and", False), ("s", False), ("400", False),
        ("x", False), ("1", True), ("2", False),
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", ["", " —"])
def test_elided_articles_and_possessives(suffix: str) -> None:
    text = "l'Iran d'Oman dell'India Iran's S-400's Moscow'S rock'n'roll `quoted'" + suffix
    assert [text[t.start : t.end] for t in tokenize(text)] == [
        "l", "Iran", "d", "Oman", "dell", "India", "Iran", "S", "400", "Moscow", "rock'n'roll", "quoted",
    ]  # fmt: skip


def test_scripts_without_spaces_are_cut_by_character() -> None:
    assert keys("김정은은") == ("김", "정", "은", "은")
    assert keys("金正恩在") == ("金", "正", "恩", "在")


def test_long_cyrillic_words_and_loose_prepositions_are_not_transliterated() -> None:
    assert keys("Герань-2") == ("герань", "2")
    assert keys("с 400") == ("с", "400")


def test_transliterate_reads_names_in_latin_letters() -> None:
    assert transliterate("Кинжал") == "kinzhal"
    assert transliterate("Шойгу") == "shoygu"


@given(ANY_TEXT)
@example("\u0640-1 \u0640")
@example("\u00ad\u200b-\u0301a\u0301'sS's")
@example("'S.A4")
def test_offsets_slice_and_move_forward(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert end <= token.start < token.end <= len(text)
        assert token.key
        end = token.end


@given(ANY_TEXT)
@example("0SФ")
@example("Ту-160")
def test_a_written_token_folds_to_its_key_alone_or_beside_a_number(text: str) -> None:
    for token in tokenize(text):
        written = text[token.start : token.end]
        assert token.key in (*keys(written), keys(f"0-{written}")[-1], keys(f"{written}-0")[0])


@given(ANY_TEXT | st.text(alphabet="Ab Ss", max_size=12) | st.text(alphabet="aS0é-'`.,Т4\n \u00ad’l", max_size=40))
@example("l'Iran's U.S.'s 1,000's 2's 4.5.6 d'É Ту-\n160 é-\n4 a `s")
def test_keys_are_those_of_the_tokens(text: str) -> None:
    assert keys(text) == tuple(token.key for token in tokenize(text))


@given(ANY_TEXT)
def test_folding_is_idempotent(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)


@given(st.text(alphabet=st.characters(max_codepoint=127) | st.sampled_from("’–\u00a0…"), max_size=60))
def test_the_ascii_path_agrees_with_the_general_path(text: str) -> None:
    assert tokenize(text) == tokenize(text + " é")[:-1]


@pytest.mark.costly
@pytest.mark.parametrize(
    "unit",
    ["a" + "\u0301" * 50, "\u00ad", "1,000", "a.", "é.", "é'", "'s", "a-", "金", "0\u0301", "x'", "\u202e", "é a "],
)
@pytest.mark.parametrize("cut", [tokenize, keys])
def test_time_is_linear(cut: Callable[[str], object], unit: str) -> None:
    assert growth(cut, *((unit * size)[:size] for size in (15_000, 60_000))) < LINEAR


def test_no_letter_folds_to_nothing() -> None:
    letters = "-1 ".join(map(chr, range(0x20, 0x3100)))
    assert all(token.key for token in tokenize(letters))


@given(st.text(alphabet=st.sampled_from("aS0é’–Тü \x01\x05.\u00ad한'中-"), max_size=40))
def test_the_quick_way_to_classes_says_the_same(text: str) -> None:
    foreign = [char for char in set(text) if char > "\x7f"]
    assert tokens._shadow(text, foreign) == text.translate(ClassTable())

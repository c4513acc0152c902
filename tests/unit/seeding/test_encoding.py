import pytest

from wirewatch.seeding.encoding import decode

FRENCH = "Le président a été reçu à Séoul, où il a déjeuné avec la délégation."
GERMAN = "Grüße aus Köln: Die Brücke ist für Fußgänger geöffnet."
POLISH = (
    "Prezydent spotkał się z ministrem, żeby omówić dostawy, i wrócił do Łodzi. Rzecznik rządu powiedział, że rozmowy "
    "były długie, lecz nie przyniosły żadnego rozstrzygnięcia. Następne spotkanie odbędzie się w październiku."
)
RUSSIAN = "Президент прибыл во Владивосток на поезде и осмотрел новые корабли флота."
QUOTED = "The minister said “nothing has been signed” — and left. It’s a rumour."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16"),
        (RUSSIAN, "utf-32"),
        (FRENCH, "latin-1"),
        (FRENCH, "cp1252"),
        (GERMAN, "latin-1"),
        (QUOTED, "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
    ],
)
def test_text_comes_back_as_it_was_written(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_declared_encoding_is_believed_before_a_guess() -> None:
    page = '<html><head><meta charset="koi8-r"></head><body>Мир</body></html>'
    assert decode(page.encode("koi8-r")) == page


def test_a_page_that_declares_latin_1_is_read_as_browsers_do() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1"><p>“Oui”</p>'
    assert decode(page.encode("cp1252")) == page


def test_an_unknown_declared_encoding_is_passed_over() -> None:
    page = f'<meta charset="x-klingon"><p>{FRENCH}</p>'
    assert decode(page.encode("latin-1")) == page


@pytest.mark.parametrize(
    "raw", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x9c\xff", bytes(range(256)) * 8, b"text\x00text"]
)
def test_binary_data_is_no_text(raw: bytes) -> None:
    assert decode(raw) is None

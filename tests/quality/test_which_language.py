import pytest

from worker.extraction.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ministers said on Monday that the talks about the harbour would go on.", "en"),
        ("Les ministres ont déclaré lundi que les discussions sur le port continueraient.", "fr"),
        ("Министры заявили в понедельник, что переговоры о порте будут продолжены.", "ru"),
        ("장관들은 월요일에 항구에 대한 회담이 계속될 것이라고 말했다고 전해졌다", "ko"),
        ("", None),
        ("Talks on", None),
        ("12345 67890 !!! ??? 12345 67890", None),
        ("\u0301" * 10_000, None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert detect_language(text) == language

import pytest

from wirewatch.seeding.titles import title_of_html, title_of_text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Harbour reopens after storm\n\nThe port opened on Monday.", "Harbour reopens after storm"),
        ("Harbour reopens after storm\r\n\r\nThe port opened on Monday.", "Harbour reopens after storm"),
        ("\n\nIs the harbour safe?\n\nEngineers say yes.", "Is the harbour safe?"),
        ("Envoy returns to the U.S.\n\nShe landed on Monday.", "Envoy returns to the U.S."),
        ("Harbour reopens\nHarbour reopens\nThe port opened on Monday.", "Harbour reopens"),
        ("# Harbour reopens #\nThe port opened on Monday.", "Harbour reopens"),
    ],
)
def test_a_first_line_that_stands_apart_is_the_title(text: str, title: str) -> None:
    assert title_of_text(text) == title


@pytest.mark.parametrize(
    "text",
    [
        "The port opened on Monday.\n\nShips queued outside.",
        "The mayor said: “We are open.”\n\nShips queued outside.",
        "(Lisbon) The port opened on Monday\nShips queued outside.",
        "The port opened on Monday after repairs that had taken " + "many more weeks " * 10 + "\n\nShips queued.",
        "Only one line",
        "One line and a blank one\n\n",
        "",
    ],
)
def test_a_first_line_that_may_be_the_story_is_no_title(text: str) -> None:
    assert title_of_text(text) is None


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<html><head><TITLE lang=en>Tea &amp;\n  coffee</TITLE></head></html>", "Tea & coffee"),
        ("<title>Page</title><svg><title>Drawing</title></svg>", "Page"),
        ("<title></title><p>x</p>", None),
        ("<title>never closed", None),
        ("<titlebar>no</titlebar>", None),
    ],
)
def test_the_title_of_a_page(page: str, title: str | None) -> None:
    assert title_of_html(page) == title

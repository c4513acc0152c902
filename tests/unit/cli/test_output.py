import pytest

from wirewatch.cli.alert_text import MAX_QUOTES, quotes
from wirewatch.cli.output import cell, plain


def test_nothing_that_steers_a_terminal_passes() -> None:
    assert plain("a\x1b[2Jb\x9bc\u202ed\r\x07") == "a[2Jbcd"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (["a", {"name": "b"}], "a, b"),
        ({"id": "7"}, "7"),
        ("2030-01-02T03:04:05.678901Z", "2030-01-02T03:04:05Z"),
        ("2030-01-02T03:04:05+00:00", "2030-01-02T03:04:05Z"),
    ],
)
def test_cells_are_short_and_readable(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_quotes_are_told_once_with_claims_first_and_not_too_many() -> None:
    terms = [{"kind": "term", "text": f"word {number}", "clause": "word"} for number in range(9)]
    claim = {"kind": "claim", "text": "A sent\n B to C", "clause": "claim:(supplier:A)"}
    lines = quotes([*terms, terms[0], claim, {"kind": "field", "text": ""}])
    assert lines[0] == "“A sent B to C”  claim:(supplier:A)"
    assert len(lines) == MAX_QUOTES + 1
    assert lines[-1] == "and 6 more"

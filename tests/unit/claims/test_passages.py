"""What a passage says together: denials, pronouns, exchanges, leaders, joined items."""

import pytest

from tests.unit.claims.conftest import Read, Told, told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A denial of the claim before takes its sides; a stranger's denial takes nothing.
        (
            "Kenya accused Norway of sending rockets to Brazil.\n\nOslo and Brasilia denied the accusations.",
            [("Norway", "Brazil", "alleged"), ("Norway", "Brazil", "denied")],
        ),
        (
            "Kenya accused Norway of sending rockets to Brazil.\n\nHanoi denied the accusations.",
            [("Norway", "Brazil", "alleged")],
        ),
        (
            "Kenya said Norway sent rockets to Brazil. Norway called the report false.",
            [("Norway", "Brazil", "reported"), ("Norway", "Brazil", "denied")],
        ),
        ("Oslo and Brasilia denied the accusations.", []),
        # Leaders stand for their states.
        (
            "The United States accused Lima of providing ammunition to aid Berg's war, including sending shells.",
            [("Brazil", "Norway", "alleged")],
        ),
        (
            "The United States accused Berg of providing ammunition to aid Lima's war, including sending shells.",
            [("Norway", "Brazil", "alleged")],
        ),
        # Exchanges go both ways.
        (
            "Norway gave Brazil missiles in return for drones.",
            [("Norway", "Brazil", "reported"), ("Brazil", "Norway", "reported")],
        ),
        # Pronouns and definite goods.
        (
            "Norway armed Kenya. Norway has sent rockets to Kenya and has sold them to other states.",
            [("Norway", "Kenya", "reported"), ("Norway", None, "reported")],
        ),
        ("Norway makes missiles. It sold them to Brazil.", [("Norway", "Brazil", "reported")]),
        # A maker's deal: the maker supplies, whoever signs.
        ("Brazil signed a deal with Fjord Dynamics for 12 missiles.", [("Fjord Dynamics", "Brazil", "planned")]),
        ("Fjord Dynamics signed a deal with Brazil for 12 missiles.", [("Fjord Dynamics", "Brazil", "planned")]),
        ("Norway signed a deal with Brazil to supply missiles.", [("Norway", "Brazil", "planned")]),
        ("Norway signed a deal with Brazil to buy missiles.", [("Brazil", "Norway", "planned")]),
        # One claim for each pair of sides.
        (
            "Norway and Kenya pledged to donate tanks to Brazil.",
            [("Norway", "Brazil", "planned"), ("Kenya", "Brazil", "planned")],
        ),
        # Payment, sanctions and questions.
        ("Brazil paid Norway for arms purchases in 1990.", [("Norway", "Brazil", "reported")]),
        ("Kenya imposed sanctions on Brazil for buying missiles from Norway.", [("Norway", "Brazil", "reported")]),
        ("Asked whether Norway had sent rockets to Brazil, Berg smiled.", []),
        # Groups are no state.
        ("Norwegian missiles were shipped to the Lamu Front.", [("Norway", "Lamu Front", "reported")]),
        ("Kenyan rebels received rockets from Norway.", [("Norway", None, "reported")]),
        # Nobody supplies himself.
        ("The Kenyan Defence Ministry bought rifles from Kenyan firms.", []),
    ],
)
def test_passages(read: Read, text: str, expected: list[Told]) -> None:
    assert told(read(text)) == expected


def test_items_are_joined_and_named(read: Read) -> None:
    (claim,) = read("Norway has sent 40 tanks, artillery shells and NSM missiles to Brazil.")
    assert claim.items == ("tanks", "artillery shells", "Naval Strike Missile")
    assert claim.quantity == "40"
    assert claim.stage == "shipped"


def test_who_says_it(read: Read) -> None:
    (claim,) = read("Kenyan officials said Norway sold rifles to Brazil.")
    assert claim.attributed_to == ("Kenya",)
    (claim,) = read("Jonas Berg said Norway sold rifles to Brazil.")
    assert (claim.attributed_to, claim.status) == (("Jonas Berg",), "confirmed")


def test_quotes_are_the_text_and_ids_count_on(read: Read) -> None:
    text = "A “first” line 🚀.\n\n  Norway sold rifles to Brazil. Kenya bought tanks from Vietnam.  \n"
    claims = read(text)
    assert [claim.id for claim in claims] == ["a1.2.0", "a1.2.1"]
    assert [claim.quote for claim in claims] == ["Norway sold rifles to Brazil.", "Kenya bought tanks from Vietnam."]
    assert all(text[claim.start : claim.end] == claim.quote for claim in claims)


def test_a_headline_in_capitals_is_read_once(read: Read) -> None:
    claims = read("NORWAY TO SELL JETS TO BRAZIL. Norway will sell fighter jets to Brazil")
    assert told(claims) == [("Norway", "Brazil", "planned")]
    assert claims[0].quote == "NORWAY TO SELL JETS TO BRAZIL."

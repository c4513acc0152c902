"""What a passage says together: denials, pronouns, exchanges, leaders, joined items."""

import pytest

from tests.quality.claims.conftest import Read, Told, told
from worker.claims.amounts import count_of


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
        # Of two who agree on a weapon that one of them makes, the maker sells; who tells of a sale plainly is believed.
        ("Kenya signed an agreement with Norway to supply NSM batteries.", [("Norway", "Kenya", "planned")]),
        ("Norway signed an agreement with Kenya to supply NSM batteries.", [("Norway", "Kenya", "planned")]),
        ("Norway and Kenya signed a $2 billion deal for the NSM.", [("Norway", "Kenya", "planned")]),
        ("Kenya and Norway did not sign a deal for the NSM.", [("Norway", "Kenya", "denied")]),
        ("Kenya signed a deal with Vietnam for the NSM.", []),
        ("Kenya sold Norway the Naval Strike Missile.", [("Kenya", "Norway", "reported")]),
        # What is meant for nobody is no transfer.
        ("Kenya hid rifles that Norway intends to inspect.", []),
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


@pytest.mark.parametrize(
    ("text", "items", "quantity", "count", "value"),
    [
        ("Norway sold 24 S-400 systems and rockets to Brazil for $2.5 billion.",
         [("S-400", "s-400"), ("rockets", None)], "24", 24, "$2.5 billion"),
        ("Brazil signed a 3 billion euro deal to buy two submarines from Norway.",
         [("submarines", None)], "two", 2, "3 billion euro"),
        ("Norway delivered two dozen tanks worth 40 million dollars to Brazil.",
         [("tanks", None)], "two dozen", 24, "40 million dollars"),
        ("Norway sent hundreds of drones to Brazil.", [("drones", None)], "hundreds", None, None),
        ("Norway sent a dozen drones to Brazil.", [("drones", None)], "a dozen", 12, None),
        ("Norway sent about 1,200 rockets to Brazil, which has paid $3 million for its embassy.",
         [("rockets", None)], "about 1,200", 1200, None),
        ("Kenya, whose economy grew by $4 billion, supplied missiles to Brazil.",
         [("missiles", None)], None, None, None),
    ],
)  # fmt: skip
def test_goods_and_amounts(
    read: Read,
    text: str,
    items: list[tuple[str, str | None]],
    quantity: str | None,
    count: int | None,
    value: str | None,
) -> None:
    (claim,) = read(text)
    assert list(zip(claim.items, claim.item_ids, strict=True)) == items
    assert (claim.quantity, claim.count, claim.value) == (quantity, count, value)


@pytest.mark.parametrize(
    ("quantity", "count"),
    [
        (None, None), ("24", 24), ("1,200", 1200), ("twelve", 12), ("two dozen", 24), ("three hundred", 300),
        ("more than 40", 40), ("up to 12", 12), ("5 to 7", None), ("hundreds", None), ("several dozen", None),
        ("٢٤", None), ("2.5", None),
    ],
)  # fmt: skip
def test_a_quantity_is_a_number_only_where_it_is_one(quantity: str | None, count: int | None) -> None:
    assert count_of(quantity) == count


@pytest.mark.parametrize(
    ("text", "stage", "status"),
    [
        ("Norway offered missiles to Brazil.", "offered", "planned"),
        ("Missiles were offered to Brazil by Norway.", "offered", "planned"),
        ("Brazil requested missiles from Norway.", "sought", "possible"),
        ("Missiles were requested from Norway by Brazil.", "sought", "possible"),
        ("Norway approved the sale of missiles to Brazil.", "approved", "planned"),
        ("The sale of missiles by Norway to Brazil was approved by parliament.", "approved", "planned"),
        ("Norway did not approve the sale of missiles to Brazil.", "approved", "denied"),
        ("Brazil signed a contract to buy missiles from Norway.", "contracted", "planned"),
        ("Norway shipped missiles to Brazil.", "shipped", "reported"),
        ("Norway delivered missiles to Brazil.", "delivered", "reported"),
        ("Norway will deliver missiles to Brazil.", None, "planned"),
        ("Brazil fired Norwegian missiles at the island.", "used", "reported"),
        ("Norway cancelled the sale of missiles to Brazil.", "cancelled", "denied"),
        ("The sale of missiles by Norway to Brazil was cancelled.", "cancelled", "denied"),
        ("Norway did not cancel the sale of missiles to Brazil.", "contracted", "reported"),
    ],
)
def test_how_far_it_has_come(read: Read, text: str, stage: str | None, status: str) -> None:
    (claim,) = read(text)
    assert (claim.supplier, claim.recipient, claim.stage, claim.status) == ("Norway", "Brazil", stage, status)

"""Claims of a story in the terminal: by parties and standing, each quotation once."""

from typing import Any

from wirewatch.cli.claim_text import claims_text, conflicts_text

SHELLS = "Aland sends shells and rockets to Bland."


def saying(article_id: str, quote: str, source: str | None = "The Fjord Post") -> dict[str, Any]:
    return {"claim_id": f"{article_id}.1.0", "article_id": article_id, "source": source, "quote": quote}


def standing(status: str, *sayings: dict[str, Any], articles: int = 1, by: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"status": status, "articles": articles, "attributed_to": list(by), "sayings": list(sayings)}


def claim(item: str, *standings: dict[str, Any], recipient: str | None = "Bland") -> dict[str, Any]:
    return {"supplier": "Aland", "recipient": recipient, "items": [item], "standings": list(standings)}


def shown(*claims: dict[str, Any]) -> list[str]:
    return [line.plain.strip() for line in claims_text(claims)]


def test_goods_of_which_the_same_words_are_said_stand_together() -> None:
    told = standing("reported", saying("1", SHELLS), by=("Coast guard",))
    assert shown(claim("shells", told), claim("rockets", told)) == [
        "Aland to Bland",
        "reported by Coast guard: shells, rockets, in 1 article",
        f"“{SHELLS}” The Fjord Post [claim 1.1.0]",
    ]


def test_one_quotation_speaks_for_each_standing() -> None:
    reported = standing("reported", saying("1", SHELLS), saying("2", "Shells went out."), articles=4)
    denied = standing("denied", saying("3", "No shells went out.", source=None))
    assert shown(claim("shells", reported, denied), claim("shells", denied, recipient=None)) == [
        "Aland to Bland",
        "reported: shells, in 4 articles",
        f"“{SHELLS}” The Fjord Post [claim 1.1.0], and 1 more in other words",
        "denied: shells, in 1 article",
        "“No shells went out.” unknown source [claim 3.1.0]",
        "Aland to somebody",
        "denied: shells, in 1 article",
        "“No shells went out.” unknown source [claim 3.1.0]",
    ]


def test_a_conflict_repeats_no_quotation_of_a_claim() -> None:
    sides = [{"value": "reported", "article_ids": ["1"], "quotes": [SHELLS, "The captain spoke."]}]
    story = {
        "timeline": [{"article_id": "1", "source": "The Fjord Post"}],
        "claims": [claim("shells", standing("reported", saying("1", SHELLS)))],
        "conflicts": [{"about": "Aland supplies Bland", "sides": sides}],
    }
    assert [line.plain.strip() for line in conflicts_text(story)] == [
        "Aland supplies Bland",
        "reported: The Fjord Post [article 1]",
        "“The captain spoke.”",
    ]


def test_what_a_stranger_wrote_cannot_steer_the_terminal() -> None:
    (_, _, quoted) = shown(claim("shells", standing("reported", saying("1", "\x1b[2Jgone", source="\x1b[31mred"))))
    assert "\x1b" not in quoted

"""The transfer rules, written as the language they read.

In a verb rule `_` is the verb: what stands before it is its subject, the first role after it its object, the rest
prepositional phrases. Passive, relative and double-object forms follow from the tree and need no rows of their own.
In a noun rule `_` is the noun, `X's _` its possessor or origin adjective, `X _` a compound before it.
"""

from dataclasses import dataclass
from typing import Literal

from wirewatch.models import ClaimStage

Role = Literal["SUPPLIER", "RECIPIENT", "ITEM"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One reading of a set of words: the role of each grammatical slot."""

    words: frozenset[str]
    subject: Role | None
    object: Role | None
    prepositions: tuple[tuple[str, Role], ...]
    stage: ClaimStage | None


def compile_rule(words: str, pattern: str, stage: ClaimStage | None = None) -> Rule:
    """Read "SUPPLIER _ ITEM to|for RECIPIENT" into slots; raises ValueError for a word that is no role."""
    before, _, after = pattern.partition("_")
    subject = before.split()[0].removesuffix("'s") if before.strip() else None
    parts = after.split()
    direct = parts.pop(0) if parts and parts[0].isupper() else None
    pairs = [(p, role_named(role)) for ps, role in zip(parts[::2], parts[1::2], strict=True) for p in ps.split("|")]
    return Rule(
        frozenset(words.split()),
        role_named(subject) if subject else None,
        role_named(direct) if direct else None,
        tuple(pairs),
        stage,
    )


def role_named(word: str) -> Role:
    match word:
        case "SUPPLIER" | "RECIPIENT" | "ITEM":
            return word
    raise ValueError(f"not a role: {word}")


VERB_RULES = (
    compile_rule("lease rent", "RECIPIENT _ ITEM from SUPPLIER", "contracted"),
    compile_rule(
        "supply provide give furnish grant donate gift hand pass transfer release lend lease rent",
        "SUPPLIER _ ITEM to|for RECIPIENT",
        "delivered",
    ),
    compile_rule("share", "SUPPLIER _ ITEM with RECIPIENT", "delivered"),
    compile_rule("deliver", "SUPPLIER _ ITEM to|into RECIPIENT", "delivered"),
    compile_rule(
        "send ship export smuggle airlift dispatch fly funnel reexport route divert",
        "SUPPLIER _ ITEM to|into RECIPIENT",
        "shipped",
    ),
    compile_rule("sell resell", "SUPPLIER _ ITEM to RECIPIENT", "contracted"),
    compile_rule("offer pledge promise", "SUPPLIER _ ITEM to RECIPIENT", "offered"),
    compile_rule("supply provide furnish equip arm outfit", "SUPPLIER _ RECIPIENT with ITEM", "delivered"),
    compile_rule("buy purchase order procure", "RECIPIENT _ ITEM from SUPPLIER", "contracted"),
    compile_rule("acquire receive import obtain get secure", "RECIPIENT _ ITEM from SUPPLIER", "delivered"),
    compile_rule("seek request solicit want", "RECIPIENT _ ITEM from SUPPLIER", "sought"),
    compile_rule("ask", "RECIPIENT _ SUPPLIER for ITEM", "sought"),
    compile_rule("pay", "RECIPIENT _ SUPPLIER for ITEM", "contracted"),
    compile_rule("rely depend", "RECIPIENT _ on|upon SUPPLIER for ITEM", "delivered"),
    compile_rule("build construct", "SUPPLIER _ ITEM for RECIPIENT", "contracted"),
    compile_rule("swap trade barter exchange", "SUPPLIER _ ITEM with RECIPIENT", "contracted"),
    compile_rule("go flow arrive move pour stream", "ITEM _ to|in|into RECIPIENT from SUPPLIER", "shipped"),
    compile_rule("reach", "ITEM _ RECIPIENT from SUPPLIER", "shipped"),
    compile_rule("come", "ITEM _ from SUPPLIER", "shipped"),
    compile_rule("intend destine bind head", "SUPPLIER _ ITEM for|to RECIPIENT", "shipped"),
)

# Who has goods in use got them from where they come from, if the sentence says where that is.
USE_RULES = (
    compile_rule("use deploy operate field fire launch fly carry wield parade", "RECIPIENT _ ITEM", "used"),
    compile_rule("attack strike hit bomb bombard pound", "RECIPIENT _ with ITEM", "used"),
    compile_rule("rely depend", "RECIPIENT _ on|upon ITEM", "used"),
)
# What is carried or made is a transfer only where the sentence names both sides.
SIDED_RULES = (
    compile_rule("carry transport ferry haul", "_ ITEM to|into RECIPIENT from SUPPLIER", "shipped"),
    compile_rule("load pack", "_ with ITEM to|for RECIPIENT from SUPPLIER", "shipped"),
    compile_rule("make manufacture produce build", "SUPPLIER _ ITEM for RECIPIENT in SUPPLIER", "used"),
)

NOUN_RULES = (
    compile_rule("package tranche", "SUPPLIER's _ of ITEM to|for RECIPIENT by|from SUPPLIER", "contracted"),
    compile_rule("request appeal plea", "RECIPIENT's _ for ITEM from|to SUPPLIER by RECIPIENT", "sought"),
    compile_rule(
        "supply provision delivery donation gift giveaway handover",
        "SUPPLIER's _ of ITEM to|for RECIPIENT by|from SUPPLIER",
        "delivered",
    ),
    compile_rule(
        "shipment export transfer smuggling consignment airlift flow influx",
        "SUPPLIER's _ of ITEM to|into|in RECIPIENT by|from SUPPLIER",
        "shipped",
    ),
    compile_rule("sale offer", "SUPPLIER's _ of ITEM to RECIPIENT by|from SUPPLIER", "contracted"),
    compile_rule(
        "purchase acquisition procurement order buying",
        "RECIPIENT's _ of|for ITEM from|with SUPPLIER by RECIPIENT",
        "contracted",
    ),
    compile_rule("import receipt", "RECIPIENT's _ of ITEM from SUPPLIER by|into|to RECIPIENT", "delivered"),
    compile_rule(
        "deal contract agreement trade transaction",
        "_ for|of|involving ITEM to RECIPIENT by SUPPLIER",
        "contracted",
    ),
    compile_rule(
        "supplier exporter seller provider donor source", "RECIPIENT's _ of ITEM to|for RECIPIENT", "delivered"
    ),
    compile_rule("importer buyer purchaser customer recipient", "SUPPLIER's _ of|for ITEM from SUPPLIER", "delivered"),
)

# Nouns for the one who supplies or receives: the bearer is named by apposition or copula.
BEARERS: dict[str, Role] = {
    **dict.fromkeys(("supplier", "exporter", "seller", "provider", "donor", "source"), "SUPPLIER"),
    **dict.fromkeys(("importer", "buyer", "purchaser", "customer", "recipient"), "RECIPIENT"),
}

# Participles that make an origin adjective ("Iranian-made"); the second kind says that a transfer took place.
MADE = frozenset({"make", "build", "produce", "design", "manufacture"})
SUPPLIED = frozenset({"supply", "provide", "donate", "deliver", "sell", "export", "send"})

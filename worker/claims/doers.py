"""Whose sale or purchase an event noun tells, where the noun phrase itself does not say."""

from spacy.tokens import Token

from wirewatch.text import fold_word
from worker.claims.grammar import (
    IMPOSED_ON,
    OBJECT_CONTROL,
    children,
    is_passive,
    is_verb,
    possessors,
    prepositions,
    subjects,
)
from worker.claims.rules import Role
from worker.claims.scene import Scene, Slot
from worker.claims.voices import agents

# Verbs whose subject does what their object names: "X halted deliveries", "X approved the sale".
SUPPORT = frozenset(
    "make place authorize authorise approve order announce halt suspend stop ban continue begin start offer complete "
    "conduct increase plan cancel propose deny admit acknowledge confirm defend resume expand boost cut reduce "
    "step freeze delay sign reach strike finalize finalise clear lift ease end renew consider discuss weigh "
    "seek need want promise pledge refuse reject negotiate accelerate speed pursue oversee study allow block scrap "
    "abandon terminate call break shelve axe pause postpone withdraw".split()
)
CONTROLS = frozenset(
    "ban bans embargo embargoes halt freeze moratorium restriction restrictions permit permits licence licences "
    "license licenses permission".split()
)
INTENTS = frozenset(
    "plan plans study studies talk talks negotiation negotiations decision proposal agreement intention order orders "
    "program programme approval authorization interest role involvement part scandal affair".split()
)
PENALTIES = frozenset({"penalty", "penalties", "sanction", "sanctions", "fine", "fines", "punishment"})
SUFFERING = frozenset({"incur", "face", "suffer", "receive", "draw", "earn", "get"})
PAYING = frozenset({"pay", "repay", "owe", "reimburse", "compensate"})
SHARES = frozenset("share slice percentage percent cent pct half third quarter fifth tenth bulk most".split())
MAKES_UP = frozenset({"account", "represent", "constitute", "provide", "supply"})
# What goes out from whoever is named before it.
OUTWARD = frozenset("export exports shipment shipments smuggling consignment consignments airlift".split())
INQUIRIES = frozenset(
    {"inquiry", "investigation", "probe", "trial", "case", "scrutiny", "allegation", "allegations", "suspicion"}
)


def find_doer(scene: Scene, noun: Token) -> Slot:
    """The doer in the noun phrase ("China's sale", "U.S. arms sale", "a sale made by China"), else above it."""
    owner = children(noun, "poss")
    if owner:
        return scene.slot(owner)
    made = made_by(noun)
    if made:
        return scene.slot(made)
    named = scene.cast.modifiers(noun)
    return Slot([], named[:1]) if named else governing_doer(scene, noun)


def sides_of_sale(scene: Scene, noun: Token) -> tuple[Slot, Slot] | None:
    """ "X approves Y arms sale": (X, Y). Where only a name stands before the noun, or an adjective ("Saudi arms sale")
    under another's act, whether it sells or buys is not said, and both sides are closed."""
    named = [t for child in children(noun, "compound", "nmod", "amod") for t in (child, *child.children)]
    party = next((t for t in named if scene.cast.named(t)), None)
    if party is None or children(noun, "poss") or fold_word(noun.text) in OUTWARD:
        return None
    doer, is_plain = governing_doer(scene, noun), scene.cast.is_plain_name(party)
    acts = any(not p.same_side(q) for p in doer.parties for q in scene.cast.resolve_all([party]))
    if acts and is_plain:
        return doer, scene.slot([party])
    return (Slot([noun]), Slot([noun])) if acts or is_plain else None


def made_by(noun: Token) -> list[Token]:
    return [t for child in children(noun, "acl") if is_passive(child) for t in prepositions(child, {"by"})]


def governing_doer(scene: Scene, noun: Token) -> Slot:
    """The doer as the subject, or the one blamed, of what governs the noun."""
    node = noun
    while node.dep_ == "conj":
        node = node.head
    head = node.head
    if node.dep_ == "dobj" and is_verb(head) and head.lemma_.lower() in SUPPORT:
        return single(scene, subjects(head))
    if node.dep_ == "nsubjpass" and head.lemma_.lower() in SUPPORT:
        return single(scene, agents(head))
    if node.dep_ == "pobj" and head.dep_ == "prep":
        return doer_above(scene, head, fold_word(head.head.text))
    return Slot()


def doer_above(scene: Scene, prep: Token, word: str) -> Slot:
    above = prep.head
    if is_verb(above):
        if prep.lower_ in {"on", "for", "about"} and any(fold_word(t.text) in INTENTS for t in children(above, "dobj")):
            return single(scene, subjects(above))
        blamed = above.lemma_.lower() in OBJECT_CONTROL and prep.lower_ in {"for", "over", "of", "with"}
        struck = children(above, "dobj") or children(above, "nsubjpass", "nsubj")
        return single(scene, struck) if blamed else Slot()
    if word in CONTROLS:
        owner = children(above, "poss")
        if owner:
            return single(scene, owner)
        named = scene.cast.modifiers(above)
        return Slot([], named[:1]) if named else governing_doer(scene, above)
    if word in PENALTIES:
        return single(scene, punished(above))
    if word in INQUIRIES:
        return single(scene, investigated(above))
    if word in INTENTS and not prepositions(above, {"with"}):
        return single(scene, possessors(above, 0))
    return Slot()


def punished(penalty: Token) -> list[Token]:
    verb = penalty.head
    struck = prepositions(penalty, IMPOSED_ON)
    if struck or penalty.dep_ != "dobj" or not is_verb(verb):
        return struck
    return subjects(verb) if verb.lemma_.lower() in SUFFERING else prepositions(verb, IMPOSED_ON)


def investigated(inquiry: Token) -> list[Token]:
    """ "X, which is at the centre of an inquiry into", "X is under investigation for", "X faces a probe over"."""
    node = inquiry
    while not is_verb(node) and node.dep_ in {"pobj", "prep", "dobj", "attr"}:
        node = node.head
    return subjects(node) if is_verb(node) and node.lemma_.lower() in {"be", "face", "come", "remain"} else []


def single(scene: Scene, heads: list[Token]) -> Slot:
    """The party, where it is only one: of two who negotiate, who sells is not said."""
    found = scene.cast.resolve_all(heads)
    return Slot([], found) if len(found) == 1 else Slot()


def paying_sides(scene: Scene, noun: Token) -> tuple[Slot, Slot] | None:
    """ "X paid Y for arms": (supplier, recipient)."""
    prep = noun.head
    if noun.dep_ != "pobj" or prep.lower_ != "for" or prep.head.lemma_.lower() not in PAYING:
        return None
    return single(scene, children(prep.head, "dobj", "dative")), single(scene, subjects(prep.head))


def maker_of_deal(scene: Scene, noun: Token) -> tuple[Slot, Slot] | None:
    """A deal between a maker of arms and somebody else, "X signed a deal with Y": (the maker, the other)."""
    signed = noun.dep_ == "dobj" and is_verb(noun.head)
    if not signed:
        return None
    partners = prepositions(noun, {"with", "from"}) or prepositions(noun.head, {"with", "from"})
    one, two = single(scene, subjects(noun.head)), single(scene, partners)
    pair = [*one.parties, *two.parties]
    if len(pair) != 2 or pair[0].is_maker == pair[1].is_maker:
        return None
    return (one, two) if pair[0].is_maker else (two, one)


def share_owner(scene: Scene, noun: Token) -> Slot:
    """ "Israel's share in Indian weapons procurement": the share's owner is the other side.

    So is X in "X accounts for a third of Y's imports".
    """
    share = noun.head.head
    if noun.dep_ != "pobj" or not (fold_word(share.text) in SHARES or share.text == "%"):
        return Slot()
    taker = share.head.head if share.dep_ == "pobj" else share.head
    if is_verb(taker) and taker.lemma_.lower() in MAKES_UP:
        return single(scene, subjects(taker))
    owner = scene.cast.owner(share) if children(share, "poss", "amod", "compound") else None
    return Slot([share], [owner]) if owner else Slot()


def other_side(role: Role) -> Role:
    return "RECIPIENT" if role == "SUPPLIER" else "SUPPLIER"

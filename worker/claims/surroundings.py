"""Sides of a transfer that stand beside the phrase that tells it."""

from collections.abc import Collection, Sequence

from spacy.tokens import Token

from worker.claims.cast import POSSESSED
from worker.claims.grammar import children, conjuncts, is_passive, is_verb, prepositions, subjects
from worker.claims.inflections import inflections
from worker.claims.items import Arms
from worker.claims.registry import Party
from worker.claims.rules import MADE, USE_RULES, VERB_RULES, Role
from worker.claims.scene import Scene, Slot
from worker.claims.voices import agents

BENEFIT = frozenset(
    "aid help support bolster replenish strengthen back sustain arm equip fuel assist reinforce".split()
)
ASKING = frozenset({"ask", "approach", "request", "turn"})
CARRIERS_ARRIVE = frozenset({"dock", "land", "arrive", "moor", "berth", "unload"})
USES = frozenset(form for word in USE_RULES[0].words for form in inflections(word))

STRIKES = USE_RULES[1].words


def forms_of_rules(subject: Role, irregular: str) -> frozenset[str]:
    """Forms of the verbs of the table whose object is the goods and whose subject has the role."""
    words = [word for rule in VERB_RULES if (rule.subject, rule.object) == (subject, "ITEM") for word in rule.words]
    return frozenset(form for word in words for form in inflections(word)) | frozenset(irregular.split())


# Verbs whose object their subject has, will have or wants, and gives, will give or offers.
TAKES = USES | forms_of_rules("RECIPIENT", "bought got sought")
GIVES = forms_of_rules("SUPPLIER", "gave given sent sold resold lent")
PACTS = frozenset({"deal", "contract", "agreement", "pact", "accord", "memorandum"})


def stray_objects(
    scene: Scene, predicate: Token, items: Sequence[Arms], name: str, ends: Collection[str]
) -> list[Token]:
    """What follows a preposition that the parser hung elsewhere.

    The first `name` after the items, before another verb or one of `ends`, on something that the predicate belongs
    to, and only if it names a party.
    """
    last = max([predicate.i, *(item.head.i for item in items)])
    around = {predicate.i, *(t.i for t in predicate.ancestors), *(t.i for t in predicate.subtree)}
    around |= {t.i for item in items for t in conjuncts(item.head)}
    for token in scene.doc[last + 1 : predicate.sent.end]:
        if is_verb(token) or token.text in ends:
            break
        if token.lower_ == name and token.dep_ in {"prep", "dative"} and token.head.i in around:
            return [t for t in token.children if t.dep_ == "pobj" and scene.cast.resolve(t)]
    return []


def owner_of_goods(scene: Scene, verb: Token, items: list[Arms]) -> Slot | None:
    """ "Taiwan's weapons come from X", "Hezbollah's rockets are supplied by X", "the tanks that Y ordered"."""
    owners = [t for item in items for t in children(item.head, "poss")]
    sources = agents(verb) or prepositions(verb, {"from"})
    is_source_told = verb.lemma_.lower() == "come" or (is_passive(verb) and sources)
    if not owners and verb.dep_ == "acl":
        owners = children(verb.head, "poss")  # "X's fleet of jets, bought from Y"
    if owners and is_source_told:
        return scene.slot(owners)
    takers = [t for item in items for t in takers_of(item.head, verb)]
    return scene.slot(takers) if takers else None


def takers_of(goods: Token, verb: Token) -> list[Token]:
    """ "the missiles that X fired", "ammunition used by X"."""
    found: list[Token] = []
    for clause in children(goods, "relcl", "acl"):
        if clause.i != verb.i and clause.lower_ in TAKES:
            found += agents(clause) if is_passive(clause) else subjects(clause)
    return [t for t in found if t.i != goods.i]


def givers_of(items: Sequence[Arms], taking: Token) -> list[Token]:
    """ "received the tanks it ordered from X", "bought the rifles that X offered"."""
    found: list[Token] = []
    for goods in (item.head for item in items):
        for clause in children(goods, "relcl", "acl"):
            if clause.i == taking.i:
                continue
            if clause.lower_ in TAKES:
                found += prepositions(clause, {"from"})
            elif clause.lower_ in GIVES:
                found += agents(clause) if is_passive(clause) else [t for t in subjects(clause) if t.i != goods.i]
    return found


def destination(carrying: Token) -> list[Token]:
    """ "a ship carrying rifles docked in X"."""
    carrier = carrying.head
    if carrying.dep_ != "acl" or carrier.dep_ != "nsubj" or carrier.head.lemma_.lower() not in CARRIERS_ARRIVE:
        return []
    return prepositions(carrier.head, {"in", "at"})


def holder(scene: Scene, participle: Token) -> Slot | None:
    """ "X carries rifles donated by Y", "Y-supplied rockets were fired by X": X, who has the goods in use."""
    goods = participle.head
    use = goods.head
    if goods.dep_ == "pobj" and use.lower_ == "with" and use.head.lemma_.lower() in STRIKES:
        return scene.slot(subjects(use.head))  # "X hit the port with rockets donated by Y"
    if participle.dep_ not in {"acl", "amod"} or not {use.lemma_.lower(), use.lower_} & USES:
        return None
    if goods.dep_ == "dobj":
        return scene.slot(subjects(use))
    return scene.slot(agents(use)) if goods.dep_ == "nsubjpass" else None


def asker(verb: Token) -> list[Token]:
    """ "X asked Y to supply": X, who would receive."""
    above = verb.head
    if verb.dep_ in {"xcomp", "advcl"} and above.lemma_.lower() in ASKING:
        return [] if is_passive(above) else subjects(above)
    return []


def partner(verb: Token) -> list[Token]:
    """ "a deal with X to supply", "agreed with X to buy": X, the other side."""
    above = verb.head
    if verb.dep_ == "xcomp" and above.lemma_.lower() in {"agree", "contract"}:
        return prepositions(above, {"with"})
    nouns = [above] if above.lemma_.lower() in PACTS else children(above, "dobj") if is_verb(above) else []
    pacts = [noun for noun in nouns if noun.lemma_.lower() in PACTS]
    if verb.tag_ != "VB" or not pacts:
        return []
    return prepositions(pacts[0], {"with"}) or (prepositions(pacts[0].head, {"with"}) if is_verb(pacts[0].head) else [])


def beneficiary(scene: Scene, verb: Token, items: Sequence[Arms]) -> Slot:
    """ "to aid X", "to replenish X's reserves" after the transfer or its goods."""
    purposes = [
        c for t in (verb, *(item.head for item in items)) for c in children(t, "xcomp", "advcl", "acl", "relcl")
    ]
    for child in purposes:
        if child.tag_ == "VB" and child.lemma_.lower() in BENEFIT:
            for thing in children(child, "dobj", "nsubj"):
                if thing.lemma_.lower() in POSSESSED or thing.lower_ in POSSESSED:
                    owner = scene.cast.owner(thing)
                    return Slot([thing], [owner] if owner else [])
                return scene.slot([thing])
    return Slot()


def seller_by_goods(scene: Scene, one: Slot, two: Slot, items: Sequence[Arms]) -> tuple[Slot, Slot] | None:
    """Of two who agree on a weapon that one of them makes: (the maker's side, the other). "X signed an agreement with Y
    to supply jets" leaves open who supplies them; whose jets they are does not."""
    homes = [home for item in items if (home := scene.cast.home_of(item.entity_id))]
    pair = [*one.parties, *two.parties]
    if len(pair) != 2 or pair[0].same_side(pair[1]):
        return None
    makers = [party for party in pair if any(party.same_side(home) for home in homes)]
    if len(makers) != 1:
        return None
    return Slot([], makers), Slot([], [party for party in pair if party is not makers[0]])


def origins(scene: Scene, item: Arms) -> list[Party]:
    """Where an item comes from by its adjectives: "North Korean ammunition", "Iranian-made drones"."""
    made = [t for c in children(item.head, "acl") if c.lemma_.lower() in MADE for t in prepositions(c, {"in", "by"})]
    return scene.cast.modifiers(item.head) or scene.cast.resolve_all(made)

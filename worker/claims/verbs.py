"""Transfers that a verb tells, active, passive, relative or with two objects."""

from collections.abc import Iterator

from spacy.tokens import Token

from worker.claims.cast import POSSESSED
from worker.claims.grammar import (
    REFLEXIVES,
    RELATIVES,
    children,
    conjuncts,
    gerund_object,
    is_passive,
    is_verb,
    own_subjects,
    prepositions,
    subjects,
)
from worker.claims.items import Arms
from worker.claims.registry import Party
from worker.claims.rules import MADE, USE_RULE, VERB_RULES, Role, Rule
from worker.claims.scene import Scene, Slot, Transfer

BENEFIT = frozenset(
    "aid help support bolster replenish strengthen back sustain arm equip fuel assist reinforce".split()
)
PLACES_OF_ARMS = frozenset(
    {"arsenal", "army", "military", "force", "forces", "fleet", "inventory", "stockpile", "navy"}
)


def read_verbs(scene: Scene) -> Iterator[Transfer]:
    """Every transfer told by a verb of the rule table; at most one per verb."""
    for token in scene.doc:
        if not is_verb(token):
            continue
        lemma = token.lemma_.lower()
        for rule in (*VERB_RULES, USE_RULE):
            if lemma in rule.words:
                transfer = read(scene, token, rule)
                if transfer:
                    yield transfer
                    yield from in_return(scene, transfer)
                    break


def read(scene: Scene, verb: Token, rule: Rule) -> Transfer | None:
    roles = fill(scene, verb, rule)
    if (
        rule.object == "RECIPIENT"
        and not roles["SUPPLIER"]
        and not any(t.lower_ in REFLEXIVES for t in children(verb, "dobj"))
    ):
        return None  # "a fleet equipped with missiles"
    if rule.subject == "SUPPLIER" and not roles["RECIPIENT"]:
        roles["RECIPIENT"] = asker(verb)
    items = scene.arms_in(roles["ITEM"])
    if not items or surrenders(verb, items):
        return None
    if rule is USE_RULE and not any(origins(scene, item) for item in items):
        return None
    for role, preposition in (("SUPPLIER", {"from"}), ("RECIPIENT", {"to"})):
        pairs = [r for p, r in rule.prepositions if p in preposition]
        if not roles[role] and (role in pairs or (role == "SUPPLIER" and rule.subject == "SUPPLIER")):  # type: ignore[index]
            roles[role] = stray(scene, verb, items, preposition)  # type: ignore[index]
    supplier = scene.slot(roles["SUPPLIER"])
    recipient = scene.slot(roles["RECIPIENT"], avoid=supplier.parties)
    if recipient.is_open:
        recipient = owner_of_goods(scene, verb, items) or beneficiary(scene, verb)
    if recipient.is_open and serves(verb, items):
        return None
    takes = rule.subject == "RECIPIENT"
    needs = verb.lemma_.lower() in {"acquire", "obtain", "get", "secure", "receive", "seek"}
    return Transfer(verb, supplier, recipient, items, rule.stage, takes, needs_supplier=takes and needs)


def in_return(scene: Scene, transfer: Transfer) -> Iterator[Transfer]:
    """The other half of an exchange: "X gave Y tanks in return for drones", "X swapped tanks for drones with Y"."""
    verb = transfer.predicate
    swaps = verb.lemma_.lower() in {"swap", "trade", "barter", "exchange"}
    returned = [
        t for p in prepositions(verb, {"in"}) if p.lower_ in {"return", "exchange"} for t in prepositions(p, {"for"})
    ]
    if swaps:
        returned = prepositions(verb, {"for"}) + [
            t for item in transfer.items for t in prepositions(item.head, {"for"}) if t.i > verb.i
        ]
    items = scene.arms_in(returned)
    # Whose "its" is, giver's or taker's, is anybody's guess.
    items = [item for item in items if not any(t.lower_ in {"its", "their"} for t in children(item.head, "poss"))]
    if items and transfer.supplier.parties and transfer.recipient.parties:
        yield Transfer(verb, transfer.recipient, transfer.supplier, items, transfer.stage)


def fill(scene: Scene, verb: Token, rule: Rule) -> dict[Role, list[Token]]:
    """The words in each role of `rule` around `verb`."""
    roles: dict[Role, list[Token]] = {"SUPPLIER": [], "RECIPIENT": [], "ITEM": []}
    passive = is_passive(verb)
    actor = agents(verb) if passive else subjects(verb)
    things = passive_objects(verb) if passive else active_objects(verb)
    second = children(verb, "dobj", "oprd") if passive else children(verb, "dative")
    second = [t for t in second if t.tag_ not in {"IN", "TO"} and (passive or not scene.is_weapon(t))]
    if rule.subject == "ITEM":
        roles["ITEM"] = things if passive else actor
    else:
        assign(scene, roles, rule, (actor, things, second))
    for preposition, role in rule.prepositions:
        found = prepositions(verb, {preposition})
        for thing in [*roles["ITEM"]]:
            for part in conjuncts(thing):
                found.extend(prepositions(part, {preposition}))
        if not roles[role]:
            roles[role] = found
    return roles


def assign(scene: Scene, roles: dict[Role, list[Token]], rule: Rule, slots: tuple[list[Token], ...]) -> None:
    actor, things, second = slots
    subject, direct = rule.subject, rule.object
    if subject is None or direct is None:
        return
    roles[subject] = actor
    if direct == "ITEM" and second and subject == "SUPPLIER" and not scene.arms_in(things) and scene.arms_in(second):
        roles["RECIPIENT"], roles["ITEM"] = things, second
        return
    roles[direct] = things
    if direct == "ITEM" and things and not second:
        # "Cypriots to be supplied missiles", "sell Taiwan a class of ships"
        inside = [t for thing in things for t in thing.children if t.dep_ == "nmod" and scene.cast.named(t)]
        if things[0].dep_ == "nsubjpass" and things[0].head.dep_ == "amod" and not scene.arms_in(things):
            roles["RECIPIENT"], roles["ITEM"] = things, [things[0].head.head]
        elif inside and subject == "SUPPLIER":
            roles["RECIPIENT"] = inside
    if second and direct == "ITEM" and subject == "SUPPLIER" and not roles["RECIPIENT"]:
        roles["RECIPIENT"] = second
    if direct == "RECIPIENT" and any(t.lower_ in REFLEXIVES for t in things):
        roles["RECIPIENT"], roles["SUPPLIER"] = actor, []


def active_objects(verb: Token) -> list[Token]:
    """The direct object; in a relative clause whose object is left out or a pronoun, the noun it hangs on."""
    written = children(verb, "dobj", "attr") or [t for t in [gerund_object(verb)] if t]
    relative = [t for t in written if t.lower_ in RELATIVES]
    if verb.dep_ == "relcl" and (relative or not written):
        named = own_subjects(verb)
        if named and verb.head not in named:
            return [verb.head]
    if (
        verb.dep_ == "conj" and not written and is_verb(verb.head) and verb.nbor(1).dep_ != "prep"
        if verb.i + 1 < len(verb.doc)
        else False
    ):
        return active_objects(verb.head)
    # "and/or": a verb without an object shares the object of the verb coordinated with it.
    if not written:
        return [t for c in children(verb, "conj") if is_verb(c) for t in children(c, "dobj")]
    return written


def agents(verb: Token) -> list[Token]:
    """ "by X", also where it hangs on the goods ("was armed with drones by X")."""
    below = [t for child in children(verb, "prep") for t in children(child, "pobj")]
    return prepositions(verb, {"by"}) or [t for noun in below for t in prepositions(noun, {"by"})]


def passive_objects(verb: Token) -> list[Token]:
    written = children(verb, "nsubjpass")
    if written:
        return [verb.head if t.lower_ in RELATIVES else t for t in written]
    if verb.dep_ in {"acl", "amod", "relcl"}:
        return [verb.head]
    return passive_objects(verb.head) if verb.dep_ == "conj" and is_verb(verb.head) else []


def stray(scene: Scene, verb: Token, items: list[Arms], names: set[str]) -> list[Token]:
    """A preposition that the parser hung elsewhere: the first after the items, before any other verb, naming a party."""
    last = max([verb.i, *(item.head.i for item in items)])
    above = {verb.i, *(t.i for t in verb.ancestors), *(t.i for t in verb.subtree)}
    above |= {t.i for item in items for t in conjuncts(item.head)}
    for token in scene.doc[last + 1 : verb.sent.end]:
        if is_verb(token) or token.lower_ in {";", ":"}:
            break
        if token.lower_ in names and token.dep_ in {"prep", "dative"} and token.head.i in above:
            return [t for t in token.children if t.dep_ == "pobj" and scene.cast.resolve(t)]
    return []


def serves(verb: Token, items: list[Arms]) -> bool:
    """Ships or planes sent "to escort", "to patrol" serve their owner."""
    if verb.lemma_.lower() not in {"offer", "send", "provide", "dispatch", "fly"}:
        return False
    below = [c for t in (verb, *(item.head for item in items)) for c in children(t, "xcomp", "acl", "relcl", "advcl")]
    return any(
        c.tag_ == "VB" and c.lemma_.lower() in {"escort", "patrol", "monitor", "protect", "guard"} for c in below
    )


def owner_of_goods(scene: Scene, verb: Token, items: list[Arms]) -> Slot | None:
    """ "Taiwan's weapons come from X", "Hezbollah's rockets are supplied by X"."""
    owners = [t for item in items for t in children(item.head, "poss")]
    is_source_told = verb.lemma_.lower() == "come" or (is_passive(verb) and agents(verb))
    return scene.slot(owners) if owners and is_source_told else None


def asker(verb: Token) -> list[Token]:
    """ "X asked Y to supply": X, who would receive."""
    above = verb.head
    if verb.dep_ in {"xcomp", "advcl"} and above.lemma_.lower() in {"ask", "approach", "request", "turn"}:
        return [] if is_passive(above) else subjects(above)
    return []


def beneficiary(scene: Scene, verb: Token) -> Slot:
    """ "to aid X", "to replenish X's reserves" after the transfer."""
    for child in verb.children:
        if child.dep_ in {"xcomp", "advcl"} and child.lemma_.lower() in BENEFIT:
            for thing in children(child, "dobj", "nsubj"):
                if thing.lemma_.lower() in POSSESSED or thing.lower_ in POSSESSED:
                    owner = scene.cast.owner(thing)
                    return Slot([thing], [owner] if owner else [])
                return scene.slot([thing])
    return Slot()


def origins(scene: Scene, item: Arms) -> list[Party]:
    """Where an item comes from by its adjectives: "North Korean ammunition", "Iranian-made drones"."""
    made = [t for c in children(item.head, "acl") if c.lemma_.lower() in MADE for t in prepositions(c, {"in", "by"})]
    return scene.cast.modifiers(item.head) or scene.cast.resolve_all(made)


def surrenders(verb: Token, items: list[Arms]) -> bool:
    """Giving up one's own arms is disarmament, no transfer."""
    given_up = verb.lemma_.lower() in {"hand", "give", "release", "transfer"}
    return given_up and any(
        c.dep_ == "poss" and c.lower_ in {"their", "its"} for item in items for c in item.head.children
    )

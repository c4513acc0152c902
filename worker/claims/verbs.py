"""Transfers that a verb tells, active, passive, relative or with two objects."""

from collections.abc import Iterator

from spacy.tokens import Token

from worker.claims.cast import GROUPS
from worker.claims.grammar import REFLEXIVES, children, conjuncts, is_passive, is_verb, prepositions, subjects
from worker.claims.inflections import inflections
from worker.claims.items import Arms
from worker.claims.registry import Party
from worker.claims.rules import SIDED_RULES, USE_RULES, VERB_RULES, Role, Rule
from worker.claims.scene import Scene, Slot, Transfer
from worker.claims.surroundings import (
    GIVES,
    asker,
    beneficiary,
    destination,
    givers_of,
    holder,
    origins,
    owner_of_goods,
    partner,
    seller_by_goods,
    stray_objects,
)
from worker.claims.voices import active_objects, agents, passive_objects

NEEDS_SOURCE = frozenset({"acquire", "obtain", "get", "secure", "receive", "seek", "want"})
OWN = frozenset({"its", "their"})
SWAPS = frozenset({"swap", "trade", "barter", "exchange"})
SENDS_OUT = frozenset({"offer", "send", "provide", "dispatch", "fly"})
SERVICE = frozenset({"escort", "patrol", "monitor", "protect", "guard"})
# Told from either side: who pays is said by "from".
EITHER_WAY = frozenset({"lease", "rent"})
# What is built or meant for nobody is no transfer.
FOR_SOMEBODY = frozenset({"build", "construct", "intend", "destine", "bind", "head"})
# Where forces are sent to do their duty.
POSTS = frozenset(
    "coast border frontier water waters region area sea strait gulf island port base front airspace shore".split()
)
VESSELS = frozenset({"warships", "submarines", "bombers", "fighter jets", "military aircraft", "helicopters"})
FIGHTS = frozenset({"shoot", "down", "intercept", "destroy", "repel", "fight"})
GIVES_UP = frozenset({"hand", "give", "release", "transfer"})

Roles = dict[Role, list[Token]]

# Written forms whose lemma the model may miss; the irregular ones of everyday verbs it knows.
_WORDS = {form: word for rule in VERB_RULES for word in rule.words for form in inflections(word)} | {"resold": "resell"}


def read_verbs(scene: Scene) -> Iterator[Transfer]:
    """Every transfer told by a verb of the rule table; at most one per verb."""
    for token in scene.words:
        if not is_verb(token):
            continue
        lemma = token.lemma_.lower()
        for rule in (*VERB_RULES, *SIDED_RULES, *USE_RULES):
            if lemma in rule.words or _WORDS.get(token.lower_) in rule.words:
                transfer = read(scene, token, rule)
                if transfer:
                    yield transfer
                    yield from in_return(scene, transfer)
                    break


def read(scene: Scene, verb: Token, rule: Rule) -> Transfer | None:
    roles = fill(scene, verb, rule)
    items = scene.arms_in(roles["ITEM"])
    come_from = [party for item in items for party in origins(scene, item)]
    equips = rule.subject == "SUPPLIER" and rule.object == "RECIPIENT"
    if equips and not (roles["SUPPLIER"] or come_from or is_reflexive(verb)):
        return None  # "a fleet equipped with missiles"
    if not items or is_hit(verb, rule) or is_range(verb):
        return None
    takes, lemma = rule.subject == "RECIPIENT", verb.lemma_.lower()
    if not roles["RECIPIENT"] and not takes and rule not in SIDED_RULES:
        roles["RECIPIENT"] = asker(verb) or partner(verb) or stray_objects(scene, verb, items, "to", ";:")
        roles["RECIPIENT"] = roles["RECIPIENT"] or receiver_before(scene, verb, rule)
    if not roles["SUPPLIER"] and rule not in SIDED_RULES:
        roles["SUPPLIER"] = (partner(verb) if takes else []) or stray_objects(scene, verb, items, "from", ";:")
        if takes and not roles["SUPPLIER"]:
            roles["SUPPLIER"] = givers_of(items, verb)
    if takes and lemma in EITHER_WAY and not roles["SUPPLIER"]:
        return None
    supplier = scene.slot(roles["SUPPLIER"])
    recipient = scene.slot(roles["RECIPIENT"], avoid=[*supplier.parties, *givers_above(scene, verb, rule)])
    if surrenders(verb, items, supplier):
        return None
    if rule in USE_RULES and not (come_from and recipient.parties):
        return None
    if not recipient.parties and (lemma in FOR_SOMEBODY or is_posted(lemma, recipient, items)):
        return None
    if recipient.is_open:
        recipient = owner_of_goods(scene, verb, items) or holder(scene, verb) or beneficiary(scene, verb, items)
    if recipient.is_open and serves(verb, items):
        return None
    if rule in SIDED_RULES:
        recipient = scene.slot(destination(verb)) if recipient.is_open else recipient
        if not recipient.parties or not (supplier.parties or come_from):
            return None
    if partner(verb) and (sides := seller_by_goods(scene, supplier, recipient, items)):
        supplier, recipient = sides
    needs = (takes and lemma in NEEDS_SOURCE) or rule in USE_RULES
    ordered = lemma == "order"
    return Transfer(verb, supplier, recipient, items, rule.stage, takes, is_agreed=ordered, needs_supplier=needs)


def is_hit(verb: Token, rule: Rule) -> bool:
    """ "shot down drones that came from X" tells of an attack; "rifles arrived", hung on its noun, of nothing."""
    if rule.subject != "ITEM" or verb.dep_ not in {"relcl", "acl"}:
        return False
    fought = verb.head.dep_ == "dobj" and verb.head.head.lemma_.lower() in FIGHTS
    return fought or (verb.dep_ == "acl" and verb.tag_ != "VBG")


def is_range(verb: Token) -> bool:
    """ "missiles that can reach X", "capable of reaching X": how far they fly."""
    if verb.lemma_.lower() != "reach":
        return False
    able = {t.lemma_.lower() for t in list(verb.ancestors)[:2]} & {"capable", "able", "range"}
    return bool(able) or any(c.lower_ in {"can", "could"} for c in children(verb, "aux"))


def receiver_before(scene: Scene, verb: Token, rule: Rule) -> list[Token]:
    """ "sent Russia shells": the name that the parser took for a part of the goods' name."""
    gives = rule.subject == "SUPPLIER" and rule.object == "ITEM" and any(p == "to" for p, _ in rule.prepositions)
    if not gives or is_passive(verb):
        return []
    inside = [(goods, t) for goods in children(verb, "dobj") for t in children(goods, "compound")]
    return [t for goods, t in inside if t.left_edge.i == goods.left_edge.i and scene.cast.is_plain_name(t)]


def is_reflexive(verb: Token) -> bool:
    return any(t.lower_ in REFLEXIVES for t in children(verb, "dobj"))


def in_return(scene: Scene, transfer: Transfer) -> Iterator[Transfer]:
    """The other half of an exchange: "X gave Y tanks in return for drones", "X swapped tanks for drones with Y"."""
    verb = transfer.predicate
    returned = [
        t for p in prepositions(verb, {"in"}) if p.lower_ in {"return", "exchange"} for t in prepositions(p, {"for"})
    ]
    if verb.lemma_.lower() in SWAPS:
        returned = prepositions(verb, {"for"}) + [
            t for item in transfer.items for t in prepositions(item.head, {"for"}) if t.i > verb.i
        ]
    items = scene.arms_in(returned)
    # Whose "its" is, giver's or taker's, is anybody's guess.
    items = [item for item in items if not any(t.lower_ in {"its", "their"} for t in children(item.head, "poss"))]
    if items and transfer.supplier.parties and transfer.recipient.parties:
        yield Transfer(verb, transfer.recipient, transfer.supplier, items, transfer.stage)


def fill(scene: Scene, verb: Token, rule: Rule) -> Roles:
    """The words in each role of `rule` around `verb`."""
    roles: Roles = {"SUPPLIER": [], "RECIPIENT": [], "ITEM": []}
    passive = is_passive(verb)
    actor = agents(verb) if passive else subjects(verb)
    things = passive_objects(verb) if passive else active_objects(verb)
    second = children(verb, "dobj", "oprd") if passive else children(verb, "dative")
    second = [t for t in second if t.tag_ not in {"IN", "TO"} and (passive or not scene.is_weapon(t))]
    if not passive and not second and len(things) > 1 and scene.cast.resolve(things[0]):
        second, things = things[:1], things[1:]  # the parser took both for direct objects
    if rule.subject == "ITEM":
        roles["ITEM"] = things if passive else actor
        if rule.object and not passive:
            roles[rule.object] = things
    else:
        assign(scene, roles, rule, (actor, things, second))
    if not scene.arms_in(roles["ITEM"]):
        roles["ITEM"] = roles["ITEM"] + prepositions(verb, {"including"})  # "sent all it had, including tanks"
    for preposition, role in rule.prepositions:
        found = prepositions(verb, {preposition})
        for thing in [*roles["ITEM"]]:
            for part in conjuncts(thing):
                found.extend(prepositions(part, {preposition}))
        if not roles[role]:
            roles[role] = found
    return roles


def assign(scene: Scene, roles: Roles, rule: Rule, slots: tuple[list[Token], ...]) -> None:
    actor, things, second = slots
    subject, direct = rule.subject, rule.object
    if subject:
        roles[subject] = actor
    if direct is None:
        return
    if direct == "SUPPLIER" and second:
        things = second  # "paid Norway a million"
    if direct == "ITEM" and second and subject == "SUPPLIER" and not scene.arms_in(things) and scene.arms_in(second):
        roles["RECIPIENT"], roles["ITEM"] = things, second
        return
    roles[direct] = things
    if direct == "ITEM" and subject == "SUPPLIER" and is_left_out(scene, things, actor):
        roles["RECIPIENT"], roles["ITEM"] = things, [things[0].head.head]
    elif direct == "ITEM" and things and not second:
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


def is_left_out(scene: Scene, things: list[Token], actor: list[Token]) -> bool:
    """ "the rockets X sold Y": the goods are the noun that the clause hangs on, and what looks like them is Y."""
    if not things or things[0].dep_ != "dobj" or things[0].head.dep_ != "relcl" or scene.arms_in(things):
        return False
    if things[0].pos_ == "NOUN" and things[0].lemma_.lower() not in GROUPS and not scene.cast.resolve(things[0]):
        return False
    goods = things[0].head.head
    return goods not in actor and bool(scene.arms_in([goods]))


def is_posted(lemma: str, recipient: Slot, items: list[Arms]) -> bool:
    """Sent where there is duty to do ("to the coast of X"), one's own, or flown: forces move, nobody is given them."""
    owned = any(t.lower_ in OWN for item in items for t in children(item.head, "poss"))
    if owned and not recipient.parties and lemma in SENDS_OUT | {"transfer", "move"}:
        return True
    if lemma not in SENDS_OUT:
        return False
    if lemma == "fly" and recipient.is_open:
        return True
    if recipient.words and not recipient.parties and all(item.name in VESSELS for item in items):
        return True
    return any(t.lemma_.lower() in POSTS for t in recipient.words)


def serves(verb: Token, items: list[Arms]) -> bool:
    """Ships or planes sent "to escort", "to patrol" serve their owner."""
    if verb.lemma_.lower() not in SENDS_OUT:
        return False
    below = [c for t in (verb, *(item.head for item in items)) for c in children(t, "xcomp", "acl", "relcl", "advcl")]
    return any(c.tag_ == "VB" and c.lemma_.lower() in SERVICE for c in below)


def surrenders(verb: Token, items: list[Arms], supplier: Slot) -> bool:
    """A group that gives up its own arms disarms; a state that hands over its tanks supplies them."""
    owned = [c for item in items for c in children(item.head, "poss") if c.lower_ in OWN]
    is_state = any(party.state for party in supplier.parties)
    return verb.lemma_.lower() in GIVES_UP and bool(owned) and not is_state


def givers_above(scene: Scene, verb: Token, rule: Rule) -> list[Party]:
    """ "X sold Y half of the arms it imported": not X, unless it says from whom it did."""
    if rule.subject != "RECIPIENT" or verb.dep_ != "relcl" or prepositions(verb, {"from"}):
        return []
    above = next((t for t in verb.ancestors if is_verb(t)), None)
    return scene.cast.resolve_all(subjects(above)) if above is not None and above.lower_ in GIVES else []

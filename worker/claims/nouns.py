"""Transfers that a noun tells: "the sale of X to Y by Z", "Y's purchase of X", "Z, the main supplier of Y"."""

from collections.abc import Iterator

from spacy.tokens import Token

from wirewatch.text import fold_word
from worker.claims.doers import (
    find_doer,
    made_by,
    maker_of_deal,
    other_side,
    paying_sides,
    share_owner,
    sides_of_sale,
)
from worker.claims.grammar import children, conjuncts, is_verb, prepositions, subjects
from worker.claims.items import EXPORTS, Arms, word_forms
from worker.claims.rules import BEARERS, NOUN_RULES, SUPPLIED, Role, Rule
from worker.claims.scene import Scene, Slot, Transfer
from worker.claims.surroundings import PACTS, givers_of, holder, origins, seller_by_goods, stray_objects

AGREED = PACTS | {"package", "tranche", "order"}
ANSWERS = frozenset("reject refuse decline dismiss deny grant approve consider receive study weigh".split())
HOLDERS = frozenset({"arsenal", "army", "military", "force", "forces", "fleet", "inventory", "stockpile", "navy"})
PREDICATE_POS = frozenset({"NOUN", "PROPN"})


def read_nouns(scene: Scene) -> Iterator[Transfer]:
    """Every transfer told by a noun of the rule table or by a participle before its noun ("Soviet-supplied tanks")."""
    for token in scene.words:
        if token.pos_ in PREDICATE_POS or children(token, "compound"):
            forms = word_forms(fold_word(token.text))
            for rule in NOUN_RULES:
                if forms & rule.words:
                    transfer = read_bearer(scene, token, rule) if forms & BEARERS.keys() else read(scene, token, rule)
                    if transfer:
                        yield transfer
                    break
        elif token.dep_ == "amod" and token.lemma_.lower() in SUPPLIED:
            transfer = read_participle(scene, token)
            if transfer:
                yield transfer


def items_of(scene: Scene, noun: Token, rule: Rule) -> list[Arms]:
    """Arms that stand before the noun or in its item phrase."""
    before = [t for child in noun.lefts if child.dep_ in {"compound", "amod", "nmod"} for t in (child, *child.subtree)]
    found = {t.i: scene.arms[t.i] for t in before if t.i in scene.arms}
    names = {p for p, role in rule.prepositions if role == "ITEM"}
    involved = [t for c in noun.subtree if c.lower_ == "involving" and c.dep_ == "acl" for t in children(c, "dobj")]
    if noun.dep_ == "dobj" and "for" in names:
        involved += prepositions(noun.head, {"for"})  # "signed a deal with Y for jets"
    found.update({arms.head.i: arms for arms in scene.arms_in([*prepositions(noun, names), *involved])})
    if not found and noun.i in scene.arms:
        found[noun.i] = scene.arms[noun.i]
    military = [
        t for t in noun.lefts if t.lower_ in {"military", "defense", "defence"} and t.dep_ in {"amod", "compound"}
    ]
    if not found and military and fold_word(noun.text) in EXPORTS:
        found[noun.i] = Arms(f"{military[0].lower_} {noun.lower_}", noun)
    return [found[i] for i in sorted(found)]


def read(scene: Scene, noun: Token, rule: Rule) -> Transfer | None:
    items = items_of(scene, noun, rule)
    program = sales_program(noun)
    if program is not None:
        return read_program(scene, noun, rule, items or [Arms("military equipment", program)])
    if not items:
        return None
    roles: dict[Role, Slot] = {"SUPPLIER": Slot(), "RECIPIENT": Slot()}
    inside = [item.head for item in items]
    for preposition, role in rule.prepositions:
        if role == "ITEM" or not roles[role].is_open:
            continue
        if preposition == "in" and noun.dep_ in {"dobj", "nsubjpass"}:
            continue  # "seized a shipment in X" says where
        heads = phrases_of(noun, preposition)
        heads += [t for item in inside for part in conjuncts(item) for t in prepositions(part, {preposition})]
        heads = [t for t in heads if t.i > noun.i]
        if not heads and preposition in {"to", "from"}:
            heads = stray_objects(scene, noun, items, preposition, ";:,")
        roles[role] = scene.slot(heads)
    complete(scene, noun, rule, roles)
    if is_stock(noun, roles["RECIPIENT"]):
        return None
    if (takes := rule.subject == "RECIPIENT" or is_taken(noun)) and roles["SUPPLIER"].is_open:
        roles["SUPPLIER"] = scene.slot(givers_of(items, noun))
    if rule.subject is None and roles["SUPPLIER"].is_open and roles["RECIPIENT"].is_open:
        roles["SUPPLIER"], roles["RECIPIENT"] = signed_by(scene, noun, items)
    agreed = bool(word_forms(fold_word(noun.text)) & AGREED)
    return Transfer(noun, roles["SUPPLIER"], roles["RECIPIENT"], items, rule.stage, takes, is_agreed=agreed)


def phrases_of(noun: Token, preposition: str) -> list[Token]:
    """Objects of the preposition after the noun, also where it hangs on the verb: "there was no sale to Y by Z"."""
    found = prepositions(noun, {preposition})
    if not found and noun.dep_ == "attr" and noun.head.lemma_ == "be":
        found = [t for t in prepositions(noun.head, {preposition}) if t.i > noun.i]
    return found


def around(noun: Token, items: list[Arms], preposition: str) -> list[Token]:
    """Objects of the preposition after the noun or its goods: "a supplier of rifles to Y"."""
    inside = [t for item in items for part in conjuncts(item.head) for t in prepositions(part, {preposition})]
    return phrases_of(noun, preposition) or [t for t in inside if t.i > noun.i]


def sales_program(noun: Token) -> Token | None:
    """The name "Foreign Military Sales" at or after the noun in its sentence."""
    for token in noun.doc[noun.i : noun.sent.end]:
        if (
            token.lower_ == "sales"
            and token.i > 1
            and noun.doc[token.i - 2 : token.i].text.lower() == "foreign military"
        ):
            return token
    return None


def read_program(scene: Scene, noun: Token, rule: Rule, items: list[Arms]) -> Transfer | None:
    """Sales under the United States programme of that name: its supplier is known, buyers stand after "for", "to"."""
    if rule.stage != "contracted" or rule.subject is None:
        return None
    buyers = scene.slot(prepositions(noun, {"for", "to"}))
    supplier = scene.cast.state("United States")
    if supplier is None or (rule.subject == "RECIPIENT" and not buyers.parties):
        return None
    return Transfer(noun, Slot([], [supplier]), buyers, items, rule.stage, is_agreed=True)


def complete(scene: Scene, noun: Token, rule: Rule, roles: dict[Role, Slot]) -> None:
    """Fill the sides that stand before the noun or above it."""
    doer: Role = rule.subject or "SUPPLIER"
    other = other_side(doer)
    paid = paying_sides(scene, noun)
    if paid:
        roles["SUPPLIER"], roles["RECIPIENT"] = paid
    elif rule.subject is None and (maker := maker_of_deal(scene, noun)):
        roles["SUPPLIER"], roles["RECIPIENT"] = maker
    elif roles[doer].is_open:
        roles[doer] = find_doer(scene, noun) if rule.subject else scene.slot(made_by(noun))
    if rule.subject == "SUPPLIER" and roles["RECIPIENT"].is_open and (sides := sides_of_sale(scene, noun)):
        roles["SUPPLIER"], roles["RECIPIENT"] = sides
    if rule.subject and roles[other].is_open:
        roles[other] = share_owner(scene, noun) if not is_taken(noun) else scene.slot(subjects(noun.head))
        if rule.stage == "sought" and roles[other].is_open:
            roles[other] = scene.slot(answering(noun))


def is_stock(noun: Token, recipient: Slot) -> bool:
    """ "its supply of missiles", which nobody is said to get."""
    return noun.lower_ in {"supply", "supplies"} and recipient.is_open and bool(children(noun, "poss"))


def signed_by(scene: Scene, noun: Token, items: list[Arms]) -> tuple[Slot, Slot]:
    """Supplier and recipient by whose goods they are: "X signs deal for Norwegian missiles", "X and Y signed a deal
    for" a weapon of one of them."""
    if noun.dep_ != "dobj" or not is_verb(noun.head):
        return Slot(), Slot()
    signers = scene.slot(subjects(noun.head))
    others = scene.slot(prepositions(noun, {"with"}) or prepositions(noun.head, {"with"}))
    if sides := seller_by_goods(scene, signers, others, items):
        return sides
    makers = [party for item in items for party in origins(scene, item)]
    buyers = [party for party in signers.parties if makers and not any(party.same_side(maker) for maker in makers)]
    return Slot(), Slot([], buyers if len(signers.parties) == 1 else [])


def is_taken(noun: Token) -> bool:
    """ "took delivery of"."""
    return noun.lower_ == "delivery" and noun.dep_ == "dobj" and noun.head.lemma_.lower() == "take"


def answering(request: Token) -> list[Token]:
    """ "X rejected Y's request for": X, who was asked."""
    verb = request.head
    return subjects(verb) if request.dep_ == "dobj" and verb.lemma_.lower() in ANSWERS else []


def read_bearer(scene: Scene, noun: Token, rule: Rule) -> Transfer | None:
    """ "the Soviet Union, its chief arms supplier", "India is the biggest importer of Israeli arms"."""
    items = items_of(scene, noun, rule)
    if not items:
        return None
    role = next(BEARERS[form] for form in word_forms(fold_word(noun.text)) if form in BEARERS)
    heads: list[Token] = []
    if noun.dep_ in {"attr", "oprd"} and is_verb(noun.head):
        heads = subjects(noun.head)
    elif noun.dep_ == "appos":
        heads = beside(scene, noun) or [noun.head]
    heads = heads or children(noun, "appos")
    bearer = scene.slot([t for t in heads if t.i != noun.i])
    owner = [t for t in children(noun, "poss") if t.lower_ not in {"world", "region"}]
    other = (
        scene.slot(owner)
        if owner
        else scene.slot([t for p, r in rule.prepositions if r != "ITEM" for t in around(noun, items, p)])
    )
    supplier, recipient = (bearer, other) if role == "SUPPLIER" else (other, bearer)
    return Transfer(noun, supplier, recipient, items, rule.stage)


def beside(scene: Scene, noun: Token) -> list[Token]:
    """The name just before the comma, which the parser may have passed over."""
    before = noun.left_edge.i - 1
    if before < 1 or scene.doc[before].text != ",":
        return []
    return [scene.doc[before - 1]] if scene.cast.named(scene.doc[before - 1]) else []


def read_participle(scene: Scene, participle: Token) -> Transfer | None:
    """ "Egypt's Soviet-supplied tanks", "its arsenal of Soviet-supplied equipment"."""
    if children(participle, "nsubjpass", "auxpass", "aux") or participle.i > participle.head.i:
        return None
    items = scene.arms_in([participle.head])
    if not items and is_equipment(participle.head):
        items = [Arms(participle.head.text.lower(), participle.head)]
    before = [t for child in participle.children if child.i < participle.i for t in (child, *child.subtree)]
    named = [p for t in before if (p := scene.cast.named(t))]
    if not items or not named:
        return None
    owner = children(participle.head, "poss")
    if not owner and participle.head.dep_ == "pobj":
        owner = arsenal_owner(participle.head)
    recipient = scene.slot(owner) if owner else holder(scene, participle) or Slot()
    return Transfer(participle, Slot([], named[:1]), recipient, items, "delivered")


def is_equipment(noun: Token) -> bool:
    return bool(word_forms(fold_word(noun.text)) & {"equipment", "hardware"})


def arsenal_owner(noun: Token) -> list[Token]:
    """Whose arsenal consists of the noun."""
    above = noun.head.head
    subject = subjects(above) if is_verb(above) else [above]
    parts = [t for s in subject for t in (s, *prepositions(s, {"of"}))]
    return [owner for t in parts if fold_word(t.text) in HOLDERS for owner in children(t, "poss")]

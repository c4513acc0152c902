"""Questions a reader asks of a dependency tree, free of any subject matter."""

from collections.abc import Collection, Iterator

from spacy.tokens import Token

RELATIVES = frozenset({"which", "that", "who", "whom"})
REFLEXIVES = frozenset({"itself", "themselves", "himself", "herself"})
OBJECT_CONTROL = frozenset(
    "accuse ask urge tell request order press want force allow let permit help enable approach persuade convince "
    "pressure require invite authorize authorise suspect blame condemn criticize criticise sanction penalize punish "
    "fine thank praise warn charge ban bar stop prevent prohibit block turn invite commission hire contract "
    "denounce slam fault target hit encourage push expect see catch find".split()
)
IMPOSED_ON = frozenset({"on", "against"})


def conjuncts(head: Token) -> list[Token]:
    """The head and everything coordinated with it, in reading order."""
    found = [head]
    for token in found:
        found.extend(child for child in token.children if child.dep_ == "conj" and child not in found)
    return sorted(found, key=lambda t: t.i)


def prepositions(token: Token, names: Collection[str]) -> list[Token]:
    """The objects of the prepositions `names` that hang on `token`."""
    return [
        inner
        for child in token.children
        if child.dep_ in {"prep", "dative", "agent"} and child.lower_ in names
        for inner in child.children
        if inner.dep_ == "pobj"
    ]


def children(token: Token, *deps: str) -> list[Token]:
    return [child for child in token.children if child.dep_ in deps]


def is_verb(token: Token) -> bool:
    return token.pos_ in {"VERB", "AUX"} or token.tag_.startswith("VB")


def is_passive(verb: Token) -> bool:
    """Also the bare participle after or before its noun ("tanks supplied by", "supplied tanks")."""
    if any(child.dep_ in {"nsubjpass", "auxpass"} for child in verb.children):
        return True
    return verb.tag_ == "VBN" and verb.dep_ in {"acl", "amod", "relcl"} and not children(verb, "nsubj", "aux")


def own_subjects(verb: Token) -> list[Token]:
    """The written subject, a relative pronoun replaced by the noun it stands for."""
    found = children(verb, "nsubj", "nsubjpass")
    return [verb.head if t.lower_ in RELATIVES and verb.dep_ == "relcl" else t for t in found]


def subjects(verb: Token, depth: int = 0) -> list[Token]:
    """Who does it: the written subject, or the one understood through control, coordination or a participle."""
    written = own_subjects(verb)
    if written or depth > 6:
        return written
    head = verb.head
    match verb.dep_:
        case "conj" | "dep" if is_verb(head):
            return subjects(head, depth + 1)
        case "xcomp" | "ccomp" | "advcl" | "oprd":
            return controllers(head, depth + 1) if verb.dep_ != "advcl" else subjects(verb_above(head), depth + 1)
        case "pcomp":
            return prep_controllers(head, depth + 1)
        case "acl" | "relcl":
            return noun_controllers(verb, head, depth + 1)
    return []


def controllers(head: Token, depth: int) -> list[Token]:
    """Whose action the complement of `head` is: "asked X to", "X was asked to", "X plans to", "X is ready to"."""
    if is_verb(head):
        if head.lemma_.lower() in OBJECT_CONTROL:
            named = children(head, "dobj", "dative") or children(head, "nsubjpass")
            named = named or prepositions(head, {"to"})
            return named or ([] if not is_passive(head) else own_subjects(head))
        return subjects(head, depth)
    if head.dep_ in {"acomp", "attr", "oprd"}:
        return controllers(head.head, depth) if head.dep_ == "oprd" else subjects(head.head, depth)
    if head.pos_ in {"NOUN", "PROPN"}:
        return possessors(head, depth)
    return []


def prep_controllers(prep: Token, depth: int) -> list[Token]:
    """Whose action a prepositional gerund or noun is: "accused X of", "X interested in", "sanctions on X for"."""
    above = prep.head
    if above.dep_ in {"prep", "pcomp"} or above.pos_ == "ADP":
        return prep_controllers(above, depth + 1) if depth < 6 else []
    if is_verb(above):
        if above.lemma_.lower() in OBJECT_CONTROL:
            return children(above, "dobj", "dative") or children(above, "nsubjpass")
        struck = [t for noun in children(above, "dobj", "nsubjpass") for t in prepositions(noun, IMPOSED_ON)]
        return struck or prepositions(above, IMPOSED_ON) or subjects(above, depth + 1)
    if above.pos_ in {"NOUN", "PROPN"} and above.dep_ not in {"acomp", "attr"}:
        return prepositions(above, IMPOSED_ON) or [t for t in possessors(above, depth) if t is not None]
    return subjects(above.head, depth + 1) if above.dep_ in {"acomp", "attr", "advmod"} else []


def noun_controllers(verb: Token, noun: Token, depth: int) -> list[Token]:
    """ "the plan of X to", "X has plans to" for infinitives; "a firm selling" for participles."""
    if verb.tag_ == "VBG":
        return [noun]
    return possessors(noun, depth) if verb.tag_ == "VB" else []


def possessors(noun: Token, depth: int) -> list[Token]:
    """Whose plan, decision, ability it is: written as possessor, else the subject that has or makes it."""
    written = children(noun, "poss") or prepositions(noun, {"by"})
    if written or depth > 6:
        return written
    if noun.dep_ in {"dobj", "attr"} and is_verb(noun.head):
        return subjects(noun.head, depth + 1)
    if noun.dep_ == "pobj" and is_verb(noun.head.head):
        return subjects(noun.head.head, depth + 1)
    return []


def verb_above(token: Token) -> Token:
    """The nearest verb at or above `token`, or the root."""
    while not is_verb(token) and token.head.i != token.i:
        token = token.head
    return token


def ancestors(token: Token) -> Iterator[tuple[Token, Token]]:
    """Pairs (token, its head) up to the root."""
    while token.head.i != token.i:
        yield token, token.head
        token = token.head

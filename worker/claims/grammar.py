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
# "X has plans to", "X delayed plans to": the subject of these owns what their object names.
HAVING = frozenset(
    "want seek have make announce delay drop abandon confirm reveal unveil take sign reach win get receive give "
    "express show consider shelve pursue reaffirm continue begin start accelerate reject outline be submit "
    "present discuss need lack deny admit defend cancel suspend defer reconsider approve finalize finalise seal "
    "close negotiate hold set".split()
)
# Nouns whose owner does what their infinitive says: "Egypt's plan to buy"; not "the Saudi outlay to supply".
INTENDED = frozenset(
    "plan decision intention agreement attempt effort ability willingness offer promise pledge proposal refusal "
    "failure order policy bid desire readiness commitment move need right reluctance vow threat goal wish hope "
    "capability capacity program programme scheme campaign deal contract preparation ambition aim push race "
    "drive authority licence license permission approval option interest pact accord determination step "
    "inability unwillingness opportunity talk negotiation discussion position pressure obligation".split()
)
IMPOSED_ON = frozenset({"on", "against"})
MAX_DEPTH = 6
# What somebody else gives to the one who acts: "X needs parliament's approval to sell".
GRANTS = frozenset("approval permission authorization authorisation licence license clearance consent".split())
# "X pulled out of a deal to", "X is close to an agreement to"
WITHIN = frozenset("in under out of from near close on".split())


def conjuncts(head: Token) -> list[Token]:
    """The head and everything coordinated with it, in reading order."""
    found = [head]
    for token in found:
        found.extend(child for child in token.children if child.dep_ == "conj")
    return sorted(found, key=lambda t: t.i)


def first_conjunct(token: Token) -> Token:
    while token.dep_ == "conj":
        token = token.head
    return token


def prepositions(token: Token, names: Collection[str]) -> list[Token]:
    """The objects of the prepositions `names` that hang on `token`."""
    found: list[Token] = []
    for child in token.children:
        if child.dep_ in {"prep", "dative", "agent"}:
            if child.lower_ in names:
                found.extend(inner for inner in child.children if inner.dep_ == "pobj")
            # "from the U.S. to Korea": the second preposition hangs on the first.
            if child.lower_ == "from":
                found.extend(prepositions(child, names))
    return found


def children(token: Token, *deps: str) -> list[Token]:
    return [child for child in token.children if child.dep_ in deps]


def is_verb(token: Token) -> bool:
    return token.pos_ in {"VERB", "AUX"} or token.tag_.startswith("VB")


def is_passive(verb: Token) -> bool:
    """Also the bare participle after or before its noun ("tanks supplied by", "supplied tanks")."""
    if any(child.dep_ in {"nsubjpass", "auxpass"} for child in verb.children) or is_predicate(verb):
        return True
    participle = verb.tag_ == "VBN" and verb.dep_ in {"acl", "amod", "relcl"}
    reduced = verb.tag_ == "VBD" and verb.dep_ == "acl" and bool(children(verb, "agent"))
    return (participle or reduced) and not children(verb, "nsubj", "aux")


def is_predicate(participle: Token) -> bool:
    """Did the parser read "the tanks were gifted" as it reads "the tanks were old"?"""
    return participle.tag_ == "VBN" and participle.dep_ == "acomp" and participle.head.lemma_ == "be"


def own_subjects(verb: Token) -> list[Token]:
    """The written subject, a relative pronoun replaced by the noun it stands for."""
    found = children(verb, "nsubj", "nsubjpass")
    return [verb.head if t.lower_ in RELATIVES and verb.dep_ == "relcl" else t for t in found]


def subjects(verb: Token, depth: int = 0) -> list[Token]:
    """Who does it: the written subject, or the one understood through control, coordination or a participle."""
    written = own_subjects(verb) or adjacent_subjects(verb)
    if written or depth > MAX_DEPTH:
        return written
    head = verb.head
    match verb.dep_:
        case "conj" | "dep" if is_verb(head):
            return subjects(head, depth + 1)
        case "ccomp" if verb.tag_ in {"VBD", "VBN", "VBZ", "VBP"}:
            return []
        case "xcomp" | "ccomp" | "advcl" | "oprd":
            return controllers(head, depth + 1) if verb.dep_ != "advcl" else subjects(verb_above(head), depth + 1)
        case "pcomp":
            return prep_controllers(head, depth + 1)
        case "amod" if gerund_object(verb):
            return subjects(verb_above(head), depth + 1)
        case "acl" | "relcl":
            return noun_controllers(verb, head, depth + 1)
    return []


def adjacent_subjects(verb: Token) -> list[Token]:
    """The subject of a second clause that the parser took for part of a list: "... in the Gulf and officials said"."""
    is_finite = any(c.dep_ == "aux" or c.tag_ == "VBD" for c in (verb, *verb.children))
    if verb.dep_ not in {"conj", "advcl"} or not is_finite or children(verb, "mark"):
        return []
    first = min([verb, *children(verb, "aux", "auxpass", "neg", "advmod")], key=lambda t: t.i)
    before = first.nbor(-1) if first.i > verb.sent.start else None
    if before is None or before.pos_ not in {"NOUN", "PROPN"}:
        return []
    listed = before.dep_ == "conj" and before.head.dep_ == "pobj"
    joined = before.dep_ == "pobj" and any(t.dep_ == "cc" and t.i < before.i for t in before.subtree)
    return [before] if listed or joined else []


def controllers(head: Token, depth: int) -> list[Token]:
    """Whose action the complement of `head` is: "asked X to", "X was asked to", "X plans to", "X is ready to"."""
    if is_verb(head):
        if head.lemma_.lower() in OBJECT_CONTROL:
            named = children(head, "dobj", "dative") or children(head, "nsubjpass")
            return named or prepositions(head, {"to"}) or subjects(head, depth)
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
        return prep_controllers(above, depth + 1) if depth < MAX_DEPTH else []
    if is_verb(above):
        if above.lemma_.lower() in OBJECT_CONTROL:
            return children(above, "dobj", "dative") or children(above, "nsubjpass") or own_subjects(above)
        struck = [t for noun in children(above, "dobj", "nsubjpass") for t in prepositions(noun, IMPOSED_ON)]
        return struck or prepositions(above, IMPOSED_ON) or subjects(above, depth + 1)
    if above.lower_ in {"exchange", "return"} and above.dep_ == "pobj":
        return prep_controllers(above.head, depth + 1)
    if above.lower_ in {"penalty", "penalties", "sanctions", "sanction"}:
        return prepositions(above, IMPOSED_ON)
    if above.pos_ in {"NOUN", "PROPN"} and above.dep_ not in {"acomp", "attr"}:
        return prepositions(above, IMPOSED_ON) or [t for t in possessors(above, depth) if t is not None]
    return subjects(above.head, depth + 1) if above.dep_ in {"acomp", "attr", "advmod"} else []


def noun_controllers(verb: Token, noun: Token, depth: int) -> list[Token]:
    """ "the plan of X to", "X has plans to" for infinitives; "a firm selling" for participles."""
    if verb.tag_ == "VBG":
        return [noun]
    # A headline: "Cypriots To Get Missiles".
    if noun.dep_ == "ROOT" and verb.tag_ == "VB" and children(verb, "dobj") and noun.pos_ in {"PROPN", "NOUN"}:
        return possessors(noun, depth) or [noun]
    return possessors(noun, depth) if verb.tag_ == "VB" and noun.lemma_.lower() in INTENDED else []


def possessors(noun: Token, depth: int) -> list[Token]:
    """Whose plan, decision, ability it is: written as possessor, else the subject that has or makes it."""
    granted = noun.lemma_.lower() in GRANTS and noun.dep_ == "dobj" and noun.head.lemma_.lower() in HAVING
    if granted and depth <= MAX_DEPTH:
        return subjects(noun.head, depth + 1)
    written = children(noun, "poss") or prepositions(noun, {"by"})
    written = written or [t for t in children(noun, "amod", "compound", "nmod") if t.text[0].isupper()]
    if written or depth > MAX_DEPTH:
        return written
    if noun.dep_ in {"dobj", "attr"} and is_verb(noun.head) and noun.head.lemma_.lower() in HAVING:
        return subjects(noun.head, depth + 1)
    # "X was awarded a contract to", "Z awarded X a contract to"
    if noun.dep_ == "dobj" and noun.head.lemma_.lower() == "award":
        return children(noun.head, "nsubjpass", "dative")
    # "X is in talks to", "X is under contract to", "X pulled out of a deal to"
    above = noun.head
    while noun.dep_ == "pobj" and above.dep_ in {"prep", "acomp"} and (above.lower_ in WITHIN or above.lower_ == "to"):
        above = above.head
    return subjects(above, depth + 1) if noun.dep_ == "pobj" and is_verb(above) else []


def gerund_object(verb: Token) -> Token | None:
    """The object in "denied supplying missiles", where the parser takes the gerund for an adjective."""
    noun = verb.head
    is_gerund = verb.dep_ == "amod" and verb.tag_ == "VBG" and verb.i + 1 == noun.left_edge.i + 1
    return noun if is_gerund and noun.dep_ == "dobj" and is_verb(noun.head) else None


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

"""The places around a verb, whatever its voice."""

from spacy.tokens import Token

from worker.claims.grammar import (
    RELATIVES,
    children,
    gerund_object,
    is_predicate,
    is_verb,
    own_subjects,
    prepositions,
    subjects,
)

# What stands after "by" without doing anything: ways, means and times.
MEANS = frozenset(
    "way means sea air land rail road ship boat plane truck train end start middle year month week today tomorrow "
    "now january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday spring summer autumn fall winter christmas".split()
)


def active_objects(verb: Token) -> list[Token]:
    """The direct object; left out in a relative clause, the noun that hangs on; shared by coordinated verbs."""
    written = children(verb, "dobj", "attr") or [t for t in [gerund_object(verb)] if t]
    relative = [t for t in written if t.lower_ in RELATIVES]
    if verb.dep_ == "relcl" and (relative or not written):
        named = own_subjects(verb)
        if named and verb.head not in named:
            return [verb.head]
    if written:
        return written
    shared = [t for c in children(verb, "conj") if is_verb(c) for t in children(c, "dobj")]
    if shared or verb.dep_ != "conj" or not is_verb(verb.head) or children(verb, "prep"):
        return shared
    return active_objects(verb.head)


def agents(verb: Token) -> list[Token]:
    """ "by X", also where it hangs on the goods ("was armed with drones by X")."""
    below = [t for child in children(verb, "prep") for t in children(child, "pobj")]
    found = prepositions(verb, {"by"}) or [t for noun in below for t in prepositions(noun, {"by"})]
    return [t for t in found if t.lower_ not in MEANS and not t.is_digit]


def passive_objects(verb: Token) -> list[Token]:
    written = children(verb, "nsubjpass")
    if written:
        return [verb.head if t.lower_ in RELATIVES else t for t in written]
    if verb.dep_ in {"acl", "amod", "relcl"}:
        return [verb.head]
    if is_predicate(verb):
        return own_subjects(verb.head)
    if verb.dep_ == "xcomp":
        return subjects(verb)  # "the tanks are to be delivered"
    return passive_objects(verb.head) if verb.dep_ == "conj" and is_verb(verb.head) else []

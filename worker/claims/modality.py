"""What a verb or noun says of itself: modals, adverbs, negation, adjectives."""

from spacy.tokens import Token

from worker.claims.forces import ADJECTIVES, Force
from worker.claims.grammar import children, is_verb, own_subjects
from worker.claims.verdict import Standing
from worker.claims.weighing import FUTURE_MODALS

POSSIBLE_MODALS = frozenset({"may", "might", "could", "can", "should", "must", "ought"})
HEARSAY = frozenset({"allegedly", "supposedly", "purportedly", "apparently"})
LIKELY = frozenset({"possibly", "perhaps", "probably", "likely", "potentially", "maybe"})


def weigh_locally(word: Token, standing: Standing, *, is_shared: bool = False) -> None:
    """The verb's own modals, adverbs and negation; for an event noun its adjectives and determiner.

    `is_shared`: the verb only lends its modals to one coordinated with it, not its negation.
    """
    if not is_verb(word):
        weigh_adjectives(word, standing)
        if is_negated(word):
            standing.weaken("denied")
        return
    weigh_modality(word, standing)
    # "did not begin until" says that it began.
    until = any(t.lower_ in {"until", "till"} for t in word.subtree)
    if is_negated(word) and not is_shared and not until:
        standing.weaken("denied")


def weigh_modality(verb: Token, standing: Standing) -> None:
    for child in verb.children:
        word = child.lower_
        if child.dep_ == "aux":
            weigh_auxiliary(word, standing)
        elif child.dep_ in {"advmod", "amod"}:
            weigh_adverb(word, standing)
        elif child.dep_ == "mark" and word in {"if", "whether", "unless"}:
            standing.weaken("possible")
    if is_headline_future(verb):
        standing.weaken("planned")
    if is_inverted(verb) or is_yet_to_come(verb):
        standing.weaken("possible")


def weigh_auxiliary(word: str, standing: Standing) -> None:
    if word in POSSIBLE_MODALS or word == "would":
        standing.weaken("possible")
        standing.would = standing.would or word == "would"
    elif word in FUTURE_MODALS:
        standing.weaken("planned")


def weigh_adverb(word: str, standing: Standing) -> None:
    if word in HEARSAY:
        standing.weaken("alleged")
    elif word in LIKELY:
        standing.weaken("possible")
    elif word == "unlikely":
        standing.weaken("denied")


def is_headline_future(verb: Token) -> bool:
    """ "Cypriots to get missiles", "X is to deliver": an infinitive that no verb but "be" governs."""
    if not any(c.lower_ == "to" for c in children(verb, "aux")):
        return False
    if verb.dep_ == "xcomp" and verb.head.lower_ in {"is", "are", "was", "were"}:
        return True  # "X is to deliver"
    passive = any(c.lower_ == "be" for c in children(verb, "auxpass")) and verb.dep_ not in {"xcomp", "acl", "advcl"}
    return passive or (verb.tag_ == "VB" and verb.dep_ in {"ROOT", "relcl", "amod"})


def is_inverted(verb: Token) -> bool:
    """ "were X to send", "had X sent": a condition told by the order of its words."""
    clause = verb.head if verb.head.lower_ == "were" else verb
    first = [c for c in (clause, *children(clause, "aux")) if c.lower_ in {"were", "had"}]
    return clause.dep_ == "advcl" and any(aux.i < subject.i for aux in first for subject in own_subjects(clause))


def is_yet_to_come(verb: Token) -> bool:
    """ "when X supplies Y, prices will fall": nobody says that it happens."""
    opens = any(c.lower_ in {"when", "once"} and c.dep_ in {"advmod", "mark"} for c in verb.children)
    expected = any(c.lower_ in FUTURE_MODALS | POSSIBLE_MODALS for c in children(verb.head, "aux"))
    return verb.dep_ == "advcl" and opens and expected


def weigh_adjectives(noun: Token, standing: Standing) -> None:
    for child in noun.children:
        match ADJECTIVES.get(child.lower_):
            case Force.ALLEGES:
                standing.weaken("alleged")
            case Force.DOUBTS:
                standing.supposed = standing.status in {"reported", "planned"}
                standing.weaken("possible")
            case Force.PLANS:
                standing.weaken("planned")


def is_negated(token: Token) -> bool:
    """By "not", "never", or a "no" on the word itself, its subject or its object."""
    if any(
        c.dep_ == "neg" or (c.lower_ in {"never", "no", "neither"} and c.dep_ in {"advmod", "det", "preconj"})
        for c in token.children
    ):
        return True
    things = own_subjects(token) + children(token, "dobj", "attr") if is_verb(token) else []
    if any(thing.lower_ in {"nobody", "none", "nothing", "neither"} for thing in things):
        return True
    below = [c for thing in things for c in thing.children]
    return any(c.lower_ in {"no", "neither", "nobody", "none"} and c.dep_ in {"det", "neg"} for c in below)

"""Denials of what was said before: "denied the accusations", "called the report false"."""

from spacy.tokens import Span, Token

from worker.claims.cast import Cast
from worker.claims.grammar import children, is_verb, subjects
from worker.claims.registry import Party

DENY = frozenset({"deny", "dismiss", "reject", "refute", "repudiate", "rebut"})
CHARGES = frozenset(
    "accusation accusations allegation allegations claim claims charge charges report reports assertion assertions "
    "suggestion suggestions rumor rumors rumour rumours speculation involvement".split()
)
FALSE = frozenset("false untrue baseless groundless unfounded fabricated lie lies nonsense fiction absurd".split())


def answered_denial(cast: Cast, sentence: Span) -> list[Party]:
    """Who denies an earlier charge in this sentence; nobody where it is not such a denial."""
    for token in sentence:
        if is_verb(token) and (denies_charge(token) or calls_false(token)):
            return cast.resolve_all(subjects(token))
    return []


def denies_charge(verb: Token) -> bool:
    negated = any(c.dep_ == "neg" for c in verb.children)
    denied = {t.lower_ for t in children(verb, "dobj")}
    return verb.lemma_.lower() in DENY and not negated and bool(denied & (CHARGES | {"it", "this"}))


def is_called_false(verb: Token) -> bool:
    """ "it is untrue that", "claims that ... are baseless"."""
    told = {t.lower_ for t in children(verb, "acomp", "attr", "oprd")}
    return verb.lemma_.lower() == "be" and bool(told & FALSE) and not any(c.dep_ == "neg" for c in verb.children)


def calls_false(verb: Token) -> bool:
    """ "called the reports baseless", "described it as a lie"."""
    if verb.lemma_.lower() not in {"call", "describe", "brand", "label", "dismiss"}:
        return False
    below = list(verb.subtree)
    charged = any(t.lower_ in CHARGES for t in (*children(verb, "dobj"), *below) if t.dep_ in {"dobj", "nsubj"})
    return charged and any(t.lower_ in FALSE for t in below)

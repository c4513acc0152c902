"""The arithmetic of forces: what a governing word makes of what was read below it."""

from spacy.tokens import Token

from worker.claims.forces import Force
from worker.claims.grammar import children, is_verb
from worker.claims.verdict import Standing

FUTURE_MODALS = frozenset({"will", "shall", "'ll", "’ll", "wo"})
HAVING_DONE = frozenset({"has", "have", "had", "is", "was", "were", "are"})
APPROVES = frozenset({"approve", "clear", "authorize", "authorise", "greenlight", "endorse"})
WILLED = frozenset({"want", "intend", "willing", "plan", "seek", "try", "ready"})
NOT_STOPPING = frozenset({"fail", "failure", "refuse", "refusal"})


def weigh(force: Force, head: Token, standing: Standing, negated: bool) -> None:
    """Let one governing word weaken the standing."""
    lemma = head.lemma_.lower()
    if standing.halted and force is not Force.LIFTS:
        weigh_halt(force, lemma, standing)
        if force in {Force.WANTS, Force.PLANS, Force.DENIES}:
            return
    if standing.stage == "offered" and lemma == "expect":
        standing.weaken("possible")
        return
    match force:
        case Force.ALLEGES if negated:
            standing.weaken("denied")
        case Force.ALLEGES if standing.status != "possible" or standing.desired:
            standing.weaken("alleged")
        case Force.DOUBTS:
            standing.weaken("denied" if negated and lemma in {"able", "capable"} else "possible")
        case Force.WANTS:
            want(lemma, standing, negated)
        case Force.PLANS if standing.supposed and lemma in APPROVES and not negated:
            standing.status = "planned"
        case Force.PLANS:
            standing.weaken("denied" if negated else "planned")
        case Force.DENIES:
            deny(head, standing, negated)
        case Force.HALTS | Force.BLOCKS:
            halt(force, head, standing, negated)
        case Force.LIFTS:
            standing.status, standing.stage, standing.hushed = "possible", "approved", False


def want(lemma: str, standing: Standing, negated: bool) -> None:
    if negated and lemma in WILLED:
        standing.weaken("denied")
    elif standing.status in {"reported", "planned"}:
        standing.status = "possible"
        standing.desired = True


def deny(head: Token, standing: Standing, negated: bool) -> None:
    lemma = head.lemma_.lower()
    if lemma == "rule" and not any(c.lower_ == "out" for c in head.children):
        return
    if not negated:
        standing.weaken("denied")
    elif standing.status != "denied" or lemma == "rule":
        standing.status = "possible"


def weigh_halt(force: Force, lemma: str, standing: Standing) -> None:
    """Asking to stop, or failing to block, presupposes that it goes on."""
    if lemma in NOT_STOPPING and force is Force.DENIES:
        standing.status = "reported"
        standing.hushed = False


def halt(force: Force, head: Token, standing: Standing, negated: bool) -> None:
    """Stopping presupposes that it went on; keeping from happening makes it possible; done to a noun it is a denial."""
    if negated:
        return
    standing.halted = True
    if any(c.lower_ in FUTURE_MODALS for c in children(head, "aux")):
        standing.weaken("denied")
        standing.stage = "cancelled"
        return
    auxiliaries = children(head, "aux")
    finite = head.tag_ in {"VBD", "VBN", "VBZ", "VBP", "VBG"} and not auxiliaries
    finite = finite or any(c.lower_ in HAVING_DONE for c in children(head, "aux", "auxpass"))
    if head.pos_ == "NOUN" or (finite and head.dep_ not in {"xcomp", "pcomp", "advcl"}):
        standing.weaken("denied")
        standing.stage = "cancelled"
    elif force is Force.BLOCKS or head.dep_ == "advcl" or not any(is_verb(c) for c in children(head, "xcomp")):
        standing.weaken("possible")

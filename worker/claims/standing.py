"""How sure a transfer is and who says so, read from what governs its predicate.

The reading climbs from the predicate to the root of the sentence. Each word passed on the way may weaken what was
read so far ("may", "plans to", "accused of", "denied"); nothing strengthens it save a party's own word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from wirewatch.models import ClaimStage
from wirewatch.text import fold_word
from worker.claims.cast import Cast
from worker.claims.denials import calls_false, is_called_false
from worker.claims.forces import COMPLEMENT_PREPOSITIONS, HAPPENS, SERIES, Force, force_of
from worker.claims.grammar import children, conjuncts, is_passive, is_verb, own_subjects, prepositions, subjects
from worker.claims.modality import is_negated, weigh_adjectives, weigh_locally, weigh_modality
from worker.claims.registry import Party
from worker.claims.scene import Transfer
from worker.claims.verdict import Reach, Standing
from worker.claims.weighing import weigh

SPOKEN = frozenset({Force.SAYS, Force.ADMITS, Force.ALLEGES, Force.DENIES, Force.DOUBTS})
STAGES: dict[str, ClaimStage] = {
    **dict.fromkeys(("approve", "authorize", "authorise", "clear", "permit"), "approved"),
    **dict.fromkeys(("sign", "agree", "contract", "order", "award"), "contracted"),
    **dict.fromkeys(("ask", "request", "seek", "want", "urge", "appeal"), "sought"),
    **dict.fromkeys(("offer", "propose"), "offered"),
}
SHIPMENTS = frozenset({"shipment", "shipments", "delivery", "deliveries", "transfer", "transfers"})


@dataclass(frozen=True, slots=True)
class Step:
    """One edge on the way up: `node` hangs on `head`, which has `force`."""

    node: Token
    head: Token
    force: Force

    @property
    def dep(self) -> str:
        return str(self.node.dep_)

    @property
    def lemma(self) -> str:
        return str(self.head.lemma_.lower())


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges one transfer between `parties`."""

    parties: Sequence[Party]
    cast: Cast

    def judge(self, transfer: Transfer) -> Standing:
        """Climb from the predicate to the root, beginning with what the rule itself says."""
        standing = Standing(status=transfer.base, desired=transfer.base == "possible")
        standing.stage = "offered" if transfer.stage == "offered" else None
        weigh_locally(transfer.predicate, standing)
        node = transfer.predicate
        while node.head.i != node.i:
            self._pass(Step(node, node.head, force_of(node.head)), standing)
            node = node.head
        add_quoted_source(transfer.predicate, standing, self.cast)
        if standing.status == "reported" and self._is_own(standing.speakers):
            standing.status = "confirmed"
        return standing

    def _is_own(self, speakers: Sequence[Party]) -> bool:
        return any(speaker.same_side(party) for speaker in speakers for party in self.parties)

    def _pass(self, step: Step, standing: Standing) -> None:
        if step.dep == "conj":
            # A second verb is governed by what governs the first, whose modals it shares when it has no subject.
            if is_verb(step.node) and is_verb(step.head) and not own_subjects(step.node):
                weigh_locally(step.head, standing, is_shared=True)
            return
        move_away(step, standing)
        if is_verb(step.head):
            self._pass_verb(step, standing)
        elif standing.reach is Reach.ASSERTED:
            pass_noun(step, standing)

    def _pass_verb(self, step: Step, standing: Standing) -> None:
        if is_question(step) and standing.reach is Reach.ASSERTED:
            answer(step.head, standing)
            return
        # "X said to sell" is a headline for "X is said to sell": X does not speak.
        hearsay = step.force is Force.SAYS and step.dep == "xcomp"
        spoken = step.force in SPOKEN and step.dep not in {"nsubj", "agent"} and not hearsay
        if standing.reach is not Reach.APART and spoken:
            add_speakers(step.head, standing, self.cast)
        if standing.reach is not Reach.APART and step.dep == "dobj" and calls_false(step.head):
            standing.weaken("denied")
        if standing.reach is not Reach.ASSERTED:
            return
        if step.force is Force.NONE:
            pass_plain_verb(step, standing)
        elif step.dep == "nsubj":
            if step.force in {Force.SAYS, Force.WANTS, Force.DOUBTS}:
                weigh_locally(step.head, standing)
        elif step.dep == "prep" and step.node.lower_ not in COMPLEMENT_PREPOSITIONS:
            standing.reach = Reach.APART
        else:
            self._apply(step, standing)

    def _apply(self, step: Step, standing: Standing) -> None:
        """What a governing verb does to the transfer: its own force, then its own modals."""
        negated = is_negated(step.head)
        if step.force in {Force.SAYS, Force.ADMITS}:
            if negated and (step.force is Force.ADMITS or step.lemma in {"confirm", "know", "say"}):
                standing.weaken("possible")
            if standing.would and self._is_own(speakers_of(step.head, self.cast)):
                # "X said it would" announces; only others' "would" is conjecture.
                standing.would = False
                standing.status = "planned" if standing.status == "possible" else standing.status
            return
        passes = step.lemma in {"approve", "clear", "let", "allow", "permit"} and step.dep in {"dobj", "nsubjpass"}
        if passes and fold_word(step.node.text) in SHIPMENTS:
            return
        if step.force is Force.BLOCKS and not self._is_own(speakers_of(step.head, self.cast)):
            standing.hushed = True  # the ban of a third party
        standing.stage = standing.stage or STAGES.get(step.lemma)
        if not standing.halted or step.force is Force.LIFTS:
            weigh(step.force, step.head, standing, negated)
        if not standing.halted:
            weigh_modality(step.head, standing)


def move_away(step: Step, standing: Standing) -> None:
    """How far the edge removes the transfer from what is said above it."""
    to = any(c.lower_ == "to" for c in children(step.node, "aux"))
    infinitive = step.node.tag_ == "VB" and (step.dep == "acl" or to)
    relative = step.dep == "relcl" or (step.dep == "acl" and step.force is Force.NONE)
    if step.dep == "appos" or (relative and not infinitive):
        standing.move_away(Reach.PRESUPPOSED)
    elif is_separate(step):
        standing.move_away(Reach.APART)
    elif step.dep == "advcl" and not (is_question(step) or (infinitive and step.force in {Force.WANTS, Force.PLANS})):
        # The purpose of a wish or plan shares its standing; what else happens beside does not.
        standing.move_away(Reach.APART)


def is_separate(step: Step) -> bool:
    """Two sentences in one: "X armed Y; Z sees danger"."""
    node, head = step.node, step.head
    if step.dep not in {"ccomp", "parataxis"} or node.i > head.i:
        return False
    divided = any(c.text in {";", ":", "-", "–", "—"} and node.i < c.i < head.i for c in head.children)
    return divided or (step.force is Force.NONE and step.dep == "ccomp")


def is_question(step: Step) -> bool:
    """ "Asked whether X, Y said"."""
    return step.node.lemma_.lower() == "ask" and step.node.i < step.head.i and step.dep == "advcl"


def answer(verb: Token, standing: Standing) -> None:
    """A question about a transfer says nothing, save where the answer is no."""
    below = {t.lower_ for t in verb.subtree}
    if below & {"no", "denied", "not", "never", "dismissed", "rejected", "nonsense"}:
        standing.weaken("denied")
    else:
        standing.hushed = True


def pass_plain_verb(step: Step, standing: Standing) -> None:
    """A verb without a force of its own: its modals count where the transfer is its complement or its event."""
    node, head = step.node, step.head
    happens = step.lemma in HAPPENS
    if is_called_false(head):
        standing.weaken("denied")
    if step.dep == "nsubj" and not happens:
        standing.reach = Reach.APART
    elif happens or step.dep in {"xcomp", "ccomp", "acomp", "attr", "oprd", "dobj", "nsubjpass"}:
        weigh_locally(head, standing)
    elif step.dep == "prep":
        noun = object_with_force(head) if node.lower_ in COMPLEMENT_PREPOSITIONS else None
        if node.lower_ == "including":
            weigh_locally(head, standing)
        elif node.lower_ == "in" and any(t.lower_ in {"exchange", "return"} for t in node.children):
            weigh_modality(head, standing)
        elif noun is not None:
            pass_noun(Step(node, noun, force_of(noun)), standing)
            weigh_locally(head, standing)
        else:
            standing.reach = Reach.APART


def object_with_force(verb: Token) -> Token | None:
    """The noun whose phrase the parser hung on the verb: "signed an agreement on the sale"."""
    return next((t for t in children(verb, "dobj", "nsubjpass") if force_of(t) is not Force.NONE), None)


def pass_noun(step: Step, standing: Standing) -> None:
    """A noun, adjective or preposition on the way up."""
    head = step.head
    if head.pos_ == "ADP" or head.tag_ in {"IN", "TO"}:
        return
    word = fold_word(head.text)
    if step.force is Force.NONE:
        if step.dep in {"prep", "acl"} and head.pos_ in {"NOUN", "PROPN"} and word not in SERIES:
            standing.reach = Reach.APART
    elif not (word in {"order", "orders"} and step.dep == "acl"):  # an order to do something is a command
        weigh(step.force, head, standing, is_negated(head))
        weigh_adjectives(head, standing)


def add_speakers(verb: Token, standing: Standing, cast: Cast) -> None:
    standing.speakers.extend(party for party in speakers_of(verb, cast) if party not in standing.speakers)


def speakers_of(verb: Token, cast: Cast) -> list[Party]:
    heads = prepositions(verb, {"by"}) if is_passive(verb) else subjects(verb)
    return [party for head in heads for token in conjuncts(head) if (party := cast.speaker(token))]


def is_aside(word: Token) -> bool:
    """Does a verb of saying stand between commas with its subject alone?"""
    if not is_verb(word) or force_of(word) is not Force.SAYS or children(word, "ccomp", "dobj", "xcomp"):
        return False
    named = own_subjects(word)
    before = min((subject.left_edge.i for subject in named), default=0) - 1
    return before >= word.sent.start and word.doc[before].text in {",", '"', "”"}


def add_quoted_source(predicate: Token, standing: Standing, cast: Cast) -> None:
    """ "according to X", ", X said," anywhere in the sentence."""
    for word in predicate.sent:
        if is_aside(word) and not word.is_ancestor(predicate):
            add_speakers(word, standing, cast)
        if word.lower_ == "according":
            heads = [t for inner in word.children for t in (*inner.children, inner) if t.dep_ == "pobj"]
            found = [p for head in heads for token in conjuncts(head) if (p := cast.speaker(token))]
            standing.speakers.extend(p for p in found if p not in standing.speakers)

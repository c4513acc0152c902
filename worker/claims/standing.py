"""How sure a transfer is and who says so, read from what governs its predicate.

The reading climbs from the predicate to the root of the sentence. Each word passed on the way may weaken what was
read so far ("may", "plans to", "accused of", "denied"); nothing strengthens it save a party's own word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from spacy.tokens import Token

from wirewatch.models import ClaimStage, ClaimStatus
from wirewatch.text import fold_word
from worker.claims.grammar import children, conjuncts, is_passive, is_verb, own_subjects, prepositions, subjects
from worker.claims.cast import Cast
from worker.claims.registry import Party
from worker.claims.scene import Transfer


class Force(Enum):
    """What a governing word does to the transfer beneath it."""

    SAYS = "says"
    ADMITS = "admits"
    ALLEGES = "alleges"
    DOUBTS = "doubts"  # may, could, possible
    WANTS = "wants"  # interest, talks, requests: possible, unless somebody merely suspects it
    PLANS = "plans"
    DENIES = "denies"
    HALTS = "halts"  # stops what was going on
    BLOCKS = "blocks"  # keeps from happening
    LIFTS = "lifts"
    ASKS = "asks"
    NONE = "none"


class Reach(Enum):
    """How a transfer hangs on the words above it."""

    ASSERTED = "asserted"  # they say, deny or weaken it
    PRESUPPOSED = "presupposed"  # a relative clause: whoever speaks takes it for granted
    APART = "apart"  # an adjunct or another subject: they are about something else


def words(force: Force, text: str) -> dict[str, Force]:
    return dict.fromkeys(text.split(), force)


FORCES: dict[str, Force] = {
    **words(
        Force.SAYS,
        "say tell report state note add announce declare write explain reveal disclose find show conclude insist "
        "claim-fact inform quote know remember recall estimate according statement",
    ),
    **words(Force.ADMITS, "admit acknowledge confirm concede confess admission confirmation"),
    **words(
        Force.ALLEGES,
        "accuse allege suspect believe charge claim think suggest blame assert accusation allegation suspicion "
        "investigation inquiry probe investigate alleged suspected purported reputed rumor rumour contend imply hint "
        "belief evidence apparent",
    ),
    **words(
        Force.DOUBTS,
        "fear warn speculate possible potential likely possibility prospect chance speculation warning concern worry "
        "doubt wonder might ability able capable capability threaten threat eventual prospective future proposed "
        "risk likelihood hypothetical scenario opportunity",
    ),
    **words(
        Force.WANTS,
        "want wish hope like consider discuss weigh mull study explore interested interest eager desperate keen willing "
        "willingness ready readiness talk negotiate negotiation discussion consideration seek try attempt bid effort look "
        "attempts efforts propose proposal offer request appeal ask urge press push call need option aim aspire desire "
        "ambition goal demand require approach invite examine contemplate review debate prefer",
    ),
    **words(
        Force.PLANS,
        "plan agree agreement intend intention promise pledge vow commit commitment decide decision prepare expect "
        "expected schedule due set sign contract order deal approve approval clear green-light award poised slate pact "
        "accord memorandum going let allow permit authorization schedule agreed planned undertake licence license",
    ),
    **words(
        Force.DENIES,
        "deny refuse decline reject dismiss refute rebuff denial refusal fail failure rule unable unwilling unlikely "
        "reluctant reluctance impossible oppose opposition avoid resist unwillingness",
    ),
    **words(
        Force.HALTS,
        "stop halt suspend end cease freeze cancel terminate scrap abandon cut suspension cancellation postpone",
    ),
    **words(
        Force.BLOCKS,
        "block prevent prohibit ban bar forbid embargo prohibition prevention veto intercept stem curb thwart",
    ),
    **words(Force.LIFTS, "lift ease relax waive overturn remove repeal"),
}
COMPLEMENT_PREPOSITIONS = frozenset("of to about on in at for against from out into with".split())
POSSIBLE_MODALS = frozenset({"may", "might", "could", "can"})
FUTURE_MODALS = frozenset({"will", "shall", "'ll", "’ll", "wo"})
HEARSAY = frozenset({"allegedly", "reportedly-alleged", "supposedly", "purportedly", "apparently"})
LIKELY = frozenset({"possibly", "perhaps", "probably", "likely", "potentially", "maybe"})
NEGATIONS = frozenset({"never", "neither", "nor", "no", "not", "n't", "n’t", "nothing", "none"})
# Adjectives before an event noun.
ADJECTIVES: dict[str, Force] = {
    **words(Force.ALLEGES, "alleged suspected purported reported apparent"),
    **words(Force.DOUBTS, "possible potential prospective likely hypothetical future proposed eventual"),
    **words(Force.PLANS, "planned pending upcoming scheduled agreed"),
}
# Nouns through which a statement about an event noun still reaches it ("the possibility of a sale").
HOLDING_DEPS = frozenset(
    {"xcomp", "ccomp", "pcomp", "dobj", "nsubjpass", "acl", "oprd", "acomp", "attr", "prep", "pobj"}
)
HAPPENS = frozenset("be take happen begin start proceed go occur continue resume remain have include involve".split())


@dataclass(slots=True)
class Standing:
    """What is known of a transfer so far on the way up."""

    status: ClaimStatus = "reported"
    desired: bool = False  # possible only because somebody wants it
    would: bool = False
    reach: Reach = Reach.ASSERTED
    stage: ClaimStage | None = None
    speakers: list[Party] = field(default_factory=list)
    halted: bool = False
    hushed: bool = False  # forbidden by others or only asked about: nobody says that it happens

    def weaken(self, status: ClaimStatus) -> None:
        order = ("reported", "confirmed", "planned", "possible", "alleged", "denied")
        if order.index(status) > order.index(self.status):
            self.status = status
            self.desired = False


def judge(transfer: Transfer, parties: Sequence[Party], cast: Cast) -> Standing:
    """Climb from the predicate to the root and say how the transfer stands, beginning with what its rule says."""
    predicate = transfer.predicate
    standing = Standing(status=transfer.base, desired=transfer.base == "possible")
    standing.stage = "offered" if transfer.stage == "offered" else None
    local(predicate, standing)
    node = predicate
    while node.head.i != node.i:
        node = step(node, standing, parties, cast)
    quoted_source(predicate, standing, cast)
    settle(standing, parties)
    return standing


def step(node: Token, standing: Standing, parties: Sequence[Party], cast: Cast) -> Token:
    """Pass one edge upwards."""
    head = node.head
    dep = node.dep_
    if dep == "conj":
        # A second conjunct is governed by what governs the first, whose own modals it shares when it has no subject.
        if is_verb(node) and is_verb(head) and not own_subjects(node):
            local(head, standing, shared=True)
        return head
    infinitive = node.tag_ == "VB" and (dep == "acl" or any(c.lower_ == "to" for c in children(node, "aux")))
    if (
        dep == "appos"
        or (dep == "relcl" and not infinitive)
        or (dep == "acl" and not infinitive and force_of(head) is Force.NONE)
    ):
        distance(standing, Reach.PRESUPPOSED)
    elif (dep == "advcl" and not is_bound(node, head, infinitive)) or is_separate(node, head):
        distance(standing, Reach.APART)
    force = force_of(head)
    if is_verb(head):
        by_verb(node, head, force, standing, (parties, cast))
    elif standing.reach is Reach.ASSERTED:
        by_noun(node, head, force, standing)
    return head


def distance(standing: Standing, reach: Reach) -> None:
    if standing.reach is Reach.ASSERTED or reach is Reach.APART:
        standing.reach = reach


def is_separate(node: Token, head: Token) -> bool:
    """Two sentences in one: "X armed Y; Z sees danger"."""
    if node.dep_ not in {"ccomp", "parataxis"} or node.i > head.i:
        return False
    return any(c.text in {";", ":", "-", "–", "—"} and node.i < c.i < head.i for c in head.children) or (
        force_of(head) is Force.NONE and node.dep_ == "ccomp"
    )


def is_bound(node: Token, head: Token, infinitive: bool) -> bool:
    """An adverbial clause that shares the standing of its head: a question, the purpose of a wish or plan."""
    return is_question(node, head) or (infinitive and force_of(head) in {Force.WANTS, Force.PLANS})


def is_question(node: Token, head: Token) -> bool:
    """ "Asked whether X, Y said"."""
    return node.lemma_.lower() == "ask" and node.i < head.i


def force_of(token: Token) -> Force:
    for form in (token.lemma_.lower(), token.lower_, fold_word(token.text)):
        if form in FORCES:
            return FORCES[form]
    return Force.NONE


def by_verb(node: Token, head: Token, force: Force, standing: Standing, scene: tuple[Sequence[Party], Cast]) -> None:
    parties, cast = scene
    dep = node.dep_
    if is_question(node, head) and standing.reach is Reach.ASSERTED:
        answer(head, standing)
        return
    apart = standing.reach is Reach.APART
    if (
        not apart
        and force in {Force.SAYS, Force.ADMITS, Force.ALLEGES, Force.DENIES, Force.DOUBTS}
        and dep not in {"nsubj", "agent"}
    ):
        add_speaker(head, standing, cast)
    if standing.reach is not Reach.ASSERTED:
        return
    if force is Force.NONE:
        transparent = dep in {"xcomp", "ccomp", "acomp", "attr", "oprd"} or head.lemma_.lower() in HAPPENS
        if dep == "nsubj" and head.lemma_.lower() not in HAPPENS:
            standing.reach = Reach.APART
        elif transparent or dep in {"dobj", "nsubjpass"}:
            local(head, standing)
        elif dep == "prep":
            if node.lower_ == "in" and any(t.lower_ in {"exchange", "return"} for t in node.children):
                modality_only(head, standing)
            elif node.lower_ in COMPLEMENT_PREPOSITIONS and (noun := object_with_force(head)):
                by_noun(node, noun, force_of(noun), standing)
                local(head, standing)
            else:
                standing.reach = Reach.APART
        return
    if dep == "nsubj":
        if force in {Force.SAYS, Force.WANTS, Force.DOUBTS}:
            local(head, standing)
        return
    if dep == "prep" and node.lower_ not in COMPLEMENT_PREPOSITIONS:
        standing.reach = Reach.APART
        return
    apply(force, node, head, standing, parties, cast)


def object_with_force(verb: Token) -> Token | None:
    """The noun whose phrase the parser hung on the verb: "signed an agreement on the sale"."""
    return next((t for t in children(verb, "dobj", "nsubjpass") if force_of(t) is not Force.NONE), None)


def answer(verb: Token, standing: Standing) -> None:
    """A question about a transfer says nothing, save where the answer is no."""
    below = {t.lower_ for t in verb.subtree}
    if below & {"no", "denied", "not", "never", "dismissed", "rejected", "nonsense"}:
        standing.weaken("denied")
    else:
        standing.hushed = True


def by_noun(node: Token, head: Token, force: Force, standing: Standing) -> None:
    """A noun, adjective or preposition on the way up."""
    if head.pos_ == "ADP" or head.tag_ in {"IN", "TO"}:
        return
    if force is Force.NONE:
        if node.dep_ in {"prep", "acl"} and head.pos_ in {"NOUN", "PROPN"} and fold_word(head.text) not in SERIES:
            standing.reach = Reach.APART
        elif head.pos_ not in {"NOUN", "PROPN"} or head.dep_ == "pobj":
            return
        return
    if fold_word(head.text) in {"order", "orders"} and node.dep_ == "acl":
        return  # a command
    weigh(force, head, standing, is_negated(head))
    adjectives(head, standing)


SERIES = frozenset(
    "exchange return series number spate halt increase end rise flow stream volume million billion report reports resumption".split()
)


def apply(force: Force, node: Token, head: Token, standing: Standing, parties: Sequence[Party], cast: Cast) -> None:
    """What a governing verb does to the transfer: its own force, then its own modals and negation."""
    negated = is_negated(head)
    if force is Force.SAYS:
        if negated and head.lemma_.lower() in {"confirm", "know", "say"}:
            standing.weaken("possible")
        if standing.would and any(own.same_side(p) for own in speakers_of(head, cast) for p in parties):
            standing.would = False
            if standing.status == "possible":
                standing.status = "planned"
        return
    if force is Force.ADMITS:
        if negated:
            standing.weaken("possible")
        return
    if head.lemma_.lower() in {"approve", "clear", "let", "allow", "permit"} and node.dep_ in {"dobj", "nsubjpass"}:
        if fold_word(node.text) in {"shipment", "shipments", "delivery", "deliveries", "transfer", "transfers"}:
            return
    if force is Force.BLOCKS and not any(p.same_side(q) for p in speakers_of(head, cast) for q in parties):
        standing.hushed = True  # the ban of a third party
    if not standing.halted:
        weigh(force, head, standing, negated)
        modality_only(head, standing)
    elif force is Force.LIFTS:
        weigh(force, head, standing, negated)


def weigh(force: Force, head: Token, standing: Standing, negated: bool) -> None:
    lemma = head.lemma_.lower()
    if standing.halted and force is not Force.LIFTS:
        if force in {Force.WANTS, Force.PLANS, Force.DENIES} and standing.status != "denied":
            return
        if lemma in {"fail", "failure", "refuse", "refusal"}:
            standing.status = "reported"
            standing.hushed = False
            return
    if standing.stage == "offered" and lemma == "expect":
        standing.weaken("possible")
        return
    match force:
        case Force.ALLEGES:
            if negated:
                standing.weaken("denied")
            elif standing.status != "possible" or standing.desired:
                standing.weaken("alleged")
        case Force.DOUBTS:
            standing.weaken("denied" if negated and lemma in {"able", "capable"} else "possible")
        case Force.WANTS:
            if negated and lemma in {"want", "intend", "willing", "plan", "seek", "try", "ready"}:
                standing.weaken("denied")
            elif standing.status in {"reported", "planned"}:
                standing.status = "possible"
                standing.desired = True
        case Force.PLANS:
            standing.weaken("denied" if negated else "planned")
        case Force.DENIES:
            if lemma == "rule" and not any(c.lower_ == "out" for c in head.children):
                return
            if negated:
                standing.status = "possible" if standing.status != "denied" or lemma == "rule" else standing.status
            else:
                standing.weaken("denied")
        case Force.HALTS | Force.BLOCKS:
            halt(force, head, standing, negated)
        case Force.LIFTS:
            standing.status = "possible"
            standing.stage = "approved"
            standing.hushed = False


def halt(force: Force, head: Token, standing: Standing, negated: bool) -> None:
    """Stopping presupposes that it went on; keeping from happening makes it possible; done to a noun it is a denial."""
    finite = (
        head.tag_ in {"VBD", "VBN", "VBZ", "VBP", "VBG"}
        and not children(head, "aux")
        or any(
            c.lower_ in {"has", "have", "had", "is", "was", "were", "are"}
            for c in head.children
            if c.dep_ in {"aux", "auxpass"}
        )
    )
    if negated:
        return
    standing.halted = True
    if head.pos_ == "NOUN" or finite and head.dep_ not in {"xcomp", "pcomp", "advcl"}:
        standing.weaken("denied")
        standing.stage = "cancelled"
    elif force is Force.BLOCKS or not any(is_verb(c) for c in children(head, "xcomp")):
        standing.weaken("possible")
    elif head.dep_ == "advcl":
        standing.weaken("possible")


def local(verb: Token, standing: Standing, shared: bool = False) -> None:
    """The verb's own modals, adverbs and negation; for an event noun its adjectives and determiner."""
    if not is_verb(verb):
        adjectives(verb, standing)
        if is_negated(verb):
            standing.weaken("denied")
        return
    modality_only(verb, standing)
    if is_negated(verb) and not shared and not until(verb):
        standing.weaken("denied")


def modality_only(verb: Token, standing: Standing) -> None:
    for child in verb.children:
        word = child.lower_
        if child.dep_ == "aux":
            if word in POSSIBLE_MODALS:
                standing.weaken("possible")
            elif word == "would":
                standing.weaken("possible")
                standing.would = True
            elif word in FUTURE_MODALS:
                standing.weaken("planned")
        elif child.dep_ in {"advmod", "amod"}:
            if word in HEARSAY:
                standing.weaken("alleged")
            elif word in LIKELY:
                standing.weaken("possible")
            elif word == "unlikely":
                standing.weaken("denied")
        elif child.dep_ == "mark" and word in {"if", "whether", "unless"}:
            standing.weaken("possible")
    if (
        verb.tag_ == "VB"
        and verb.dep_ in {"ROOT", "relcl", "amod"}
        and any(c.lower_ == "to" for c in children(verb, "aux"))
    ):
        standing.weaken("planned")
    if any(c.lower_ == "be" for c in children(verb, "auxpass")) and any(
        c.lower_ == "to" for c in children(verb, "aux")
    ):
        if verb.dep_ not in {"xcomp", "acl", "advcl"}:
            standing.weaken("planned")


def adjectives(noun: Token, standing: Standing) -> None:
    for child in noun.children:
        force = ADJECTIVES.get(child.lower_)
        if force is Force.ALLEGES:
            standing.weaken("alleged")
        elif force is Force.DOUBTS:
            standing.weaken("possible")
        elif force is Force.PLANS:
            standing.weaken("planned")


def is_negated(token: Token) -> bool:
    if any(
        c.dep_ == "neg" or c.lower_ in {"never", "no", "neither"} and c.dep_ in {"advmod", "det", "preconj"}
        for c in token.children
    ):
        return True
    if not is_verb(token):
        return False
    things = own_subjects(token) + children(token, "dobj", "attr")
    return any(
        c.lower_ in {"no", "neither", "nobody", "none"} and c.dep_ in {"det", "neg"} for t in things for c in t.children
    )


def until(verb: Token) -> bool:
    return any(t.lower_ in {"until", "till"} for t in verb.subtree)


def add_speaker(head: Token, standing: Standing, cast: Cast) -> None:
    for party in speakers_of(head, cast):
        if all(party.name != known.name or party.person != known.person for known in standing.speakers):
            standing.speakers.append(party)


def speakers_of(verb: Token, cast: Cast) -> list[Party]:
    heads = prepositions(verb, {"by"}) if is_passive(verb) else subjects(verb)
    return [party for head in heads for token in conjuncts(head) if (party := cast.speaker(token))]


def quoted_source(predicate: Token, standing: Standing, cast: Cast) -> None:
    """ "according to X" anywhere in the sentence."""
    for token in predicate.sent:
        if token.lower_ == "according":
            heads = [t for inner in token.children for t in (*inner.children, inner) if t.dep_ == "pobj"]
            found = [p for head in heads for token in conjuncts(head) if (p := cast.speaker(token))]
            standing.speakers.extend(p for p in found if p not in standing.speakers)


def settle(standing: Standing, parties: Sequence[Party]) -> None:
    """A plain report becomes confirmed by the word of a party to the transfer, and by nothing else."""
    own = any(speaker.same_side(party) for speaker in standing.speakers for party in parties)
    if standing.status == "reported" and own:
        standing.status = "confirmed"

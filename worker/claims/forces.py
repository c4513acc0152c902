"""What the words above a transfer do to it, as tables that read as language."""

from enum import Enum

from spacy.tokens import Token

from wirewatch.text import fold_word
from worker.claims.inflections import inflections


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
    LIFTS = "lifts"  # ends a ban
    NONE = "none"


def words(force: Force, text: str) -> dict[str, Force]:
    return dict.fromkeys(text.split(), force)


FORCES: dict[str, Force] = {
    **words(
        Force.SAYS,
        "say tell report state note add announce declare write explain reveal disclose find show conclude insist "
        "inform quote know remember recall estimate according statement",
    ),
    **words(Force.ADMITS, "admit acknowledge confirm concede confess admission confirmation"),
    **words(
        Force.ALLEGES,
        "accuse allege suspect believe charge claim think suggest blame assert accusation allegation suspicion "
        "investigation inquiry probe investigate alleged suspected purported reputed rumor rumour contend imply hint "
        "belief evidence proof apparent appear seem",
    ),
    **words(
        Force.DOUBTS,
        "fear warn speculate possible potential likely possibility prospect chance speculation warning concern worry "
        "doubt wonder might ability able capable capability threaten threat eventual prospective future proposed "
        "risk likelihood hypothetical scenario opportunity",
    ),
    **words(
        Force.WANTS,
        "want wish hope like consider discuss weigh mull study explore interested interest eager desperate keen "
        "willing willingness ready readiness talk negotiate negotiation discussion consideration seek try "
        "attempt bid effort look attempts efforts propose proposal offer request appeal ask urge press push "
        "call need option aim aspire desire ambition goal demand require approach invite examine contemplate "
        "review debate prefer",
    ),
    **words(
        Force.PLANS,
        "plan agree agreement intend intention promise pledge vow commit commitment decide decision prepare "
        "expect expected schedule due set sign contract order deal approve approval clear green-light award "
        "poised slate pact accord memorandum going let allow permit authorization schedule agreed planned "
        "undertake licence license permission permit consent endorse ratify greenlight",
    ),
    **words(
        Force.DENIES,
        "deny refuse decline reject dismiss refute rebuff denial refusal fail failure rule unable unwilling unlikely "
        "reluctant reluctance impossible oppose opposition avoid resist unwillingness",
    ),
    **words(
        Force.HALTS,
        "stop halt suspend end cease freeze cancel terminate scrap abandon cut suspension cancellation postpone "
        "pause shelve axe renege withdraw",
    ),
    **words(
        Force.BLOCKS,
        "block prevent prohibit ban bar forbid embargo prohibition prevention veto intercept stem curb thwart",
    ),
    **words(Force.LIFTS, "lift ease relax waive overturn remove repeal"),
}

# Verbs that stop something only with their particle: "called off the sale", "backed out of the deal".
PARTED = {"call": "off", "break": "off", "pull": "out", "back": "out", "walk": "away"}

# Adjectives before an event noun.
ADJECTIVES: dict[str, Force] = {
    **words(Force.ALLEGES, "alleged suspected purported reported apparent"),
    **words(Force.DOUBTS, "possible potential prospective likely hypothetical future proposed eventual"),
    **words(Force.PLANS, "planned pending upcoming scheduled agreed"),
}
COMPLEMENT_PREPOSITIONS = frozenset("of to about on in at for against from out into with including".split())
# Verbs by which an event simply takes place, and nouns that only count or exchange it.
HAPPENS = frozenset("be take happen begin start proceed go occur continue resume remain have include involve".split())
SERIES = frozenset(
    "exchange return series number spate halt increase end rise flow stream volume million billion report reports "
    "resumption".split()
)


# What the model may give a wrong lemma ("hopes" as a form of hop).
_FORMS = {form: force for word, force in FORCES.items() for form in inflections(word)} | FORCES


def drops_plan(token: Token) -> bool:
    """Plans are dropped for good, weapons over a forest."""
    dropped = [c.lemma_.lower() for c in token.children if c.dep_ in {"dobj", "nsubjpass"}]
    return token.lemma_.lower() == "drop" and any(FORCES.get(word) in {Force.PLANS, Force.WANTS} for word in dropped)


def force_of(token: Token) -> Force:
    lemma = token.lemma_.lower()
    if any(c.lower_ == PARTED.get(lemma) for c in token.children) or drops_plan(token):
        return Force.HALTS
    for form in (lemma, token.lower_, fold_word(token.text)):
        if form in FORCES:
            return FORCES[form]
    return _FORMS.get(token.lower_, Force.NONE) if token.tag_.startswith("VB") else Force.NONE

"""Every word of every rule, told, passive, swapped and negated: the rows of the table themselves make the sentences."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.quality.claims.conftest import Told, link, told
from wirewatch.models import Claim
from worker.claims import ClaimFinder, ClaimInput
from worker.claims.inflections import inflections
from worker.claims.rules import BEARERS, NOUN_RULES, USE_RULES, VERB_RULES, Role, Rule

IRREGULAR = {
    "give": ("gave", "given"), "send": ("sent", "sent"), "sell": ("sold", "sold"), "resell": ("resold", "resold"),
    "lend": ("lent", "lent"), "buy": ("bought", "bought"), "get": ("got", "got"), "seek": ("sought", "sought"),
    "fly": ("flew", "flown"), "go": ("went", "gone"), "come": ("came", "come"), "bind": ("bound", "bound"),
    "ship": ("shipped", "shipped"), "swap": ("swapped", "swapped"), "transfer": ("transferred", "transferred"),
}  # fmt: skip
# The model's tree is beside the point in these: nothing is read, or the sentence is none. They must not mislead.
MISREAD = {("arm", "told swapped"), ("reach", "told")}
PARTIES = ("Norway", "Brazil")
ITEMS = "missiles"


class Telling(NamedTuple):
    """One sentence of one rule; `denied` says that it must be read as a denial."""

    word: str
    form: str
    sentence: str
    supplier: str
    recipient: str
    denied: bool


def tellings() -> Iterator[Telling]:
    for supplier, recipient in (PARTIES, PARTIES[::-1]):
        suffix = "" if (supplier, recipient) == PARTIES else " swapped"
        names: dict[Role, str] = {"SUPPLIER": supplier, "RECIPIENT": recipient, "ITEM": f"the {ITEMS}"}
        made = [(rule, word, *one) for rule in VERB_RULES for word in rule.words for one in verbs(rule, word, names)]
        names["ITEM"] = ITEMS
        made += [(rule, word, *one) for rule in NOUN_RULES for word in rule.words for one in nouns(rule, word, names)]
        for _, word, form, sentence, denied in made:
            yield Telling(word, form + suffix, sentence, supplier, recipient, denied)


def verbs(rule: Rule, word: str, names: dict[Role, str]) -> Iterator[tuple[str, str, bool]]:
    past, participle = IRREGULAR.get(word) or (past_of(word), past_of(word))
    assert rule.subject is not None
    subject, thing = names[rule.subject], names[rule.object] if rule.object else ""
    tail = phrases(rule, names, without={rule.subject, rule.object})
    yield "told", sentence_of(subject, past, thing, tail, "in May"), False
    yield "negated", sentence_of(subject, "did not", word, thing, tail, "in May"), True
    if rule.subject != "ITEM" and rule.object:
        was = "were" if rule.object == "ITEM" else "was"
        yield "passive", sentence_of(thing, was, participle, tail, "by", subject, "in May"), False


def nouns(rule: Rule, word: str, names: dict[Role, str]) -> Iterator[tuple[str, str, bool]]:
    doer: Role = BEARERS.get(word) or rule.subject or "SUPPLIER"
    other: Role = "RECIPIENT" if doer == "SUPPLIER" else "SUPPLIER"
    below = phrases(rule, names, without={doer})
    article = "an" if word[0] in "aeiou" else "a"
    if word in BEARERS:
        yield "told", sentence_of(names[doer], "is", article, word, below), False
        yield "negated", sentence_of(names[doer], "is not", article, word, below), True
        yield "beside", sentence_of(f"{names[doer]}, {names[other]}'s main", word, "of missiles, kept silent"), False
        return
    whole = phrases(rule, names, without=set())
    yield "passive", sentence_of("the", word, whole, "surprised nobody"), False
    yield "negated", sentence_of("there was no", word, whole), True
    if rule.subject:
        yield "told", sentence_of(f"{names[doer]}'s", word, below, "surprised nobody"), False
        yield "denied", sentence_of(names[doer], "denied any", word, below), True


def phrases(rule: Rule, names: dict[Role, str], *, without: set[Role | None]) -> str:
    """The rule's prepositional phrases, each role once by its first preposition, the goods first where they may be."""
    first: dict[Role, str] = {}
    for preposition, role in rule.prepositions:
        first.setdefault(role, preposition)
    goods_first = rule.object is not None or rule.subject != "RECIPIENT" or rule in NOUN_RULES
    order = sorted(first, key=lambda role: (goods_first and role != "ITEM", list(first).index(role)))
    return " ".join(f"{first[role]} {names[role]}" for role in order if role not in without)


def sentence_of(*words: str) -> str:
    text = " ".join(word for word in words if word)
    return text[0].upper() + text[1:] + "."


def past_of(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if verb.endswith("y") and verb[-2] not in "aeiou" else verb + "ed"


@pytest.fixture(scope="module")
def readings(nlp: Any, finder: ClaimFinder) -> list[tuple[Telling, list[Told]]]:
    made = [telling for telling in tellings() if finder.candidates(telling.sentence)]
    docs = nlp.pipe(finder.legible(telling.sentence) for telling in made)
    return [(telling, told(list(read(finder, telling.sentence, doc)))) for telling, doc in zip(made, docs, strict=True)]


def read(finder: ClaimFinder, sentence: str, doc: Any) -> tuple[Claim, ...]:
    return finder.find(ClaimInput("a1", 1, "text", sentence, link(sentence)), [(0, doc)])


def test_every_word_of_the_table_is_tried() -> None:
    words = {word for rule in (*VERB_RULES, *NOUN_RULES) for word in rule.words}
    tried: dict[str, set[str]] = {}
    for telling in tellings():
        tried.setdefault(telling.word, set()).add(telling.form)
    assert tried.keys() == words
    assert all({"told", "told swapped"} <= forms or {"passive", "passive swapped"} <= forms for forms in tried.values())
    assert all({"negated", "negated swapped"} <= forms for forms in tried.values())
    assert all(rule.words for rule in USE_RULES)  # their forms, with origins for suppliers, stand in test_rules.py
    assert all(word in inflections(word) for word in words)


def test_sides_are_never_swapped(readings: list[tuple[Telling, list[Told]]]) -> None:
    wrong = [
        telling.sentence
        for telling, found in readings
        for supplier, recipient, _ in found
        if supplier == telling.recipient or recipient == telling.supplier
    ]
    assert not wrong


def test_denials_are_told_from_transfers(readings: list[tuple[Telling, list[Told]]]) -> None:
    wrong = [t.sentence for t, found in readings for one in found if (one[2] == "denied") != t.denied]
    assert not wrong


def test_every_form_is_read(readings: list[tuple[Telling, list[Told]]]) -> None:
    assert len(readings) == sum(1 for _ in tellings())
    missed = {
        (telling.word, telling.form): telling.sentence
        for telling, found in readings
        if [one[:2] for one in found] != [sides_of(telling)]
    }
    assert missed.keys() <= MISREAD, missed


def sides_of(telling: Telling) -> tuple[str | None, str | None]:
    """What the sentence names: "the missiles came from X" names no recipient."""
    named = [party if party in telling.sentence else None for party in (telling.supplier, telling.recipient)]
    return named[0], named[1]

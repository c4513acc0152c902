"""Readings beside each other: what repeats, completes or denies the one before."""

import re
from collections.abc import Sequence
from dataclasses import replace

from spacy.tokens import Span

from worker.claims.cast import Cast
from worker.claims.denials import answered_denial
from worker.claims.readings import Reading
from worker.claims.verdict import Standing


def merge(readings: Sequence[Reading]) -> list[Reading]:
    """Join the items of equal sides and status, and fold a reading that says less into one that says more."""
    joined: dict[tuple[str | None, str | None, str], Reading] = {}
    for reading in sorted(readings, key=lambda r: (fullness(r), not is_by_the_way(r)), reverse=True):
        host = next((known for known in joined.values() if says_less(reading, known)), None)
        key = (host or reading).sides()
        known = joined.get(key)
        if known is None:
            joined[key] = reading
        elif host is None or host.standing.status == reading.standing.status:
            joined[key] = Reading(
                known.supplier,
                known.recipient,
                known.items + reading.items,
                known.standing,
                known.transfer,
                known.sentence,
            )
    return sorted(joined.values(), key=lambda r: min(item.head.i for item in r.items))


def fullness(reading: Reading) -> int:
    return (reading.supplier is not None) + (reading.recipient is not None)


def says_less(reading: Reading, known: Reading) -> bool:
    """Is every side that `reading` names also in `known`, and what it leaves out merely unsaid?"""
    if reading.transfer is None:
        return False
    if fullness(reading) == 2 and reading.sides()[:2] == known.sides()[:2]:
        return hangs_on(reading, known)
    if fullness(reading) >= fullness(known):
        return False
    pairs = (
        (reading.supplier, known.supplier, reading.transfer.supplier),
        (reading.recipient, known.recipient, reading.transfer.recipient),
    )
    return all(slot.is_open if mine is None else other and mine.name == other.name for mine, other, slot in pairs)


def hangs_on(reading: Reading, known: Reading) -> bool:
    """ "X took delivery of the tanks it ordered from Y": the order is told by the way."""
    predicate = reading.transfer.predicate if reading.transfer else None
    return is_by_the_way(reading) and any(predicate.head.i == item.head.i for item in known.items if predicate)


def is_by_the_way(reading: Reading) -> bool:
    return reading.transfer is not None and reading.transfer.predicate.dep_ in {"relcl", "acl"}


def take_up(reading: Reading, earlier: Sequence[Reading]) -> Reading:
    """Fill a side left unsaid from the claim just before, if that tells of the same goods and lacks the other side."""
    transfer = reading.transfer
    if transfer is None or not earlier or fullness(reading) != 1 or reading.standing.status == "denied":
        return reading
    before = earlier[-1]
    if not same_subject(reading, before) or not is_near(before, reading):
        return reading
    supplier, recipient = reading.supplier, reading.recipient
    if recipient is None and transfer.recipient.is_open and before.supplier is None:
        recipient = before.recipient
    elif supplier is None and transfer.supplier.is_open and before.recipient is None:
        supplier = before.supplier
    if supplier and recipient and supplier.same_side(recipient):
        return reading
    return replace(reading, supplier=supplier, recipient=recipient)


def same_subject(reading: Reading, before: Reading) -> bool:
    """The same goods, or the same word for the transfer ("sale" and "sale")."""
    if reading.transfer and before.transfer:
        words = {transfer.predicate.lemma_.lower() for transfer in (reading.transfer, before.transfer)}
        if len(words) == 1:
            return True
    mine = {item.head.lemma_.lower() for item in reading.items} | {item.name for item in reading.items}
    return any(item.head.lemma_.lower() in mine or item.name in mine for item in before.items)


def is_near(before: Reading, reading: Reading) -> bool:
    """In the same paragraph at most two sentences apart, or in the paragraph before."""
    doc = reading.sentence.doc
    if before.sentence.doc is not doc:
        return True
    return sum(before.sentence.start <= s.start <= reading.sentence.start for s in doc.sents) <= 3


def restates(reading: Reading, earlier: Sequence[Reading], text: str, offset: int) -> bool:
    """Does a sentence only say again what the headline before it in the same paragraph says?"""
    for before in earlier[-2:]:
        sentence = before.sentence
        if sentence.doc is reading.sentence.doc and sentence.end == reading.sentence.start:
            written = text[offset + sentence.start_char : offset + sentence.end_char]
            if reading.sides()[:2] == before.sides()[:2] and is_headline(written):
                return True
    return False


def is_headline(sentence: str) -> bool:
    """Written in capitals, or with nearly every longer word begun by one."""
    words = [word for word in re.findall(r"[^\W\d_]+", sentence) if len(word) > 3]
    return len(words) >= 3 and sum(word[0].isupper() for word in words) >= 0.8 * len(words)


def denial(cast: Cast, sentence: Span, earlier: Sequence[Reading]) -> list[Reading]:
    """ "X denied the accusations": X's denial of the claim before, where X is one of its sides."""
    speakers = answered_denial(cast, sentence)
    if not speakers:
        return []
    for before in reversed(earlier[-4:]):
        sides = [p for p in (before.supplier, before.recipient) if p]
        if before.standing.status != "denied" and any(s.same_side(p) for s in speakers for p in sides):
            standing = Standing(status="denied", speakers=speakers)
            return [Reading(before.supplier, before.recipient, (), standing, None, sentence)]
    return []

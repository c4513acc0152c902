"""The check of claims: a condition that one single claim must satisfy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from wirewatch.models import Claim, EvidenceKind, Mention
from wirewatch.query.hits import MAX_HITS, AnyOf, Check, Hit, span
from wirewatch.query.subject import Subject
from wirewatch.query.syntax import ClaimRole
from wirewatch.text import find_phrase, fold_name, keys, tokenize

ClaimTest = Callable[[Claim, Subject], bool]


class AskedPart(NamedTuple):
    """What is asked of one part of a claim; `negated`: that it is not so."""

    role: ClaimRole
    value: str
    negated: bool
    test: ClaimTest


@dataclass(frozen=True, slots=True)
class ClaimCheck(Check):
    """Single claims that satisfy the whole condition; never two claims together."""

    test: ClaimTest
    parts: tuple[AskedPart, ...]
    kind: ClassVar[EvidenceKind] = "claim"

    def find(self, subject: Subject) -> list[Hit]:
        claims = [claim for claim in subject.analysis.claims if self.test(claim, subject)]
        return [
            span(subject, claim.field, claim.start, claim.end, claim.id, told(claim)) for claim in claims[:MAX_HITS]
        ]

    def needs(self) -> tuple[AnyOf, ...]:
        return (frozenset({"c:"}),)


def told(claim: Claim) -> str:
    """The claim in words: "North Korea to Russia: shells, alleged"."""
    parties = f"{claim.supplier or 'somebody'} to {claim.recipient or 'somebody'}"
    return f"{parties}: {', '.join(claim.items) or 'arms'}, {claim.status}"


def party_test(role: ClaimRole, ids: frozenset[str], name: str) -> ClaimTest:
    """Supplier or recipient, by entity id, or by name where the claim's party is no known entity."""
    folded = fold_name(name)

    def test(claim: Claim, _: Subject) -> bool:
        id_, written = (
            (claim.supplier_id, claim.supplier) if role == "supplier" else (claim.recipient_id, claim.recipient)
        )
        return id_ in ids if id_ else written is not None and fold_name(written) == folded

    return test


def item_test(ids: frozenset[str], name: str) -> ClaimTest:
    """An item named so, or one that a mention of the entity inside the claim's sentence names."""
    phrase = keys(name)

    def test(claim: Claim, subject: Subject) -> bool:
        if any(find_phrase(tokenize(item), phrase, plurals=True) for item in claim.items):
            return True
        items = [fold_name(item) for item in claim.items]
        return any(
            _overlap(folded, item)
            for mention in subject.analysis.mentions
            if mention.entity_id in ids and _is_inside(mention, claim)
            for folded in (fold_name(mention.text), fold_name(mention.name))
            for item in items
        )

    return test


def _is_inside(mention: Mention, claim: Claim) -> bool:
    return mention.field == claim.field and claim.start <= mention.start and mention.end <= claim.end


def _overlap(left: str, right: str) -> bool:
    return f" {left} " in f" {right} " or f" {right} " in f" {left} "


def word_test(role: ClaimRole, value: str) -> ClaimTest:
    """Status, stage or kind, compared as the words of the model."""

    def test(claim: Claim, _: Subject) -> bool:
        return {"status": claim.status, "stage": claim.stage, "kind": claim.kind}[role] == value

    return test


def speaker_test(name: str) -> ClaimTest:
    """Somebody to whom the claim is attributed."""
    phrase = keys(name)

    def test(claim: Claim, _: Subject) -> bool:
        return any(find_phrase(tokenize(speaker), phrase) for speaker in claim.attributed_to)

    return test

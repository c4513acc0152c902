"""From a transfer's roles to readings: one for each pair of sides, with its standing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Span, Token

from worker.claims.items import Arms
from worker.claims.registry import Party
from worker.claims.scene import Scene, Transfer
from worker.claims.standing import Judge
from worker.claims.surroundings import origins
from worker.claims.verdict import Standing


@dataclass(frozen=True, slots=True)
class Reading:
    """One transfer between two sides, as the sentence tells it."""

    supplier: Party | None
    recipient: Party | None
    items: tuple[Arms, ...]
    standing: Standing
    transfer: Transfer | None
    sentence: Span

    def sides(self) -> tuple[str | None, str | None, str]:
        return name_of(self.supplier), name_of(self.recipient), self.standing.status


def name_of(party: Party | None) -> str | None:
    return party.name if party else None


def expand(scene: Scene, transfer: Transfer, sentence: Span, earlier: Sequence[Reading]) -> Iterator[Reading]:
    """One reading for each pair of sides; what has no side at all is taken up from the claim before, or left."""
    for item in transfer.items:
        suppliers: Sequence[Party | None] = transfer.supplier.parties
        if transfer.supplier.is_open:
            suppliers = origins(scene, item)
        if transfer.needs_supplier and not suppliers:
            continue
        for supplier in suppliers or [None]:
            for recipient in recipients_beside(transfer, supplier):
                sides = settle_sides(supplier, recipient, transfer, item, (scene.doc, earlier))
                if sides:
                    parties = [p for p in sides if p]
                    standing = Judge(parties, scene.cast).judge(transfer)
                    if not standing.hushed:
                        sides = answer_for_oneself(sides, standing, transfer)
                        yield Reading(sides[0], sides[1], (item,), standing, transfer, sentence)


def answer_for_oneself(
    sides: tuple[Party | None, Party | None], standing: Standing, transfer: Transfer
) -> tuple[Party | None, Party | None]:
    """Who denies that arms were sent, naming no sender, denies that they sent them."""
    supplier, recipient = sides
    if standing.status != "denied" or supplier or not recipient or not transfer.supplier.is_open or transfer.takes:
        return sides
    deniers = [party for party in standing.speakers if party.state and not party.same_side(recipient)]
    return (replace(deniers[0], person=None), recipient) if len(deniers) == 1 else sides


def recipients_beside(transfer: Transfer, supplier: Party | None) -> Sequence[Party | None]:
    """The named recipients; where only the supplier's own side is named ("its army and allies"), the unnamed rest."""
    named = transfer.recipient.parties
    unnamed = len(transfer.recipient.words) > len(named)
    if supplier and unnamed and all(supplier.same_side(party) for party in named):
        return [None]
    return named or [None]


def settle_sides(
    supplier: Party | None,
    recipient: Party | None,
    transfer: Transfer,
    item: Arms,
    context: tuple[Doc, Sequence[Reading]],
) -> tuple[Party | None, Party | None] | None:
    """Both sides, or None where there is no transfer between sides."""
    doc, earlier = context
    if supplier and recipient and supplier.same_side(recipient):
        return (None, recipient) if transfer.supplier.is_open and not transfer.needs_supplier else None
    if supplier and not recipient and transfer.supplier.is_open and transfer.takes and not transfer.recipient.is_open:
        return None  # "suspects bought U.S. arms": an origin alone is no supplier
    if item.is_vague and not (supplier and recipient):
        return None
    if supplier or recipient:
        return supplier, recipient
    before = [r for r in earlier if r.sentence.doc is doc]
    if before and is_definite(item.head) and transfer.supplier.is_open and transfer.recipient.is_open:
        return before[-1].supplier, before[-1].recipient
    return None


def is_definite(noun: Token) -> bool:
    return any(c.lower_ in {"the", "these", "those", "this", "that", "such"} and c.dep_ == "det" for c in noun.children)

"""Where the articles of a story cannot all be right, each side with its quotes."""

from collections.abc import Iterable, Iterator, Sequence

from wirewatch.models import Claim, ClaimStatus, Conflict, ConflictSide, Stated
from wirewatch.stories.claims import article_of
from wirewatch.stories.statements import are_compatible

ASSERTED: frozenset[ClaimStatus] = frozenset({"confirmed", "reported", "alleged"})


def find_conflicts(claims: Iterable[Claim], stated: Iterable[Stated]) -> Iterator[Conflict]:
    """Transfers that some assert and others deny; numbers and ranks of which different ones are given."""
    yield from _status_conflicts(claims)
    yield from _value_conflicts(stated)


def _status_conflicts(claims: Iterable[Claim]) -> Iterator[Conflict]:
    by_transfer: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        if claim.supplier and claim.recipient:
            by_transfer.setdefault((claim.supplier, claim.recipient), []).append(claim)
    for (supplier, recipient), told in by_transfer.items():
        statuses = {claim.status for claim in told}
        if "denied" in statuses and statuses & ASSERTED:
            sides = ((status, [claim for claim in told if claim.status == status]) for status in sorted(statuses))
            yield Conflict(
                about=f"{supplier} supplies {recipient}",
                claim_ids=tuple(claim.id for claim in told),
                sides=tuple(_claim_side(status, side) for status, side in sides),
            )


def _claim_side(status: ClaimStatus, told: Sequence[Claim]) -> ConflictSide:
    return ConflictSide(
        status,
        # Claim ids begin with their article's (worker/claims).
        tuple(dict.fromkeys(article_of(claim) for claim in told)),
        tuple(dict.fromkeys(claim.quote for claim in told)),
    )


def _value_conflicts(stated: Iterable[Stated]) -> Iterator[Conflict]:
    by_subject: dict[tuple[str, str], list[Stated]] = {}
    for one in stated:
        by_subject.setdefault((one.kind, one.about), []).append(one)
    for values in by_subject.values():
        disputed = [one for one in values if any(not are_compatible(one, other) for other in values)]
        if disputed:
            yield Conflict(
                about=disputed[0].about,
                claim_ids=(),
                sides=tuple(ConflictSide(one.value, one.article_ids, one.quotes) for one in disputed),
                kind=disputed[0].kind,
            )

"""Claims of many articles, folded by who supplies what to whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wirewatch.models import Claim, ClaimStatus

# From acknowledged to contested: the first that a folded claim has stands for it.
STANDINGS: tuple[ClaimStatus, ...] = ("confirmed", "reported", "alleged", "planned", "possible", "denied")
_BETWEEN = "\t"


@dataclass(frozen=True, slots=True)
class Saying:
    """Words in which a claim is made, and who of the story's articles and sources first had them."""

    claim_id: str
    article_id: str
    source: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class ClaimStanding:
    """The articles that give the claim this status; `claim_ids`, `quotes` and `sayings` of the first of them."""

    status: ClaimStatus
    articles: int
    claim_ids: list[str]
    quotes: list[str]
    attributed_to: list[str]
    sayings: list[Saying]


@dataclass(frozen=True, slots=True)
class FoldedClaim:
    """One claim as a story's articles tell it; `status` is its best standing, `quote` and `id` of its first teller."""

    id: str
    kind: str
    supplier: str | None
    supplier_id: str | None
    recipient: str | None
    recipient_id: str | None
    items: list[str]
    quantity: str | None
    count: int | None
    status: ClaimStatus
    attributed_to: list[str]
    quote: str
    articles: int
    standings: list[ClaimStanding]


def keys_of(claim: Claim) -> list[str]:
    """(kind, supplier, recipient, item, status) of each item, as text."""
    parties = (claim.supplier_id or claim.supplier or "", claim.recipient_id or claim.recipient or "")
    return [_BETWEEN.join((claim.kind, *parties, item, claim.status)) for item in claim.items or ("",)]


def fold_claims(
    claims: Iterable[Claim], counts: Mapping[str, int], sources: Mapping[str, str | None]
) -> list[FoldedClaim]:
    """By (kind, supplier, recipient, item), those first that most articles tell. `counts`: articles by keys_of;
    `sources`: by article.
    """
    told: dict[str, dict[ClaimStatus, list[Claim]]] = {}
    for claim in claims:
        for key in keys_of(claim):
            told.setdefault(key.rpartition(_BETWEEN)[0], {}).setdefault(claim.status, []).append(claim)
    folded = [_folded(key, by_status, counts, sources) for key, by_status in told.items()]
    return sorted(folded, key=lambda one: -one.articles)


def _folded(
    key: str,
    by_status: Mapping[ClaimStatus, list[Claim]],
    counts: Mapping[str, int],
    sources: Mapping[str, str | None],
) -> FoldedClaim:
    standings = [
        ClaimStanding(
            status,
            max(counts.get(f"{key}{_BETWEEN}{status}", 0), 1),
            [claim.id for claim in by_status[status]],
            list(dict.fromkeys(claim.quote for claim in by_status[status])),
            list(dict.fromkeys(name for claim in by_status[status] for name in claim.attributed_to)),
            _sayings(by_status[status], sources),
        )
        for status in STANDINGS
        if status in by_status
    ]
    first = by_status[standings[0].status][0]
    item = key.rpartition(_BETWEEN)[2]
    return FoldedClaim(
        id=first.id,
        kind=first.kind,
        supplier=first.supplier,
        supplier_id=first.supplier_id,
        recipient=first.recipient,
        recipient_id=first.recipient_id,
        items=[item] if item else [],
        quantity=first.quantity,
        count=first.count,
        status=first.status,
        attributed_to=list(first.attributed_to),
        quote=first.quote,
        articles=sum(standing.articles for standing in standings),
        standings=standings,
    )


def _sayings(claims: Iterable[Claim], sources: Mapping[str, str | None]) -> list[Saying]:
    """The words of each, once."""
    first: dict[str, Claim] = {}
    for claim in claims:
        first.setdefault(claim.quote, claim)
    told = [(claim, article_of(claim)) for claim in first.values()]
    return [Saying(claim.id, article_id, sources.get(article_id), claim.quote) for claim, article_id in told]


def article_of(claim: Claim) -> str:
    """The article that makes the claim: its id begins with that."""
    return claim.id.split(".", 1)[0]

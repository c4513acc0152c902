"""What the articles of an alert say together, and what of it a watch has not been told."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from wirewatch.models import Claim, ClaimStatus, SaidClaim, Standing

# What a story of endless articles says beyond this is not followed.
MOST_CLAIMS = 200
# A weaker repetition of what was told is no news; a denial always is.
STRENGTH: dict[ClaimStatus, int] = {"possible": 1, "planned": 2, "alleged": 3, "reported": 4, "confirmed": 5}


class Change(NamedTuple):
    """Something worth telling, in words, and the article that brought it; none where something was taken away."""

    words: str
    article_id: str | None = None


class _News(NamedTuple):
    """What became of a claim; its words stand between `before` and `after`."""

    before: str
    after: str
    claim: SaidClaim
    article_id: str | None


def said_by(article_id: str, claims: Iterable[Claim]) -> tuple[SaidClaim, ...]:
    """An article's claims, one for each item."""
    return tuple(
        SaidClaim(
            claim.kind, claim.supplier, claim.recipient, item, claim.status, tuple(claim.attributed_to), article_id
        )
        for claim in claims
        for item in (claim.items or (None,))
    )


def hear(standing: Standing, said: Iterable[SaidClaim], independent_sources: int) -> Standing:
    """The standing with one more article: each claim and status is kept as it was first said."""
    known = {_identity(claim): claim for claim in standing.claims}
    for claim in said:
        if len(known) < MOST_CLAIMS:
            known.setdefault(_identity(claim), claim)
    return Standing(tuple(known.values()), max(standing.independent_sources, independent_sources), standing.amended)


def keep_said(told: Standing, now: Standing) -> Standing:
    """Of what was told, what is still said."""
    current = set(map(_identity, now.claims))
    return replace(told, claims=tuple(claim for claim in told.claims if _identity(claim) in current))


def find_changes(told: Standing, now: Standing) -> list[Change]:
    """What is material in `now` against what was told: claims that are new, gone, or have another status, and a second
    independent source.
    """
    known, current = set(map(_identity, told.claims)), set(map(_identity, now.claims))
    # While nothing that was told is gone, only what was not told can be news.
    asked = [claim for claim in now.claims if known - current or _identity(claim) not in known]
    news = [one for claim in asked if (one := _news(claim, told, now))]
    gone = [claim for claim in told.claims if _identity(claim) not in current and not _covering(claim, now.claims)]
    news += [_News("'", "' is not said any more", claim, None) for claim in gone]
    changes = _in_words(news)
    if told.independent_sources < 2 <= now.independent_sources:
        changes.append(Change(f"independent sources went from 1 to {now.independent_sources}"))
    return changes


def phrase(claim: SaidClaim, items: Sequence[str] = ()) -> str:
    """The claim as a sentence without its standing: North Korea supplies ammunition to Russia."""
    item = _and(items) or claim.item or "arms"
    if claim.supplier:
        return f"{claim.supplier} supplies {item}" + (f" to {claim.recipient}" if claim.recipient else "")
    return f"{item} for {claim.recipient}" if claim.recipient else f"supply of {item}"


def _news(claim: SaidClaim, told: Standing, now: Standing) -> _News | None:
    """What this claim adds to what was told of the same."""
    known = _related(claim, told.claims)
    whose = f" by {_and(claim.by)}" if claim.by else ""
    if not known:
        return _News("new: '", f"', {claim.status}{whose}", claim, claim.article_id)
    before = [one.status for one in known]
    about = known[-1] if _covers(known[-1], claim) else claim
    if claim.status not in before:
        if claim.status != "denied" and _strength(claim.status) <= max(map(_strength, before)):
            return None
        last = "denied" if before[-1] == "denied" else max(before, key=_strength)
        change = f"' went from {last} to {claim.status}{whose}"
        return _News("status of '", change, about, claim.article_id)
    current = {one.status for one in _related(claim, now.claims)}
    gone = [status for status in before if status not in current]
    weakened = [status for status in gone if status == "denied" or _strength(status) > _strength(claim.status)]
    if not weakened or _strength(claim.status) < max(map(_strength, current)):
        return None
    return _News("status of '", f"' went back from {weakened[-1]} to {claim.status}", about, None)


def _in_words(news: Iterable[_News]) -> list[Change]:
    """Each thing once; what became of several items together is said of them together."""
    groups: dict[tuple[str, str, str | None, str | None, str | None], list[SaidClaim]] = {}
    for one in news:
        key = (one.before, one.after, one.claim.supplier, one.claim.recipient, one.article_id)
        groups.setdefault(key, []).append(one.claim)
    return [
        Change(
            before + phrase(about[0], list(dict.fromkeys(one.item for one in about if one.item))) + after, article_id
        )
        for (before, after, _, _, article_id), about in groups.items()
    ]


def _strength(status: ClaimStatus) -> int:
    return STRENGTH.get(status, 0)


def _related(claim: SaidClaim, others: Iterable[SaidClaim]) -> list[SaidClaim]:
    """Of the others, those that tell of the same: all that are as exact, and for a denial those that are less so."""
    found = _covering(claim, others)
    if not found and claim.status == "denied":
        found = [one for one in others if _covers(claim, one)]
    return found


def _covering(claim: SaidClaim, others: Iterable[SaidClaim]) -> list[SaidClaim]:
    return [one for one in others if _covers(one, claim)]


def _covers(exact: SaidClaim, claim: SaidClaim) -> bool:
    """Whether `exact` says all that `claim` says of who supplies what to whom."""
    return exact.kind == claim.kind and all(
        asked is None or asked == known
        for known, asked in (
            (exact.supplier, claim.supplier),
            (exact.recipient, claim.recipient),
            (exact.item, claim.item),
        )
    )


def _identity(claim: SaidClaim) -> tuple[str, str | None, str | None, str | None, ClaimStatus]:
    return claim.kind, claim.supplier, claim.recipient, claim.item, claim.status


def _and(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)

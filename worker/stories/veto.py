"""Which differences keep two articles apart although their words are alike."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from worker.stories.amounts import are_far_apart
from worker.stories.arguments import Argument, Kind

# How alike the rest of the words must be (cosine) before another argument of this kind is another event; below it the
# two may tell different sides of one.
FRAMES: Mapping[Kind, float] = {
    "ordinal": 0.0,
    "count": 0.0,
    "weapon": 0.35,
    "item": 0.5,
    "date": 0.4,
    "amount": 0.6,
    "period": 0.6,
    "place": 0.7,
    "country": 0.7,
    "person": 0.7,
}
# As for a person, but where neither article names anybody of the other's title and first sentence at all.
STRANGERS_FRAME = 0.35
# Another one of these is another event, whatever the words.
FRAMELESS = frozenset(kind for kind, frame in FRAMES.items() if frame == 0.0)
# Goods that other words for goods may mean.
VAGUE = frozenset("weapons ammunition arms equipment aid aircraft systems missiles artillery vehicles goods".split())


Arguments = Mapping[Kind, Mapping[str, frozenset[str]]]


def sort_out(arguments: Iterable[Argument]) -> Arguments:
    """-> by kind, by what is numbered or counted: the values."""
    sorted_out: dict[Kind, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for kind, value, about in arguments:
        sorted_out[kind][about].add(value)
    return {kind: {about: frozenset(values) for about, values in one.items()} for kind, one in sorted_out.items()}


def agree(kind: Kind, ours: Arguments, theirs: Arguments) -> bool:
    """Whether they name the same."""
    return any(ours[kind][about] & theirs[kind][about] for about in _common(kind, ours, theirs)) and not differ(
        kind, ours, theirs
    )


def differ(kind: Kind, ours: Arguments, theirs: Arguments) -> bool:
    """Whether each names something of the kind that stands in place of what the other names."""
    if kind == "item":
        return _items_differ(ours, theirs)
    if kind == "amount":
        return _amounts_differ(ours, theirs)
    return any(
        ours[kind][about] - theirs[kind][about] and theirs[kind][about] - ours[kind][about]
        for about in _common(kind, ours, theirs)
    ) and not (kind == "ordinal" and any(ours[kind][a] & theirs[kind][a] for a in _common(kind, ours, theirs)))


def _items_differ(ours: Arguments, theirs: Arguments) -> bool:
    a, b = ours.get("item", {}).get("", frozenset()), theirs.get("item", {}).get("", frozenset())
    words_a, words_b = (frozenset(word.lower() for item in items for word in item.split()) for items in (a, b))
    return bool(a and b) and not words_a & words_b and not (words_a | words_b) & VAGUE


def _amounts_differ(ours: Arguments, theirs: Arguments) -> bool:
    """Whether of some unit all amounts are far from all of the other's."""
    return any(
        all(
            are_far_apart(unit, float(one), float(other))
            for one in ours["amount"][unit]
            for other in theirs["amount"][unit]
        )
        for unit in _common("amount", ours, theirs)
    )


def _common(kind: Kind, ours: Arguments, theirs: Arguments) -> Iterable[str]:
    return ours.get(kind, {}).keys() & theirs.get(kind, {}).keys()


def transfers_differ(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether these tell of other transfers ("supplier>recipient") than those: none in common, and one the reverse of
    another, or of the same supplier to somebody else, or to the same recipient from somebody else.
    """
    if not ours or not theirs or ours & theirs:
        return False
    for one in ours:
        supplier, recipient = one.split(">", 1)
        for other in theirs:
            their_supplier, their_recipient = other.split(">", 1)
            if supplier in (their_supplier, their_recipient) or recipient in (their_supplier, their_recipient):
                return True
    return False


def deals_differ(ours: Arguments, theirs: Arguments) -> bool:
    """Whether both begin with a transfer, with a party that differs or with other weapons between the same parties.

    A party that one of them leaves open differs from nobody.
    """
    a, b = (one.get("deal", {}).get("", frozenset()) for one in (ours, theirs))
    if not a or not b:
        return False
    if any(_compatible(one, other) for one in a for other in b):
        weapons, others = (one.get("weapon", {}).get("", frozenset()) for one in (ours, theirs))
        return bool(weapons and others and not weapons & others)
    return any(_share_party(one, other) for one in a for other in b)


def _compatible(one: str, other: str) -> bool:
    return all(not x or not y or x == y for x, y in zip(one.split(">", 1), other.split(">", 1), strict=True))


def _share_party(one: str, other: str) -> bool:
    return bool({x for x in one.split(">", 1) if x} & {y for y in other.split(">", 1) if y})

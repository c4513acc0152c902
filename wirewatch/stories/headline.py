"""The headline that speaks for a story."""

from collections.abc import Sequence

from wirewatch.store.stories import StoryMember
from wirewatch.text import keys

TITLE_CHARS = 120


def best_title(titles: Sequence[str]) -> str:
    """The title that has most in common with the others, the earliest of equals; without titles, nothing."""
    words = [frozenset(keys(title)) for title in titles]
    shares = [sum(_alike(ours, theirs) for theirs in words) for ours in words]
    return titles[max(range(len(titles)), key=lambda place: (round(shares[place], 6), -place))] if titles else ""


def opening_title(members: Sequence[StoryMember]) -> str:
    """A copy's title, or how the first text begins."""
    titles = (" ".join(member.title.split()) for member in members)
    return next((title for title in titles if title), "") or " ".join(members[0].opening.split())[:TITLE_CHARS]


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    """Dice's coefficient, 0 to 1."""
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0

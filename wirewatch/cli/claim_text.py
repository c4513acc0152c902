"""A story's claims and conflicts as text for the terminal: by parties and standing, each quotation once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.text import Text

from wirewatch.cli.output import cell, counted, plain
from wirewatch.client import Json

INDENT = "  "
SOMEBODY = "somebody"
UNKNOWN = "unknown source"


class Told(NamedTuple):
    """What is claimed of some goods, in one standing, by the same speakers in the same words."""

    status: str
    speakers: tuple[str, ...]
    sayings: Sequence[Json]
    goods: list[str]
    articles: int


def claims_text(claims: Sequence[Json]) -> Iterator[Text]:
    """`claims` as a story has them, those first that most articles tell."""
    for parties, folded in _by_parties(claims).items():
        yield Text(f"{INDENT}{parties}")
        for told in _merged(folded):
            yield from _told(told)


def conflicts_text(story: Json) -> Iterator[Text]:
    """Each side with its sources, and with those of its quotations that no claim of the story has."""
    sources = {entry["article_id"]: entry["source"] for entry in story["timeline"]}
    known = {saying["quote"] for claim in story["claims"] for one in claim["standings"] for saying in one["sayings"]}
    for conflict in story["conflicts"]:
        yield Text(f"{INDENT}{plain(conflict['about'])}", style="yellow")
        for side in conflict["sides"]:
            yield Text(f"{INDENT * 2}{plain(side['value'])}: {_tellers(side['article_ids'], sources)}")
            yield from (_quoted(quote) for quote in side["quotes"] if quote not in known)


def _by_parties(claims: Iterable[Json]) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for claim in claims:
        parties = f"{plain(claim['supplier'] or SOMEBODY)} to {plain(claim['recipient'] or SOMEBODY)}"
        found.setdefault(parties, []).append(claim)
    return found


def _merged(claims: Iterable[Json]) -> Iterator[Told]:
    """Goods of which the same words are said stand together."""
    merged: dict[tuple[str, tuple[str, ...]], Told] = {}
    for claim in claims:
        for one in claim["standings"]:
            new = Told(one["status"], tuple(one["attributed_to"]), one["sayings"], [], one["articles"])
            told = merged.setdefault((one["status"], tuple(saying["quote"] for saying in one["sayings"])), new)
            told.goods.extend(claim["items"])
    return iter(merged.values())


def _told(told: Told) -> Iterator[Text]:
    speakers = f" by {cell(list(told.speakers))}" if told.speakers else ""
    goods = cell(told.goods) or "arms"
    found = counted(told.articles, "article")
    yield Text.assemble(f"{INDENT * 2}", (plain(told.status), "bold"), f"{speakers}: {goods}, in {found}")
    for first in told.sayings[:1]:
        more = len(told.sayings) - 1
        others = f", and {more} more in other words" if more else ""
        teller = f"{plain(first['source'] or UNKNOWN)} [claim {plain(first['claim_id'])}]{others}"
        yield _quoted(first["quote"]) + Text(f" {teller}")


def _tellers(article_ids: Iterable[str], sources: dict[str, str | None]) -> str:
    return ", ".join(f"{plain(sources.get(id_) or UNKNOWN)} [article {plain(id_)}]" for id_ in article_ids)


def _quoted(quote: str) -> Text:
    return Text(f"{INDENT * 3}“{plain(' '.join(quote.split()))}”", style="dim")

"""An article as text for the terminal."""

from collections import Counter
from collections.abc import Iterator

from rich.text import Text

from wirewatch.cli.output import cell, plain
from wirewatch.client import Json

INDENT = "  "
SHOWN_NAMES = 20


def article_text(article: Json) -> Text:
    """`article` as GET /v1/articles/{id} answers it."""
    lines = [Text(plain(article["title"]) or "(no title)", style="bold"), *_origin(article), *_standing(article)]
    lines += [*_found(article), Text(), Text(plain(article["text"]))]
    return Text("\n").join(lines)


def _origin(article: Json) -> Iterator[Text]:
    source = cell(article["source"]) or "unknown source"
    at = cell(article["published_at"]) or f"seen {cell(article['first_seen_at'])}"
    lang = f", {plain(article['lang'])}" if article["lang"] else ""
    yield Text(f"article {plain(article['id'])}: {plain(source)}, {at}{lang}, {plain(article['stage'])}", style="dim")
    if article["url"]:
        yield Text(plain(article["url"]), style="dim")


def _standing(article: Json) -> Iterator[Text]:
    """What became of it, and where it belongs."""
    if retraction := article["retraction"]:
        reason = f": {plain(' '.join(retraction['reason'].split()))}" if retraction["reason"] else ""
        yield Text(f"retracted {cell(retraction['at'])} by {plain(retraction['by'])}{reason}", style="red")
    if article["version"] > 1:
        yield Text(f"version {article['version']}, since {cell(article['versions'][-1]['accepted_at'])}")
    if article["story_id"]:
        yield Text(f"story {plain(article['story_id'])}")
    if article["duplicate_of"]:
        alike = "" if article["similarity"] is None else f" ({article['similarity']:.0%} the same)"
        yield Text(f"copy of article {plain(article['duplicate_of'])}{alike}")
    for link in article["lineage"]:
        agency = f", {plain(link['agency'])}" if link["agency"] else ""
        yield Text(f"shares sentences with article {plain(link['article_id'])}{agency}")


def _found(article: Json) -> Iterator[Text]:
    names = Counter(plain(mention["name"]) for mention in article["mentions"])
    if names:
        yield Text(f"names: {', '.join(f'{name} ({count})' for name, count in names.most_common(SHOWN_NAMES))}")
    if article["topics"]:
        yield Text(f"topics: {', '.join(plain(topic['id']) for topic in article['topics'])}")
    for claim in article["claims"]:
        parties = f"{plain(claim['supplier'] or 'somebody')} to {plain(claim['recipient'] or 'somebody')}"
        yield Text(f"claim: {cell(claim['items']) or 'arms'}: {parties}, {plain(claim['status'])}")
        yield Text(f"{INDENT}“{plain(' '.join(claim['quote'].split()))}”", style="dim")

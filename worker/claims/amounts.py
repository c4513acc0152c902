"""How many, and for how much: the numbers written with the goods, and the money that hangs on the transfer."""

import re
from collections.abc import Sequence

from spacy.tokens import Span, Token

from worker.claims.items import Arms

_DIGITS = r"\d+(?:[.,]\d+)*"
_SCALE = r"(?:thousand|million|billion|trillion|mln|bln|mn|bn|m|k)"
_CURRENCY = (
    r"(?:U\.?S\.? )?(?:dollars?|dlrs?|euros?|pounds?|rupees?|roubles?|rubles?|yuan|won|yen|crowns?|kron(?:or|er|a|e)|"
    r"francs?|marks?|lira|shekels?|dinars?|riyals?|dirhams?|rials?|reais|pesos?|zlotys?|USD|EUR|GBP|CHF|SEK|NOK|INR)"
)
_MONEY = re.compile(
    rf"(?:\b(?-i:US|A|C|S|HK|NZ|NT|USD|EUR|GBP) ?)?[$€£¥₹₩₽] ?{_DIGITS}(?: ?-?{_SCALE}\b)?"
    rf"|\b(?:USD|EUR|GBP|CHF|SEK|NOK|INR) ?{_DIGITS}(?: {_SCALE}\b)?"
    rf"|\b(?:{_DIGITS}|an?|one|two|three|four|five|six|seven|eight|nine|ten|half an?)(?:[ -]{_SCALE})? {_CURRENCY}\b",
    re.IGNORECASE,
)
_COUNTS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"a": 1, "an": 1, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100, "thousand": 1000}
_MULTIPLES = {"dozen": 12, "score": 20, "hundred": 100, "thousand": 1_000, "million": 1_000_000}
_GROUPS = frozenset({"dozen", "dozens", "score", "scores", "hundreds", "thousands", "pair", "handful"})
_PRICING = frozenset("value price cost estimate worth total".split())
# Between two numbers or before one these words make no other number of it.
_HEDGES = frozenset("about around some nearly almost roughly approximately up to at least more less than over".split())


def quantity_of(items: Sequence[Arms]) -> str | None:
    """The number written with the first counted item ("24", "two dozen", "hundreds")."""
    for item in items:
        for child in item.head.children:
            if child.dep_ == "nummod":
                return str(child.doc[child.left_edge.i : child.i + 1].text)
            if child.lower_ in _GROUPS and child.i < item.head.i:
                return _grouped(child)
        prep = item.head.head
        if item.head.dep_ == "pobj" and prep.lower_ == "of" and prep.head.lower_ in _GROUPS:
            return _grouped(prep.head)
    return None


def count_of(quantity: str | None) -> int | None:
    """The quantity as a number, where its words are one ("1,200", "two dozen"); None for "hundreds", "5 to 7"."""
    words = [word for word in re.split(r"[\s-]+", (quantity or "").lower()) if word not in _HEDGES]
    if not words or len(words) > 3 or (quantity and re.search(r"\bto\b(?!.*\bup\b)", quantity) and len(words) > 1):
        return None
    first, *rest = words
    digits = first.replace(",", "")
    base = int(digits) if digits.isascii() and digits.isdigit() else _COUNTS.get(first, _MULTIPLES.get(first))
    if base is None or any(word not in _MULTIPLES for word in rest):
        return None
    for word in rest:
        base *= _MULTIPLES[word]
    return base


def value_of(predicate: Token, items: Sequence[Arms], sentence: Span) -> str | None:
    """The money, as written, that belongs to the transfer or its goods: "a $2 billion deal to buy jets".

    It belongs where the tree joins them: below the predicate or the goods, or on a noun that governs the predicate.
    """
    own = {predicate.i, *(item.head.i for item in items)}
    above = {token.i for token in predicate.ancestors}
    found = []
    for match in _MONEY.finditer(sentence.text):
        span = sentence.char_span(*match.span(), alignment_mode="expand")
        if span is None:
            continue
        climbed = [span.root, *span.root.ancestors]
        joined = next((place for place, token in enumerate(climbed) if token.i in own or token.i in above), None)
        if joined is not None and _is_joined(climbed[: joined + 1], own):
            found.append((joined, match.start(), match[0].strip()))
    return min(found)[2] if found else None


def _is_joined(climbed: Sequence[Token], own: set[int]) -> bool:
    """A verb on the way that is not about prices parts the two, and so does one that governs both from afar."""
    *way, meeting = climbed
    if any(token.pos_ == "VERB" and token.lemma_.lower() not in _PRICING for token in way[1:]):
        return False
    return meeting.i in own or meeting.pos_ in {"NOUN", "PROPN"} or (meeting.pos_ == "VERB" and len(way) <= 3)


def _grouped(noun: Token) -> str:
    """ "two dozen", "a dozen", "hundreds": with the number or article just before."""
    before = noun.nbor(-1) if noun.i > noun.sent.start else None
    if before is not None and (before.like_num or before.lower_ in {"a", "several", "many"}):
        return f"{before.text} {noun.text}"
    return str(noun.text)

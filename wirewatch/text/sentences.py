"""Where sentences end, for who compares texts; what a sentence says is another matter (worker/extraction)."""

import re

# Begins with the sign that ends a sentence, not with a look back at it: so the search can leap from one to the next.
_END = re.compile(r"[.!?…\n](?:(?<=\n)\n*|(?<!\n)[\"”’»)]*\s+)")


def sentence_ends(text: str, start: int = 0) -> list[int]:
    """-> where a sentence and the space after it end: after a full stop with space, or at the end of a line; what
    stands last has no end.
    """
    return [match.end() for match in _END.finditer(text, start)]

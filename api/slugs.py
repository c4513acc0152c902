"""Ids that people can read, made from names."""

import re

from anyascii import anyascii

from wirewatch.errors import InvalidInputError

MAX_CHARS = 80


def slug_of(name: str) -> str:
    """ "Kim Jong Un" -> "kim-jong-un". Raises InvalidInputError for a name without letters or digits."""
    slug = re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")[:MAX_CHARS].rstrip("-")
    if not slug:
        raise InvalidInputError([("/id", "is needed, for none can be made from this name")])
    return slug

"""Taking out of a stored webhook body what it quotes of erased articles, whatever its shape."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from wirewatch.payload import encode

# A shorter string is a quotation only where it is the whole text or title; else it is a name or a number.
QUOTATION_CHARS = 20


class Redaction:
    """`erased` gives, by article id, all texts of the article."""

    def __init__(self, erased: Mapping[str, Sequence[str]]) -> None:
        self._ids = erased.keys()
        self._texts = [_plain(text) for texts in erased.values() for text in texts]

    def redact(self, body: bytes) -> bytes | None:
        """The JSON `body` without objects about erased articles and without strings that quote them; None: it has none.

        A body that is no JSON is taken to quote them, and emptied.
        """
        if not body:
            return None
        try:
            known = msgspec.json.decode(body)
        except msgspec.DecodeError:
            return b""
        redacted = self._apply(known)
        return None if redacted == known else encode(redacted)

    def _apply(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            # What says of which other article it is quotes that one, even where both have the same words.
            if _article_of(value, key) is not None:
                return value
            return {name: self._apply(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [self._apply(one, key) for one in value if not self._is_erased(one, key)]
        if isinstance(value, str) and self._is_quotation(value):
            return ""
        return value

    def _is_erased(self, value: Any, key: str) -> bool:
        if isinstance(value, str):
            return key == "article_ids" and value in self._ids
        if not isinstance(value, dict):
            return False
        listed = value.get("article_ids")
        if "quotes" in value and isinstance(listed, list):
            return any(id_ in self._ids for id_ in listed)
        return _article_of(value, key) in self._ids

    def _is_quotation(self, value: str) -> bool:
        plain = _plain(value)
        if len(plain) < QUOTATION_CHARS:
            return bool(plain) and plain in self._texts
        return any(plain in text for text in self._texts)


def _article_of(value: Mapping[str, Any], key: str) -> str | None:
    """The article that an object is about: evidence and places name it, claim ids begin with it (worker/claims)."""
    article_id = value.get("article_id")
    if article_id is None and key == "articles":
        article_id = value.get("id")
    if article_id is None and "quote" in value:
        article_id = str(value.get("id", "")).split(".", 1)[0]
    return str(article_id) if article_id else None


def _plain(text: str) -> str:
    return " ".join(text.split())

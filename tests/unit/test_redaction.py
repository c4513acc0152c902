"""Stored bodies forget erased articles and keep what they say of others."""

from typing import Any

import msgspec

from wirewatch.store.redaction import Redaction

SENTENCE = "The night ferry ran aground on a sandbank."
TEXTS = {"7": ["Ferry aground near Valdoria", f"{SENTENCE} Nobody was hurt."]}


def redacted(data: Any) -> Any:
    body = Redaction(TEXTS).redact(msgspec.json.encode(data))
    return data if body is None else msgspec.json.decode(body)


def test_what_is_about_the_article_goes() -> None:
    evidence = [{"article_id": "7", "text": "ferry"}, {"article_id": "8", "text": "ferry"}]
    told = {
        "evidence": evidence,
        "articles": [{"id": "7", "title": "Ferry aground near Valdoria"}, {"id": "8", "title": "x"}],
        "claims": [{"id": "7.1.0", "quote": SENTENCE}, {"id": "8.1.0", "quote": SENTENCE}],
        "article_ids": ["7", "8"],
        "conflicts": [{"sides": [{"article_ids": ["7", "8"], "quotes": [SENTENCE]}]}],
    }
    assert redacted(told) == {
        "evidence": evidence[1:],
        "articles": [{"id": "8", "title": "x"}],
        "claims": [{"id": "8.1.0", "quote": SENTENCE}],
        "article_ids": ["8"],
        "conflicts": [{"sides": []}],
    }


def test_a_string_that_quotes_it_goes_wherever_it_stands() -> None:
    assert redacted({"story": {"title": "Ferry aground  near Valdoria", "id": "3"}}) == {
        "story": {"title": "", "id": "3"}
    }
    assert redacted({"watch_name": "ferry"}) == {"watch_name": "ferry"}


def test_a_body_that_says_nothing_of_it_stays_byte_for_byte() -> None:
    redaction = Redaction(TEXTS)
    assert redaction.redact(b'{ "alerts": [] }') is None
    assert redaction.redact(b"") is None
    assert redaction.redact(b"no json") == b""

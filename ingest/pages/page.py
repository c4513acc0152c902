"""What was found on a page, and the bytes of one as text."""

import re
from dataclasses import dataclass
from typing import Literal

from wirewatch.seeding.encoding import decode

# What stands on a page in place of an article, and what a page may be other than one.
Verdict = Literal["article", "consent_wall", "paywall", "bot_check", "no_text", "not_html"]

MAX_HTML_CHARS = 4 * 1024 * 1024
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", ""})
SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image or a film"),
    (b"PK\x03\x04", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"<?xml-stylesheet", "a feed"),
    (b"<rss", "a feed"),
    (b"<feed", "a feed"),
)

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_NUL_IN_NARROW = re.compile(rb"(?<=[\t\n\r -\xff]{3})\0(?=[\t\n\r -\xff]{3})")


@dataclass(frozen=True, slots=True)
class Page:
    """An article as its page shows it. `verdict` says whether it is one; `detail`, in words, why not.

    `published_at` is ISO 8601, with a time only where the page gives one; None where it gives none or nonsense.
    `forbids_archive`: its robots meta element says noarchive.
    """

    verdict: Verdict
    text: str = ""
    detail: str = ""
    title: str | None = None
    author: str | None = None
    published_at: str | None = None
    canonical_url: str | None = None
    lang: str | None = None
    site_name: str | None = None
    forbids_archive: bool = False


def find_other_kind(body: bytes, content_type: str) -> str | None:
    """What an answer is where it is no page, in words; None for what may be one. Servers lie, so the bytes count."""
    head = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in PAGE_TYPES or head[:1] == b"<":
        return None
    return media_type[:80]


def decode_page(body: bytes, content_type: str = "") -> str | None:
    """The page as text, or None for binary data.

    UTF-8 wins over all labels, since text in another encoding almost never is valid UTF-8; then the header's charset,
    the page's own, and the likeliest. NULs are dropped where they stand alone.
    """
    body = _NUL_IN_NARROW.sub(b"", body)
    charset = _CHARSET.search(content_type)
    if charset and not _is_utf8(body):
        try:
            return _without_nul(body.decode(charset[1]))
        except (LookupError, UnicodeError):
            pass
    text = decode(body)
    return None if text is None else _without_nul(text)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _without_nul(text: str) -> str:
    return text.replace("\0", "")[:MAX_HTML_CHARS]

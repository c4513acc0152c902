"""Bytes of unknown origin become text, or are recognised as no text at all."""

import codecs
import re

from charset_normalizer import CharsetMatch, from_bytes

# UTF-32 first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What the web still serves. The full list of codecs lets a short text pass for an old DOS or Macintosh code page,
# and Baltic cp1257 claims much French.
LEGACY = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "iso8859_2", "koi8_r"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
]

# Western text reads equally well as cp1250 ("á reçu ŕ"); of equals, the commonest on the web is the better guess.
PREFERRED = "cp1252"
LATIN_1_NAMES = ("latin-1", "latin1", "iso-8859-1", "us-ascii")  # browsers read them as cp1252, so writers rely on it

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
DECLARED = re.compile(
    rb"""(?i)<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s{0,9}=\s{0,9}["']?([a-z0-9_:.-]{1,40})"""
)
DECLARED_WITHIN_BYTES = 2048
CONTROL_SHARE = 0.01


def decode(raw: bytes) -> str | None:
    """The text of a file without its byte order mark, or None for binary data.

    UTF-8 is tried first because text in another encoding almost never is valid UTF-8; then the encoding that the file
    declares (`<meta charset>`), and then the likeliest legacy encoding by charset-normalizer.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return _decode_as(encoding, raw[len(mark) :])
    for encoding in ("utf-8", *_declared(raw)):
        if (text := _decode_as(encoding, raw)) is not None:
            return text
    if b"\0" in raw:
        return None
    likeliest = _guess(raw)
    return _plain(str(likeliest)) if likeliest else None


def guess_encoding(raw: bytes) -> str | None:
    """The name of the likeliest legacy encoding of a text; None where it is in none of them."""
    likeliest = _guess(raw)
    return likeliest.encoding if likeliest else None


def _guess(raw: bytes) -> CharsetMatch | None:
    matches = list(from_bytes(raw, cp_isolation=LEGACY, preemptive_behaviour=False))
    return max(matches, key=_likelihood, default=None)


def _declared(raw: bytes) -> list[str]:
    found = DECLARED.search(raw[:DECLARED_WITHIN_BYTES])
    if not found:
        return []
    name = found[1].decode("ascii").lower()
    return [PREFERRED if name in LATIN_1_NAMES else name]


def _decode_as(encoding: str, raw: bytes) -> str | None:
    try:
        return _plain(raw.decode(encoding))
    except (UnicodeError, LookupError):
        return None


def _plain(text: str) -> str | None:
    """The text, unless NUL or many control characters show that it is none."""
    controls = len(CONTROL.findall(text))
    return None if "\0" in text or controls > 1 + CONTROL_SHARE * len(text) else text


def _likelihood(match: CharsetMatch) -> tuple[float, float, bool]:
    return -match.chaos, match.coherence, PREFERRED in match.could_be_from_charset

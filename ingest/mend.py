"""XML that feedparser would stumble over, made fit for it, and the truth about its encoding."""

import re
from codecs import lookup
from html.entities import html5

from ingest.xml_bounds import MAX_BROKEN_MARKS

# How a document in UTF-32 or UTF-16 begins: with its mark, or without one with a less-than sign or white space.
MARKS = {
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}
FIRST_SIGNS = re.compile(
    rb"(?P<utf_32_le>[<\s]\0\0\0)|(?P<utf_32_be>\0\0\0[<\s])|(?P<utf_16_le>[<\s]\0)|(?P<utf_16_be>\0[<\s])"
)
# Of what comes then, a stray NUL in a narrow document is a smaller part.
NUL_SHARE = 0.25
LOOKED_AT = 64

_SUBSET = re.compile(rb"<!DOCTYPE[^\[>]*\[")
_SUBSET_END = re.compile(rb"\]\s*>")
_REFERENCE = re.compile(rb"&#([xX][0-9a-fA-F]+|[0-9]+);?")
_NAMED = re.compile(rb"&([A-Za-z_:][A-Za-z0-9._:-]{0,40});")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"'>]{0,100})[\"'][^>]*>")
# Encodings in which plain letters are a spelling of other characters.
_HIDING = frozenset({"utf_7", "unicode_escape", "raw_unicode_escape", "punycode", "idna"})
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\x1b")  # escape switches Japanese character sets
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def mend_xml(body: bytes) -> bytes:
    """In UTF-8 where it was wider, without declared entities, and without characters and references that no XML may
    hold: feedparser expands the first, and at one of the others gives up all.
    """
    body = _with_usable_encoding(narrow(body))
    start = body.find(b"<!DOCTYPE")
    subset = _SUBSET.match(body, start) if start >= 0 else None
    if subset:
        end = _SUBSET_END.search(body, subset.end())
        body = body[:start] + (body[end.end() :] if end else b"")
    body = body.replace(b"<!ENTITY", b"<!entity")  # what hid behind that declaration is none in small letters
    if body.count(b"&") > MAX_BROKEN_MARKS:  # so many would take too long to mend
        return body
    if b"\x1b" not in body:  # else a part of a character may look like a reference
        body = _NAMED.sub(_numbered, body)
    return _REFERENCE.sub(_valid_reference, body.translate(None, delete=_CONTROLS))


def narrow(body: bytes) -> bytes:
    """UTF-16 and UTF-32 as UTF-8; anything else as it is."""
    codec = next((codec for mark, codec in MARKS.items() if body.startswith(mark)), None) or _find_unmarked(body)
    return body.decode(codec, "replace").lstrip("\ufeff").encode("utf-8", "replace") if codec else body


def _find_unmarked(body: bytes) -> str | None:
    start = body[:LOOKED_AT]
    first = FIRST_SIGNS.match(start)
    return first.lastgroup if first and start.count(0) > NUL_SHARE * len(start) else None


def _numbered(reference: re.Match[bytes]) -> bytes:
    """HTML's names for characters as numbers, and names that nobody knows as they are written: XML leaves both out, or
    gives up.
    """
    name = reference[1].decode("ascii")
    if name in _XML_NAMES:
        return reference[0]
    characters = html5.get(f"{name};")
    return "".join(f"&#{ord(one)};" for one in characters).encode() if characters else b"&amp;%s;" % reference[1]


def _valid_reference(reference: re.Match[bytes]) -> bytes:
    digits = reference[1]
    if len(digits) <= 8:
        code = int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
        if code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0x110000:
            return reference[0]
    return b"&#xFFFD;"


def media_type(body: bytes, content_type: str) -> str:
    """What to tell feedparser of the encoding, as a Content-Type.

    Servers and authors are often wrong about it: what is UTF-8 from first to last is UTF-8 (but for Japanese in ASCII,
    told by its escapes); else the header's charset counts, and without one the document's own declaration.
    """
    charset = _CHARSET.search(content_type)
    if charset and not _is_usable(charset[1], b"<"):
        charset = None
    if b"\x1b" not in body and _is_utf8(body):
        return "application/xml; charset=utf-8"
    return f"application/xml; charset={charset[1]}" if charset else "application/xml"


def _with_usable_encoding(body: bytes) -> bytes:
    """Without an XML declaration that is written in another encoding than it declares, or declares what is none."""
    declaration = _DECLARATION.match(body)
    if declaration is None or _is_usable(declaration[1].decode("latin-1"), declaration[0]):
        return body
    return body[declaration.end() :]


def _is_usable(encoding: str, sample: bytes) -> bool:
    """Whether ASCII means itself in it, and nothing else is hidden in that."""
    try:
        name = lookup(encoding).name.replace("-", "_")
        return name not in _HIDING and sample.decode(encoding) == sample.decode("ascii")
    except (LookupError, UnicodeError, ValueError):
        return False


def _is_utf8(body: bytes) -> bool:
    try:
        return bool(body.decode("utf-8"))
    except UnicodeDecodeError:
        return False

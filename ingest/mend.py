"""XML that feedparser would stumble over, made fit for it, and the truth about its encoding."""

import re
from codecs import lookup
from collections.abc import Callable
from html.entities import html5
from itertools import islice

from ingest.xml_bounds import MAX_BROKEN_MARKS
from wirewatch.seeding.encoding import guess_encoding

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
# Entities whose value is text, or text with references to characters: what a bomb is made of is none of these.
_ENTITY = re.compile(
    rb"<!ENTITY\s+([A-Za-z_:][A-Za-z0-9._:-]{0,40})\s+"
    rb"(?:\"((?:[^\"&%]|&#[xX]?[0-9a-fA-F]{1,7};){0,1000})\"|'((?:[^'&%]|&#[xX]?[0-9a-fA-F]{1,7};){0,1000})')\s*>"
)
MAX_ENTITIES = 300
MAX_EXPANSION_BYTES = 512 * 1024  # of all that are named in a document
_REFERENCE = re.compile(rb"&#([xX][0-9a-fA-F]+|[0-9]+);?")
_NAMED = re.compile(rb"&([A-Za-z_:][A-Za-z0-9._:-]{0,40});")
_BARE_AMPERSAND = re.compile(rb"&(?!(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z_:][A-Za-z0-9._:-]{0,40});)")
_CDATA = b"<![CDATA["
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"'>]{0,100})[\"'][^>]*>")
# Encodings in which plain letters are a spelling of other characters.
_HIDING = frozenset({"utf_7", "unicode_escape", "raw_unicode_escape", "punycode", "idna"})
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\x1b")  # escape switches Japanese character sets
_FOREIGN = re.compile(rb"[^<>\x80-\xff]*[\x80-\xff][^<>]*")
GUESSED_FROM_BYTES = 64 * 1024
# Of characters beyond ASCII; in other encodings next to none looks like UTF-8.
RIGHT_FOR_ONE_WRONG = 3
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def mend_xml(body: bytes) -> bytes:
    """In UTF-8 where it was wider, with plain declared entities in place and no others, and without characters and
    references that no XML may hold: feedparser expands all of the first, and at one of the others gives up all.
    """
    body, declared = _without_subset(_with_usable_encoding(narrow(body)))
    body = body.replace(b"<!ENTITY", b"<!entity")  # what hid behind that declaration is none in small letters
    if body.count(b"&") > MAX_BROKEN_MARKS:  # so many would take too long to mend
        return body
    body = body.translate(None, delete=_CONTROLS)
    if b"\x1b" in body:  # a part of a character may look like a reference
        return _REFERENCE.sub(_valid_reference, body)
    names = _Names(declared)
    return _outside_cdata(body, lambda text: _mend_references(text, names))


def _outside_cdata(body: bytes, mend: Callable[[bytes], bytes]) -> bytes:
    """What stands in CDATA means itself."""
    first, *others = body.split(_CDATA)
    parts = (part.partition(b"]]>") for part in others)
    return _CDATA.join((mend(first), *(inside + end + mend(text) for inside, end, text in parts)))


def _mend_references(text: bytes, names: "_Names") -> bytes:
    if b"&" not in text:
        return text
    text = _REFERENCE.sub(_valid_reference, _NAMED.sub(names.replace, text))
    return _BARE_AMPERSAND.sub(b"&amp;", text)


def narrow(body: bytes) -> bytes:
    """UTF-16 and UTF-32 as UTF-8, and UTF-8 without what is none in it; anything else as it is."""
    codec = next((codec for mark, codec in MARKS.items() if body.startswith(mark)), None) or _find_unmarked(body)
    if codec is None and _is_nearly_utf8(body):
        codec = "utf-8"
    return body.decode(codec, "replace").lstrip("\ufeff").encode("utf-8", "replace") if codec else body


def _is_nearly_utf8(body: bytes) -> bool:
    """Whether it is UTF-8 but for a character cut in two or a byte from elsewhere, which must not spoil the rest."""
    if _is_utf8(body):
        return False
    text = body.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - wrong
    return wrong * RIGHT_FOR_ONE_WRONG <= right


def _find_unmarked(body: bytes) -> str | None:
    start = body[:LOOKED_AT]
    first = FIRST_SIGNS.match(start)
    return first.lastgroup if first and start.count(0) > NUL_SHARE * len(start) else None


def _without_subset(body: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """The document without its own declarations, and the plain entities among these."""
    start = body.find(b"<!DOCTYPE")
    subset = _SUBSET.match(body, start) if start >= 0 else None
    if not subset:
        return body, {}
    end = _SUBSET_END.search(body, subset.end())
    declared = islice(_ENTITY.finditer(body, subset.end(), end.start() if end else len(body)), MAX_ENTITIES)
    plain = {found[1]: found[2] if found[2] is not None else found[3] for found in declared}
    return body[:start] + (body[end.end() :] if end else b""), plain


class _Names:
    """What is put in place of named references. HTML's names for characters become numbers, and names that nobody knows
    stay as they are written: XML leaves both out, or gives up.
    """

    def __init__(self, declared: dict[bytes, bytes]) -> None:
        self._declared, self._left_bytes = declared, MAX_EXPANSION_BYTES

    def replace(self, reference: re.Match[bytes]) -> bytes:
        name = reference[1].decode("ascii")
        if name in _XML_NAMES:
            return reference[0]
        declared = self._declared.get(reference[1])
        if declared is not None and len(declared) <= self._left_bytes:
            self._left_bytes -= len(declared)
            return declared
        characters = html5.get(f"{name};")
        return "".join(f"&#{ord(one)};" for one in characters).encode() if characters else b"&amp;%s;" % reference[1]


def _valid_reference(reference: re.Match[bytes]) -> bytes:
    digits = reference[1]
    if len(digits) <= 8:
        code = int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
        if code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0x110000:
            return b"&#%s;" % digits
    return b"&#xFFFD;"


def media_type(body: bytes, content_type: str) -> str:
    """What to tell feedparser of the encoding, as a Content-Type.

    Servers and authors are often wrong about it: what is UTF-8 from first to last is UTF-8 (but for Japanese in ASCII,
    told by its escapes); else the header's charset counts, without one the document's own declaration, and without
    that the likeliest.
    """
    charset = _CHARSET.search(content_type)
    if charset and not _is_usable(charset[1], b"<"):
        charset = None
    if b"\x1b" not in body and _is_utf8(body):
        return "application/xml; charset=utf-8"
    name = charset[1] if charset else None if _DECLARATION.match(body) else _guess(body)
    return f"application/xml; charset={name}" if name else "application/xml"


def _guess(body: bytes) -> str | None:
    """From the texts that are not all ASCII, for the markup around them is."""
    return guess_encoding(b"\n".join(_FOREIGN.findall(body[:GUESSED_FROM_BYTES])))


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

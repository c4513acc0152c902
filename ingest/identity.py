"""What makes two submissions the same article: one source's own id, one address, or one content."""

import hashlib
import re
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from wirewatch.store.sources import NewSource

# Added by those who share or advertise a link; none of them chooses what is shown.
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_", "at_")
TRACKING_NAMES = frozenset(
    (
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid"),
        *("yclid", "ymclid", "twclid", "ttclid", "igshid", "igsh", "mc_cid"),
        *("mc_eid", "_hsenc", "_hsmi", "mkt_tok", "oly_anon_id", "oly_enc_id", "vero_id"),
        *("wickedid", "s_cid", "cmpid", "ncid", "ocid", "smid", "smtyp"),
        *("cmp", "ito", "xtor", "sr_share", "spm", "ref_src", "ref_url"),
        *(
            "feature_share",
            "guccounter",
            "guce_referrer",
            "guce_referrer_sig",
            "__twitter_impression",
            "amp",
            "outputtype",
        ),
        *("_gl", "_ga"),
    )
)
MOBILE_LABELS = ("www.", "m.", "mobile.", "amp.", "touch.")
AMP_PATH = re.compile(r"^/amp(?=/.)|/amp/?$|\.amp(?=\.html?$)|\.amp$", re.IGNORECASE)
AMP_CACHE = re.compile(
    r"https?://(?:www\.google\.[a-z.]{2,6}/amp/(?:s/)?|[a-z0-9-]+\.cdn\.ampproject\.org/[a-z](?:/s)?/(?!s/))(?=[^/]+\.)(.+)",
    re.IGNORECASE,
)
NO_URL_CHARS = re.compile(r"[\x00-\x20\x7f]")
PATH_CHARS = ":@!$&'()*+,;=~"
DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=2048)  # asked for twice: to check an address, and for the identity
def canonical_url(url: str) -> str:
    """The form that all addresses of one page share; for comparing, not for fetching.

    Folds: scheme http and https, case and encoding of the host, default port, `www.`, mobile and AMP forms, fragment,
    tracking parameters, the order of the others, percent-encoding and the last slash. Raises ValueError for what is no
    absolute http(s) address.
    """
    parts = _behind_cache(url)
    host = fold_host(parts.hostname or "")
    if parts.port is not None and parts.port != DEFAULT_PORTS[parts.scheme.lower()]:
        host = f"{host}:{parts.port}"
    path = AMP_PATH.sub("", "/".join(_encode_once(segment) for segment in parts.path.split("/")))
    query = urlencode(sorted(_telling(parts)), errors="surrogateescape")
    return f"//{host}{path.rstrip('/')}" + (f"?{query}" if query else "")


def split_address(url: str) -> SplitResult:
    """Raises ValueError for what is no absolute http(s) address."""
    if NO_URL_CHARS.search(url):
        raise ValueError("must not contain spaces or control characters")
    parts = urlsplit(url)
    _ = parts.port  # raises where it is none
    if parts.scheme.lower() not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError("must be an absolute http or https address")
    return parts


def _behind_cache(url: str) -> SplitResult:
    """The page of which this is an AMP cache's copy; any other address as it is."""
    cached = AMP_CACHE.match(url)
    if cached:
        with suppress(ValueError):  # it only looks like a copy
            return split_address(f"https://{cached[1]}")
    return split_address(url)


def _encode_once(segment: str) -> str:
    return quote(unquote(segment, errors="surrogateescape"), PATH_CHARS, errors="surrogateescape")


def _telling(parts: SplitResult) -> list[tuple[str, str]]:
    """The parameters that choose what is shown."""
    pairs = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    return [pair for pair in pairs if not _is_tracking(pair[0].lower())]


def _is_tracking(name: str) -> bool:
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)


@lru_cache(maxsize=4096)
def fold_host(host: str) -> str:
    """A publisher's host without what tells only its mobile or AMP edition apart."""
    host = host.lower().rstrip(".")
    with suppress(UnicodeError):  # not a valid international name; equal spellings still compare equal
        host = host.encode("idna").decode("ascii")
    for label in MOBILE_LABELS:
        rest = host.removeprefix(label)
        if rest != host and "." in rest:
            return rest
    return host


def source_of(name: str | None, domain: str | None, url: str | None) -> NewSource | None:
    """By domain, else by the address's host, else by name; None: nothing tells who published."""
    host = fold_host(domain) if domain else _host_of(url)
    if host:
        return NewSource(f"domain:{host}", name or host, host)
    if name:
        return NewSource(f"name:{' '.join(name.split()).casefold()}", name, None)
    return None


def _host_of(url: str | None) -> str | None:
    return fold_host(urlsplit(url).hostname or "") if url else None


def identity_of(
    source: NewSource | None, external_id: str | None, url: str | None, content: bytes, published_at: datetime | None
) -> bytes:
    """SHA-256 of the first that applies: (source, external_id); canonical URL; (source, content, published_at)."""
    key = source.key if source else ""
    if external_id:
        return digest("external", key, external_id)
    if url:
        return digest("url", canonical_url(url))
    published = published_at.astimezone(UTC).isoformat() if published_at else ""
    return digest("content", key, content.hex(), published)


def content_hash_of(title: str, text: str) -> bytes:
    return digest("article", title, text)


def digest(*parts: str) -> bytes:
    """SHA-256 of parts that hold no NUL, which therefore can divide them."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).digest()

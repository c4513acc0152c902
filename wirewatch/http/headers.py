"""The headers of an outgoing request: which the client sets itself, and which may follow a redirect elsewhere."""

from wirewatch.errors import FetchError
from wirewatch.http.body import ACCEPT_ENCODING
from wirewatch.http.targets import Target
from wirewatch.http.values import Headers, Request

USER_AGENT = "Wirewatch/0.1"

_OWN = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "upgrade", "te"})
# What may follow a redirect to another origin; anything else may be a secret meant for the first.
_HARMLESS = frozenset({"user-agent", "accept", "accept-language", "if-none-match", "if-modified-since", "a-im"})

RawHeaders = list[tuple[bytes, bytes]]


def complete_headers(request: Request) -> Headers:
    """The caller's headers with a user agent. Raises FetchError for those that only the client may set."""
    names = {name.lower() for name, _ in request.headers}
    if names & _OWN:
        raise FetchError(f"the header {', '.join(sorted(names & _OWN))} is set by the client alone")
    return request.headers if "user-agent" in names else (("User-Agent", USER_AGENT), *request.headers)


def without_secrets(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() in _HARMLESS)


def encode_headers(headers: Headers, request: Request, target: Target) -> RawHeaders:
    own = [("Host", target.authority), ("Accept-Encoding", ACCEPT_ENCODING)]
    if request.body or request.method not in {"GET", "HEAD"}:
        own.append(("Content-Length", str(len(request.body))))
    try:
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in (*own, *headers)]
    except UnicodeEncodeError as error:
        raise FetchError("a header holds characters that HTTP cannot carry") from error


def decode_headers(raw: RawHeaders) -> Headers:
    return tuple((_text(name), _text(value)) for name, value in raw)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")  # redirects to non-ASCII paths come so, whatever the standard says
    except UnicodeDecodeError:
        return raw.decode("latin-1")

"""What a URL means to the outgoing client: read once, by one parser, the same when it is saved and when it is used."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

import httpx

from wirewatch.errors import RefusedAddressError
from wirewatch.http.addresses import Address

DEFAULT_PORTS = {"http": 80, "https": 443}
URL_CHARACTERS = 8192
# An endpoint's URL is read for each of its deliveries, which costs a tenth of one.
REMEMBERED_URLS = 1024

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# No real name ends so, but C libraries read such hosts as addresses: 2130706433, 0x7f.1, 0177.0.0.1
_NUMERIC_END = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")


Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: `host` is an ASCII name or a plain address, `path` holds the query too."""

    scheme: str
    host: str
    port: int
    path: str
    address: Address | None

    @property
    def origin(self) -> Origin:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The Host header's value."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@lru_cache(REMEMBERED_URLS)
def parse_target(url: str) -> Target:
    """Reads an absolute http or https URL.

    Raises RefusedAddressError for other schemes, credentials, and hosts that are neither a name nor an address in its
    plain spelling. Whether the address may be reached is not decided here.
    """
    parsed = _parse(url)
    if parsed.scheme not in DEFAULT_PORTS:
        raise RefusedAddressError(f"only http and https URLs can be used, not {parsed.scheme or 'none'!r}")
    if parsed.userinfo:
        raise RefusedAddressError("a URL must not hold credentials")
    host = parsed.raw_host.decode("ascii").removesuffix(".")
    address = _find_address(host)
    if address is None and (len(host) > 253 or not _NAME.fullmatch(host) or _NUMERIC_END.fullmatch(host)):
        raise RefusedAddressError(f"{host!r} is neither a host name nor a plainly written address")
    port = DEFAULT_PORTS[parsed.scheme] if parsed.port is None else parsed.port
    if not 1 <= port <= 65535:
        raise RefusedAddressError(f"{port} is not a port")
    return Target(parsed.scheme, host, port, parsed.raw_path.decode("ascii"), address)


def _parse(url: str) -> httpx.URL:
    if len(url) > URL_CHARACTERS:
        raise RefusedAddressError(f"the URL is longer than {URL_CHARACTERS} characters")
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise RefusedAddressError(f"not a URL: {error}") from error


def _find_address(host: str) -> Address | None:
    if "%" in host:  # a zone, which only means something inside this machine's own networks
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None

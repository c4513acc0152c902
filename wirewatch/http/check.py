"""Checking a URL when it is saved, so that its owner hears of a mistake then and not from a failed delivery."""

from collections.abc import Sequence

from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http.addresses import Address, Network, is_permitted_port
from wirewatch.http.connect import decide_addresses, resolve_in_thread
from wirewatch.http.targets import DEFAULT_PORTS, parse_target

RESOLVE_SECONDS = 3.0


def check_url(url: str, allow: Sequence[Network]) -> None:
    """Raises RefusedAddressError if the outgoing client would refuse this URL now. Blocks up to RESOLVE_SECONDS.

    A name that cannot be resolved passes: it may be tomorrow's, and every use decides anew.
    """
    target = parse_target(url)
    found = [target.address] if target.address is not None else _resolve_briefly(target.host)
    decide_addresses(target.host, target.port, found, allow)
    if not found and not is_permitted_port(target.port):
        raise RefusedAddressError(f"port {target.port} is not open to outgoing requests")


def check_host(host: str, allow: Sequence[Network]) -> None:
    """Raises RefusedAddressError if this name or address leads where the outgoing client may not go."""
    for address in _resolve_briefly(host):
        decide_addresses(host, DEFAULT_PORTS["https"], [address], allow)


def _resolve_briefly(host: str) -> list[Address]:
    try:
        return resolve_in_thread(host).result(timeout=RESOLVE_SECONDS)
    except (FetchError, TimeoutError):
        return []

"""Which addresses and ports the outgoing client may reach. Pure decisions, asked again at every connect.

`ipaddress.is_global` is not enough: it lets 6to4 (2002::/16), NAT64 and multicast through, and its answers change
with the Python version. So the refused networks stand here: the IANA special-purpose registries (RFC 6890), plus what
clouds hide behind public numbers.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REFUSED_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's platform service answers on this public number
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Everything outside global unicast is refused as a whole: unspecified, loopback, IPv4-mapped and -compatible,
# NAT64 (64:ff9b::/96, 64:ff9b:1::/48), unique local, link-local, site-local, multicast and what is not yet assigned.
GLOBAL_UNICAST_IPV6 = IPv6Network("2000::/3")
REFUSED_IPV6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, among them Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)

# Below 1024 only the ports of HTTP; above, what is known to speak something else (the fetch standard's list and
# databases), because a request that some parser reads as commands is an attack even on a public address.
WELL_KNOWN_PORTS = frozenset({80, 443})
REFUSED_HIGH_PORTS = frozenset(
    {1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 3306, 3389, 3659, 4045, 4190, 4444, 5060, 5061, 5432, 5672}
    | {5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 10080, 11211, 27017}
)


def find_refusal(address: Address, port: int, allow: Sequence[Network]) -> str | None:
    """Why this address and port may not be reached; None if they may.

    An address inside one of the `allow` networks may be reached on any port. An IPv4 network there does not cover the
    IPv6 spellings of its addresses.
    """
    if any(address.version == network.version and address in network for network in allow):
        return None
    if not is_public(address):
        return f"the address {address} is not public"
    if not is_permitted_port(port):
        return f"port {port} is not open to outgoing requests"
    return None


def is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in REFUSED_IPV4)
    if address.scope_id is not None or address not in GLOBAL_UNICAST_IPV6:
        return False
    return not any(address in network for network in REFUSED_IPV6)


def is_permitted_port(port: int) -> bool:
    """80, 443 and 1024 to 65535 without those known to speak something other than HTTP."""
    return port in WELL_KNOWN_PORTS or (1024 <= port <= 65535 and port not in REFUSED_HIGH_PORTS)

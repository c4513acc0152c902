"""Every public address is reachable, and none that is not: in a network namespace in which all of them are here."""

import json
import random
import shutil
import subprocess
import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest

from wirewatch.http.addresses import GLOBAL_UNICAST_IPV6, REFUSED_IPV4, REFUSED_IPV6, is_public

ROOT = Path(__file__).parents[3]
NAMESPACE = ("unshare", "--net", "--map-root-user")
RANDOM_ADDRESSES = 500
PUBLIC = {"1.1.1.1", "8.8.8.8", "9.9.9.9", "100.128.0.1", "172.32.0.1", "192.169.0.1", "2606:4700:4700::1111"}
INNER = {"10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "172.16.0.1", "192.168.0.1", "::1", "fd00::1"}
INNER |= {"2002:a00:1::1", "64:ff9b::a00:1", "2001::1"}


def why_not() -> str | None:
    """Why there can be no namespace here."""
    for program in ("unshare", "ip"):
        if shutil.which(program) is None:
            return f"{program} is not on this machine"
    tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip() or "namespaces are not permitted here" if tried.returncode else None


def sample() -> list[str]:
    """The edges of every refused network from both sides, and addresses from everywhere."""
    chosen = random.Random(7)
    edges = [int(network[place]) + step for network in REFUSED_IPV4 for place in (0, -1) for step in (-1, 0, 1)]
    edges6 = [
        int(network[place]) + step
        for network in (*REFUSED_IPV6, GLOBAL_UNICAST_IPV6)
        for place in (0, -1)
        for step in (-1, 0, 1)
    ]
    found = [IPv4Address(number) for number in edges if 0 <= number < 2**32]
    found += [IPv4Address(chosen.getrandbits(32)) for _ in range(RANDOM_ADDRESSES)]
    found6 = [IPv6Address(number) for number in edges6]
    found6 += [IPv6Address(int(GLOBAL_UNICAST_IPV6[0]) + chosen.getrandbits(125)) for _ in range(RANDOM_ADDRESSES)]
    return [str(one) for one in dict.fromkeys([*found, *found6])] + sorted(PUBLIC | INNER)


def test_every_public_address_is_reached_and_no_other() -> None:
    reason = why_not()
    if reason:
        pytest.skip(f"no network namespace, so that public addresses stay untried here: {reason}")
    addresses = sample()
    done = subprocess.run(
        [*NAMESPACE, sys.executable, "-m", "tests.integration.http.namespace"],
        cwd=ROOT,
        input="\n".join(addresses),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    reached = set(json.loads(done.stdout))
    assert reached == {one for one in addresses if is_public(ip_address(one))}
    assert reached >= PUBLIC
    assert reached.isdisjoint(INNER)
    assert len(reached) > RANDOM_ADDRESSES

"""Every spelling of an inner address against a canary that listens on all of this machine's addresses."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from tests.integration.http.servers import Canary, redirect, scripted
from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http import Address, Limits, OutgoingClient, Request, check_url

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]

SPELLINGS = Path(__file__).with_name("spellings.txt").read_text(encoding="utf-8").split()
INVENTED = {
    "private.test": ["10.0.0.1"],
    "loopback.test": ["127.0.0.1"],
    "loopback6.test": ["::1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "mixed.test": ["8.8.8.8", "127.0.0.1"],
    "mixed-first.test": ["127.0.0.1", "8.8.8.8"],
    "mixed6.test": ["2606:4700::1", "::1"],
    "nat64.test": ["64:ff9b::7f00:1"],
    "unspecified.test": ["0.0.0.0"],
    "unspecified6.test": ["::"],
}


@pytest.fixture
def canary() -> Iterator[Canary]:
    with Canary() as running:
        yield running


def own_addresses() -> list[str]:
    found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
    return sorted({str(info[4][0]) for info in found})


async def invent(host: str) -> list[Address]:
    return [ip_address(text) for text in INVENTED[host]]


def try_all(urls: list[str]) -> dict[str, str]:
    """URL -> the kind of error, or what was answered."""

    async def try_one(client: OutgoingClient, url: str) -> str:
        try:
            response = await client.fetch(Request(url, limits=Limits(total_seconds=5)))
        except (RefusedAddressError, FetchError) as error:
            return type(error).__name__
        return response.body.decode()

    async def run() -> dict[str, str]:
        async with OutgoingClient() as client:
            return {url: await try_one(client, url) for url in urls}

    return asyncio.run(run())


def test_no_spelling_of_an_inner_address_reaches_the_canary(canary: Canary) -> None:
    hosts = [*SPELLINGS, *(f"[{a}]" if ":" in a else a for a in own_addresses()), socket.gethostname()]
    assert len(hosts) >= 100
    urls = [f"http://{host}:{canary.port}/" for host in hosts]
    outcomes = try_all(urls)
    assert canary.reached == 0
    unresolved = {url for url, outcome in outcomes.items() if outcome == "FetchError"}
    assert set(outcomes.values()) <= {"RefusedAddressError", "FetchError"}
    assert all("localhost" in url.lower() or "ip6-" in url for url in unresolved), unresolved


def test_the_canary_is_reachable_by_these_spellings_without_the_client(canary: Canary) -> None:
    reached = set()
    for host in SPELLINGS:
        with suppress(OSError, UnicodeError), socket.create_connection((host.strip("[]"), canary.port), timeout=0.2):
            reached.add(host)
    assert len(reached) >= 25
    assert {"127.1", "2130706433", "0x7f000001", "017700000001", "[::1]", "[::ffff:127.0.0.1]", "localhost"} <= reached


def test_names_that_resolve_to_inner_addresses_are_refused(canary: Canary) -> None:
    async def run() -> None:
        async with OutgoingClient(resolve=invent) as client:
            for host in INVENTED:
                with pytest.raises(RefusedAddressError):
                    await client.fetch(Request(f"http://{host}:{canary.port}/"))

    asyncio.run(run())
    assert canary.reached == 0


def test_a_name_is_decided_on_at_every_connect_and_not_asked_twice(canary: Canary) -> None:
    """Rebinding: the first answer is allowed, the next is not. Were the name asked again to connect, it would go in."""
    answers = iter(["127.0.0.1", "127.0.0.2"])
    asked = []

    async def rebind(host: str) -> list[Address]:
        asked.append(host)
        return [ip_address(next(answers))]

    async def run() -> None:
        async with OutgoingClient([ip_network("127.0.0.1/32")], resolve=rebind) as client:
            request = Request(f"http://rebind.test:{canary.port}/")
            assert (await client.fetch(request)).body == b"canary"
            with pytest.raises(RefusedAddressError):
                await client.fetch(request)

    asyncio.run(run())
    assert asked == ["rebind.test", "rebind.test"]
    assert canary.reached == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_into_inner_addresses_are_refused(canary: Canary, status: int) -> None:
    hosts = ["127.0.0.2", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "localhost", "user@127.0.0.1"]
    locations = [f"http://{host}:{canary.port}/" for host in hosts] + [
        f"//127.0.0.2:{canary.port}/",
        "file:///etc/passwd",
    ]

    async def run() -> None:
        paths = {f"/{n}": redirect(status, location) for n, location in enumerate(locations)}
        async with (
            scripted(dict(paths)) as server,
            OutgoingClient([ip_network("127.0.0.1/32")], resolve=local) as client,
        ):
            for path in paths:
                with pytest.raises(RefusedAddressError):
                    await client.fetch(Request(server.url + path, limits=Limits(redirects=5)))

    async def local(host: str) -> list[Address]:
        return [ip_address("127.0.0.3")]

    asyncio.run(run())
    assert canary.reached == 0


def test_the_environment_cannot_put_a_proxy_in_between(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
        monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{canary.port}")
    assert try_all(["http://127.0.0.1:9/", "http://nowhere.invalid/", "https://nowhere.invalid/"]) == {
        "http://127.0.0.1:9/": "RefusedAddressError",
        "http://nowhere.invalid/": "FetchError",
        "https://nowhere.invalid/": "FetchError",
    }
    assert canary.reached == 0


def test_allowed_networks_are_reachable_by_address_and_by_name(canary: Canary) -> None:
    async def run() -> None:
        async with OutgoingClient(LOOPBACK) as client:
            for host in ("127.0.0.1", "127.0.0.2", "[::1]", "localhost"):
                assert (await client.fetch(Request(f"http://{host}:{canary.port}/"))).body == b"canary"

    asyncio.run(run())
    assert canary.reached == 4


def test_urls_are_checked_when_they_are_saved() -> None:
    for host in SPELLINGS:
        if "localhost" in host.lower() or "ip6-" in host:
            continue  # unresolvable here, perhaps; decided at every use
        with pytest.raises(RefusedAddressError):
            check_url(f"http://{host}:8080/", ())
    for url in ("http://localhost:8080/", "http://8.8.8.8:25/", "http://nowhere.invalid:25/", "ftp://8.8.8.8/"):
        with pytest.raises(RefusedAddressError):
            check_url(url, ())
    check_url("https://8.8.8.8/hook", ())
    check_url("https://nowhere.invalid/hook", ())
    check_url("http://localhost:25/hook", LOOPBACK)

"""Connecting: the name is resolved here, every address of the answer is decided on, and exactly those are dialled.

Deciding any earlier, or leaving the name to the socket, would let a name change its address in between (rebinding).
TLS and the Host header still use the name, since they take it from the request and not from the connection.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from ipaddress import ip_address
from threading import Thread

from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http.addresses import Address, Network, find_refusal
from wirewatch.http.connection import Connection
from wirewatch.http.targets import Target

Resolve = Callable[[str], Awaitable[list[Address]]]

DIALLED_ADDRESSES = 4
ERROR_CHARS = 500


async def resolve_name(host: str) -> list[Address]:
    """All addresses of a name as the system knows them. Raises FetchError if it has none."""
    return await asyncio.wrap_future(resolve_in_thread(host))


def resolve_in_thread(host: str) -> Future[list[Address]]:
    """Resolves in a thread of its own: the name of a dead host blocks one for as long as the system's resolver waits.

    In a pool such names would hold up others, and the process when it stops; the loop's pool is the store's, too.
    """
    future = Future[list[Address]]()

    def resolve() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(_resolve(host))
        except Exception as error:  # noqa: BLE001 (raised where the result is awaited)
            future.set_exception(error)

    Thread(target=resolve, name=f"resolve {host}", daemon=True).start()
    return future


def _resolve(host: str) -> list[Address]:
    try:
        # As bytes, because for a str Python would first apply an old version of IDNA to the name.
        found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"the name {host} cannot be resolved: {error}") from error
    return list(dict.fromkeys(ip_address(str(sockaddr[0])) for *_, sockaddr in found))


def decide_addresses(host: str, port: int, found: Sequence[Address], allow: Sequence[Network]) -> list[Address]:
    """The addresses to dial, in the order of the answer.

    One refused address refuses the whole answer: who mixes public with private ones is not to be trusted with either.
    """
    for address in found:
        reason = find_refusal(address, port, allow)
        if reason:
            raise RefusedAddressError(reason if str(address) == host else f"{host}: {reason}")
    return list(found[:DIALLED_ADDRESSES])


class Dialler:
    """Opens the connections of the outgoing client; sockets of the file system are out of its reach."""

    def __init__(self, allow: Sequence[Network], resolve: Resolve, tls: ssl.SSLContext) -> None:
        self._allow, self._resolve, self._tls = tuple(allow), resolve, tls

    async def connect(self, target: Target, seconds: float) -> Connection:
        """Raises RefusedAddressError, and FetchError where no connection came about in that time."""
        try:
            async with asyncio.timeout(seconds):
                addresses = decide_addresses(target.host, target.port, await self._find(target), self._allow)
                for address in addresses[:-1]:
                    with suppress(OSError):
                        async with asyncio.timeout(seconds / len(addresses)):
                            return await self._dial(address, target)
                return await self._dial(addresses[-1], target)
        except TimeoutError as error:
            raise FetchError(f"no connection within {seconds:g} s") from error
        except OSError as error:
            raise FetchError(f"no connection: {error}"[:ERROR_CHARS]) from error

    async def _dial(self, address: Address, target: Target) -> Connection:
        is_tls = target.scheme == "https"
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection,
            str(address),
            target.port,
            ssl=self._tls if is_tls else None,
            server_hostname=target.host if is_tls else None,
        )
        return connection

    async def _find(self, target: Target) -> list[Address]:
        found = [target.address] if target.address is not None else await self._resolve(target.host)
        if not found:
            raise FetchError(f"the name {target.host} has no address")
        return found

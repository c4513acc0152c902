"""Connecting: the name is resolved here, every address of the answer is decided on, and exactly those are dialled.

Deciding any earlier, or leaving the name to the socket, would let a name change its address in between (rebinding).
TLS and the Host header still use the name, since they take it from the request and not from the connection.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from threading import Thread

import httpcore

from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http.addresses import Address, Network, find_refusal

Resolve = Callable[[str], Awaitable[list[Address]]]
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

DIALLED_ADDRESSES = 4


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


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """The network of the outgoing client's connection pool; sockets of the file system stay out of its reach."""

    def __init__(self, allow: Sequence[Network], resolve: Resolve = resolve_name) -> None:
        self._allow, self._resolve = tuple(allow), resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        dial = partial(self._network.connect_tcp, local_address=local_address, socket_options=socket_options)
        try:
            async with asyncio.timeout(timeout):
                addresses = decide_addresses(host, port, await self._find(host), self._allow)
                for address in addresses[:-1]:
                    with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                        return await dial(str(address), port, timeout and timeout / len(addresses))
                return await dial(str(addresses[-1]), port, timeout)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection within {timeout:g} s") from error

    async def _find(self, host: str) -> list[Address]:
        try:
            return [ip_address(host)]
        except ValueError:
            found = await self._resolve(host)
        if not found:
            raise FetchError(f"the name {host} has no address")
        return found

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

"""The one outgoing client: feeds, pages and webhooks all go through `OutgoingClient.fetch`."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from wirewatch.errors import FetchError
from wirewatch.http.addresses import Network
from wirewatch.http.body import read_body
from wirewatch.http.connect import Dialler, Resolve, resolve_name
from wirewatch.http.headers import complete_headers, decode_headers, encode_headers, without_secrets
from wirewatch.http.pool import Pool, Sent
from wirewatch.http.targets import Target, parse_target
from wirewatch.http.values import Headers, Redirect, Request, Response

MAX_REDIRECTS = 5
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})


class OutgoingClient:
    """Fetches from public addresses, and from the `allow` networks although they are private.

    Reads nothing from the environment, keeps no cookies, follows redirects only where a request's limits allow them and
    decides on each. At most `connections` are in use at a time. Belongs to the event loop it is first used on; close it
    with `async with` or `aclose`.
    """

    def __init__(
        self,
        allow: Sequence[Network] = (),
        *,
        connections: int = 200,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolve_name,
    ) -> None:
        self._pool = Pool(Dialler(allow, resolve, tls or _public_tls()), connections)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        self._pool.close()

    async def fetch(self, request: Request) -> Response:
        """The response, whatever its status.

        Raises RefusedAddressError if the request or a redirect leads where it may not go, FetchError if there was no
        usable answer within the limits.
        """
        limits = request.limits
        try:
            async with asyncio.timeout(limits.total_seconds):
                return await self._follow(request)
        except TimeoutError as error:
            raise FetchError(f"no complete answer within {limits.total_seconds:g} s") from error

    async def _follow(self, request: Request) -> Response:
        target, headers = parse_target(request.url), complete_headers(request)
        followed: tuple[Redirect, ...] = ()
        while True:
            response = await self._exchange(request, target, headers)
            location = _find_next(request, response)
            if location is None:
                return replace(response, redirects=followed)
            if len(followed) >= min(request.limits.redirects, MAX_REDIRECTS):
                raise FetchError(f"redirected more than {len(followed)} times")
            request = replace(request, url=_join(request.url, location))
            followed = (*followed, Redirect(response.status, request.url))
            previous, target = target, parse_target(request.url)
            if target.origin != previous.origin:
                headers = without_secrets(headers)

    async def _exchange(self, request: Request, target: Target, headers: Headers) -> Response:
        async with self._pool.send(_outgoing(request, target, headers)) as answer:
            response = Response(answer.status, request.url, decode_headers(answer.headers), b"")
            if _find_next(request, response) is not None:
                return response
            encoding = response.find_header("content-encoding") or ""
            body, was_cut = await read_body(answer.body, encoding, request.limits)
            return replace(response, body=body, was_cut=was_cut)


def _outgoing(request: Request, target: Target, headers: Headers) -> Sent:
    limits = request.limits
    return Sent(
        method=request.method,
        target=target,
        headers=encode_headers(headers, request, target),
        body=request.body,
        connect_seconds=min(limits.connect_seconds, limits.total_seconds),
    )


def _find_next(request: Request, response: Response) -> str | None:
    """Where this response sends us on, if it does and the request goes along."""
    if not request.limits.redirects or response.status not in REDIRECT_STATUSES:
        return None
    return response.find_header("location") if request.method in {"GET", "HEAD"} else None


def _join(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError as error:
        raise FetchError(f"redirected to something that is no URL: {location[:200]!r}") from error


@cache
def _public_tls() -> ssl.SSLContext:
    """Reading the certificates takes tens of milliseconds, so all clients of a process share them."""
    return httpx.create_ssl_context(trust_env=False)

"""What goes into the outgoing client and what comes out of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch. `total_seconds` covers everything: name, connect, redirects and the whole body.

    `body_bytes` counts the body as decoded; a longer one is an error, or with `cut_body` read no further than that.
    `redirects` is how many are followed (0: the 3xx itself is the response). `before_large` is awaited once, where a
    body turns out to be large, before more of it is read: there waits who bounds how many of them are held at a time.
    """

    total_seconds: float = 30.0
    connect_seconds: float = 10.0
    body_bytes: int = 10 * 1024 * 1024
    redirects: int = 0
    cut_body: bool = False
    before_large: Callable[[], Awaitable[object]] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    url: str
    method: str = "GET"
    headers: Headers = ()
    body: bytes = b""
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop that was followed: `status` is the 3xx, `url` the absolute address it led to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Response:
    """`url` is the address that answered; `body` is decoded; `was_cut` says that more of it was left unread."""

    status: int
    url: str
    headers: Headers
    body: bytes
    was_cut: bool = False
    redirects: tuple[Redirect, ...] = ()

    def find_header(self, name: str) -> str | None:
        """The value of a header, several joined by a comma as RFC 9110 has it; None if it is absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

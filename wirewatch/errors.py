"""The few kinds of error that cross a module's border."""


class WirewatchError(Exception):
    """Root of every error that this project raises on purpose."""


class NotFoundError(WirewatchError):
    """A `get_` found no such thing."""


class ConflictError(WirewatchError):
    """The change contradicts what is stored."""


class InvalidInputError(WirewatchError):
    """Input that cannot be understood or stored. `problems` holds (JSON pointer, what is wrong) pairs."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{pointer}: {detail}" if pointer else detail for pointer, detail in problems))


class QueryError(WirewatchError):
    """A watch query that cannot be run safely or understood.

    `position` is a code-point offset into the query; `hint` says how to mend it.
    """

    def __init__(self, detail: str, position: int = 0, hint: str = "") -> None:
        self.detail, self.position, self.hint = detail, position, hint
        super().__init__(f"{detail} at position {position}" + (f"; {hint}" if hint else ""))


class RefusedAddressError(WirewatchError):
    """The outgoing client may not reach this address."""


class FetchError(WirewatchError):
    """An outgoing request got no usable answer (network, TLS, time, size)."""


class StartError(WirewatchError):
    """The local stack or a service cannot start; the message is one line that says how to mend it."""

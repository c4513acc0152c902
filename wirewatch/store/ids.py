"""Ids are bigint identities in the tables and opaque strings everywhere else."""

import re

from wirewatch.errors import NotFoundError

NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LARGEST = 2**63 - 1


def number_of(opaque_id: str, what: str) -> int:
    """The row's number. Raises NotFoundError for an id that was never given out, so that callers answer 404."""
    if NUMBER.fullmatch(opaque_id) and (number := int(opaque_id)) <= LARGEST:
        return number
    raise NotFoundError(f"no {what} with this id")

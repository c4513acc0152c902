"""Every error that is not a fault of this program is one line on stderr and exit code 1; wrong usage exits 2."""

import errno
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from wirewatch.cli.output import complain
from wirewatch.errors import WirewatchError

FULL = {errno.ENOSPC: "The disk is full", errno.EDQUOT: "The disk quota is used up"}


class OneLineErrors(TyperGroup):
    """The root group: turns errors that were raised on purpose into a line for people."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except WirewatchError as error:
            complain(str(error))
        except ValidationError as error:
            complain(describe_settings_error(error))
        except OSError as error:
            if error.filename is None and error.errno not in FULL:
                raise
            complain(describe_system_error(error))
        raise typer.Exit(1)


def describe_system_error(error: OSError) -> str:
    """What the system says of a file or disk, and where it can be told, how to mend it."""
    if error.errno in FULL:
        return f"{FULL[error.errno]}: {error.filename or error.strerror}; free some space."
    return f"{error.filename}: {error.strerror}"


def describe_settings_error(error: ValidationError) -> str:
    """Settings that cannot be read, by the names of their environment variables."""
    faults = (
        f"WIREWATCH_{str(fault['loc'][0]).upper() if fault['loc'] else ''}: {fault['msg']}" for fault in error.errors()
    )
    return "Wrong settings: " + "; ".join(faults)

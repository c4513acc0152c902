"""Every error that is not a fault of this program is one line on stderr and exit code 1; wrong usage exits 2."""

import errno
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from wirewatch.cli.output import complain
from wirewatch.errors import WirewatchError

SYSTEM_ERRORS = {errno.ENOSPC: "The disk is full", errno.EDQUOT: "The disk quota is used up"}


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
            if error.errno not in SYSTEM_ERRORS:
                raise
            complain(f"{SYSTEM_ERRORS[error.errno]}: {error.filename or error.strerror}; free some space.")
        raise typer.Exit(1)


def describe_settings_error(error: ValidationError) -> str:
    """Settings that cannot be read, by the names of their environment variables."""
    faults = (
        f"WIREWATCH_{str(fault['loc'][0]).upper() if fault['loc'] else ''}: {fault['msg']}" for fault in error.errors()
    )
    return "Wrong settings: " + "; ".join(faults)

"""Rendering in the child: the sandbox keeps templates from Python, the parent from taking too long."""

from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wirewatch.channels.guard import Guard

TITLE_CHARACTERS = 250
BODY_CHARACTERS = 32_000

_environment = ImmutableSandboxedEnvironment(
    undefined=jinja2.ChainableUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
)


def answer(request: dict[str, Any], _: Guard) -> dict[str, Any]:
    """`title`, `body`: templates; `values`: what they may name. -> what they say, or `error` with its `field`."""
    said = {}
    for field, most in (("title", TITLE_CHARACTERS), ("body", BODY_CHARACTERS)):
        try:
            said[field] = _render(request[field], request["values"], most).strip()
        except jinja2.TemplateError as error:
            line = getattr(error, "lineno", None)
            return {"error": f"{error}{f' (line {line})' if line else ''}"[:500], "field": field}
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
            return {"error": f"{type(error).__name__}: {error}"[:500], "field": field}
    # A title is one line everywhere.
    return {"title": " ".join(said["title"].split()), "body": said["body"]}


def _render(template: str, values: dict[str, Any], most: int) -> str:
    parts, length = [], 0
    for part in _environment.from_string(template).generate(values):
        length += len(part)
        if length > most:
            raise ValueError(f"it says more than {most} characters")
        parts.append(part)
    return "".join(parts)

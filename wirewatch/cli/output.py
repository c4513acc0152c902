"""How the CLI writes: tables and lines for people, JSON lines for programs, nothing that could steer a terminal."""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

# Texts come from strangers: an escape sequence in a headline must not reach the terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

console = Console(highlight=False)
error_console = Console(stderr=True, highlight=False)


def plain(value: object) -> str:
    """Any value as text that a terminal only shows."""
    return CONTROL.sub("", "" if value is None else str(value))


def complain(message: str) -> None:
    """One line on stderr."""
    error_console.print(Text("Error: ", style="bold red") + Text(" ".join(plain(message).split())), soft_wrap=True)


def say(message: str, style: str = "") -> None:
    console.print(Text(plain(message), style=style), soft_wrap=True)


def show_lines(lines: Iterable[Text]) -> None:
    """In a terminal what is too long goes on under its own beginning; elsewhere a line stays one."""
    for line in lines:
        indent = len(line.plain) - len(line.plain.lstrip())
        if console.is_terminal and line.plain:
            console.print(Padding(line[indent:], (0, 0, 0, indent), expand=False))
        else:
            console.print(line, soft_wrap=True)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    console.print(table)


def show_items(items: Iterable[dict[str, Any]], columns: dict[str, str], *, as_json: bool) -> None:
    """A table with `columns` (key -> heading), or each item as one line of JSON."""
    if as_json:
        for item in items:
            show_json(item)
        return
    show_table(tuple(columns.values()), ([cell(item.get(key)) for key in columns] for item in items))


def show_json(value: object) -> None:
    """One line of JSON, as stored: for programs, which no escape sequence can steer."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def cell(value: object) -> str:
    """A JSON value as a table cell: lists joined, objects by their name, times without fractions."""
    if isinstance(value, list):
        return ", ".join(cell(part) for part in value)
    if isinstance(value, dict):
        return str(value.get("name") or value.get("id") or msgspec.json.encode(value).decode())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return re.sub(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|\+00:00)$", r"\1Z", plain(value))


def counted(number: int, noun: str) -> str:
    """ "1 story", "2 stories"."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith(("ch", "s", "x")):
        return f"{number} {noun}es"
    return f"{number} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{number} {noun}s"


def minute(time: str | None) -> str:
    """A time as the API gives it, in UTC, for people: "2026-03-03 12:00"."""
    return plain(time)[:16].replace("T", " ")

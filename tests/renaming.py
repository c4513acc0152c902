"""Gives a text another cast: people, countries and weapons under other names, everything else as it was written."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

SECOND_CAST = Path(__file__).parent / "data" / "second_cast.yml"

SOFT_HYPHEN = "\u00ad"
HYPHENS = "-\u2010\u2011"
LONG_NAME = 6
WORD_WITH_UPPER_FORM = 4


@dataclass(frozen=True)
class Cast:
    """`names`: who becomes whom; `entities`: bodies of POST /v1/entities that make the new names known."""

    names: Mapping[str, str]
    entities: tuple[dict[str, Any], ...]


def load_cast(path: Path = SECOND_CAST) -> Cast:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Cast(content["names"], tuple(content["entities"]))


def rename(text: str, cast: Cast) -> str:
    """The text with every name of the cast replaced, the longest first where several begin at one place.

    Possessives and plurals stay ("Russians'" becomes "Veldanians'"), and so do traps: soft hyphens, the kind of hyphen,
    upper case, and words run together with a name of at least six characters ("Shoiguat").
    """
    pattern, names = _compile(tuple(cast.names.items()))
    return pattern.sub(lambda found: _dress(found[0], names[_bare(found[0])]), text)


@lru_cache
def _compile(pairs: tuple[tuple[str, str], ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    names = dict(pairs)
    upper = {name.upper(): new.upper() for name, new in pairs if len(name) >= WORD_WITH_UPPER_FORM}
    names = upper | names
    return re.compile("|".join(map(_pattern, sorted(names, key=len, reverse=True)))), names


def _pattern(name: str) -> str:
    spelled = f"{SOFT_HYPHEN}?".join(f"[{HYPHENS}]" if char == "-" else re.escape(char) for char in name)
    # Words that stand in lower case are no names that could run into their neighbours.
    if len(name) < LONG_NAME or name[0].islower():
        return rf"(?<!\w){spelled}(?=s?(?!\w))" if name[-1].isalnum() else rf"(?<!\w){spelled}"
    return rf"(?<![A-Z0-9]){spelled}(?![A-Z0-9])"


def _bare(found: str) -> str:
    return re.sub(f"[{HYPHENS}]", "-", found.replace(SOFT_HYPHEN, ""))


def _dress(found: str, new: str) -> str:
    for hyphen in HYPHENS[1:]:
        if hyphen in found:
            new = new.replace("-", hyphen)
    if SOFT_HYPHEN not in found:
        return new
    return "".join(_halves(new))


def _halves(new: str) -> Iterator[str]:
    middle = len(new) // 2
    yield from (new[:middle], SOFT_HYPHEN, new[middle:])

"""The built-in knowledge base: entities, topics and generic item words, kept as YAML files that a person can correct.

An entity file names its defaults once (`source`, `type`, and where it holds for all: `category`, `country`) and lists
`entities`; a record may override category, country and source. `source` names the file that was read, with its licence,
or says "common knowledge". Every value is read as text, so that NO stays Norway's code and 1e3 a designation.

Spelling rule for whoever matches these names: case is ignored, except that an alias of at most four letters written
all in upper case (US, UK, ROK, KCNA) matches only where the text writes it all in upper case.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from wirewatch.data.records import EntityFile, Item, ItemFile, TopicFile, read_file
from wirewatch.models import Entity, Topic

__all__ = ["Item", "is_upper_case_only", "load_entities", "load_items", "load_topics"]

ROOT = files(__name__)
UPPER_CASE_ONLY_LETTERS = 4


def is_upper_case_only(alias: str) -> bool:
    """Whether an alias matches only text written in upper case ("US" is no "us"); dots do not count as letters."""
    letters = alias.replace(".", "")
    return len(letters) <= UPPER_CASE_ONLY_LETTERS and letters.isalpha() and letters.isupper()


@cache
def load_entities() -> tuple[Entity, ...]:
    """The built-in entities in file order. Raises InvalidInputError naming the file and field that is wrong."""
    return tuple(entity for path in _yaml_files(ROOT / "entities") for entity in read_file(path, EntityFile).values())


@cache
def load_topics() -> tuple[Topic, ...]:
    """The built-in topics, by file name. Raises InvalidInputError naming the file and field that is wrong."""
    return tuple(read_file(path, TopicFile).value() for path in _yaml_files(ROOT / "topics"))


@cache
def load_items() -> tuple[Item, ...]:
    """The generic item words of claims. Raises InvalidInputError naming the field that is wrong."""
    return tuple(record.value() for record in read_file(ROOT / "items.yml", ItemFile).items)


def _yaml_files(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _yaml_files(entry)
        elif entry.name.endswith(".yml"):
            yield entry
